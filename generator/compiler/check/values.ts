/** What values may be, and what an expression may mention: text, integers, records and this function's word list. */
import { type CallExpression, Node, SyntaxKind, type Type } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import { isNumberType, isTextType, type Model, machineMember, recordFields } from '../model.ts'
import { diagnosticAt } from '../places.ts'

const isScalar = (type: Type): boolean => isTextType(type) || isNumberType(type)
const isRecord = (type: Type): boolean => recordFields(type) !== undefined
const isWordList = (type: Type): boolean => type.isArray() && isScalar(type.getArrayElementTypeOrThrow())

const wrong = (node: Node, type: Type, what: string): Diagnostic => {
  const shown = type.isBoolean() || type.isBooleanLiteral() ? 'boolean' : type.getText(node)
  return diagnosticAt(
    node,
    'type',
    `${what} of type ${shown}`,
    shown === 'boolean'
      ? 'shell has no booleans: ask in the if itself, or keep a text like yes'
      : 'a value is a string, an integer or a record; a word list stays in its function',
  )
}

function types(node: Node): Diagnostic[] {
  if (Node.isVariableDeclaration(node)) {
    const type = node.getType()
    const isLocal = node.getFirstAncestorByKind(SyntaxKind.FunctionDeclaration) !== undefined
    if (isScalar(type) || (isLocal && (isRecord(type) || isWordList(type)))) return []
    return [wrong(node.getNameNode(), type, 'a variable')]
  }
  if (Node.isParameterDeclaration(node)) {
    const type = node.getType()
    return isScalar(type) || isRecord(type) ? [] : [wrong(node.getNameNode(), type, 'a parameter')]
  }
  if (Node.isPropertySignature(node)) {
    return isScalar(node.getType()) ? [] : [wrong(node.getNameNode(), node.getType(), 'a field')]
  }
  if (Node.isFunctionDeclaration(node)) {
    const type = node.getReturnType()
    const isFine = type.isVoid() || type.isNever() || type.isBoolean() || isScalar(type) || isRecord(type)
    return isFine ? [] : [wrong(node.getReturnTypeNode() ?? node, type, 'a result')]
  }
  return []
}

/** What an identifier in an expression refers to must be a variable of the stages. */
function unknownName(node: Node, model: Model): Diagnostic[] {
  if (!Node.isIdentifier(node) || !Node.isExpression(node)) return []
  const parent = node.getParent()
  const isName =
    (Node.isPropertyAccessExpression(parent) && parent.getNameNode() === node) ||
    (Node.isCallExpression(parent) && parent.getExpression() === node) ||
    (Node.isPropertyAssignment(parent) && parent.getNameNode() === node) ||
    Node.isImportSpecifier(parent) ||
    Node.isImportClause(parent) ||
    Node.isTypeReference(parent) ||
    Node.isFunctionDeclaration(parent) ||
    Node.isInterfaceDeclaration(parent) ||
    Node.isJSDocTag(parent) ||
    Node.isPropertySignature(parent) ||
    ((Node.isVariableDeclaration(parent) || Node.isParameterDeclaration(parent)) &&
      parent.getNameNode() === node)
  if (isName) return []
  const isMath =
    node.getText() === 'Math' && Node.isPropertyAccessExpression(parent) && parent.getName() === 'trunc'
  if (isMath) return []
  const symbol = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : node.getSymbol()
  const declaration = (symbol?.getAliasedSymbol() ?? symbol)?.getValueDeclaration()
  const isVariable = Node.isVariableDeclaration(declaration) || Node.isParameterDeclaration(declaration)
  if (isVariable && model.program.modules.includes(declaration.getSourceFile())) return []
  return [
    diagnosticAt(
      node,
      'unknown-name',
      `'${node.getText()}' is no variable of a stage`,
      'a value is a variable, a constant or a field; a function can only be called',
    ),
  ]
}

const textMethods = ['startsWith', 'endsWith', 'includes']

/** What is wrong with a callee: only stage functions, the machine and a few methods are there in /init. */
function unknownCall(node: CallExpression, model: Model): Diagnostic[] {
  const callee = node.getExpression()
  const complain = (message: string, help: string): Diagnostic[] => [
    diagnosticAt(node, 'unknown-call', message, help),
  ]
  const help = 'call ./machine.ts, or a function of a stage'
  if (Node.isIdentifier(callee)) {
    const name = callee.getText()
    if (model.functions.has(name) || machineMember(name) !== undefined) return []
    return complain(`'${name}' does not exist in /init`, help)
  }
  if (!Node.isPropertyAccessExpression(callee)) return complain('a call of something computed', help)
  const receiver = callee.getExpression()
  const method = callee.getName()
  if (callee.getText() === 'Math.trunc') return []
  if (method === 'push' && Node.isIdentifier(receiver) && isWordList(receiver.getType())) return []
  if (textMethods.includes(method) && isTextType(receiver.getType())) {
    return node.getArguments().length === 1
      ? []
      : complain(`${method}() at a position`, 'cut the text first: before(), after(), withoutFirst()')
  }
  return complain(
    `'${method}' does not exist in /init`,
    `of methods there are ${textMethods.join(', ')} and push`,
  )
}

export function checkValues(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const module of model.program.modules) {
    for (const node of module.getDescendants()) {
      found.push(...types(node), ...unknownName(node, model))
      if (Node.isCallExpression(node)) found.push(...unknownCall(node, model))
    }
  }
  return found
}
