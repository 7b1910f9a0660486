/** What values may be, and what an expression may mention: text, integers, records and this function's word list. */

import { type CallExpression, Node, SyntaxKind, type Type } from 'ts-morph'
import { type Said, says } from '../diagnostics/catalogue.ts'
import { wordsForName } from '../diagnostics/foreign.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { isNumberType, isTextType, type Model, machineMember, recordFields } from '../model.ts'
import { diagnosticAt } from '../places.ts'

const isScalar = (type: Type): boolean => isTextType(type) || isNumberType(type)
const isRecord = (type: Type): boolean => recordFields(type) !== undefined
const isWordList = (type: Type): boolean => type.isArray() && isScalar(type.getArrayElementTypeOrThrow())

const wrong = (node: Node, type: Type, what: string): Diagnostic => {
  const isBoolean = type.isBoolean() || type.isBooleanLiteral()
  return diagnosticAt(node, isBoolean ? says.type.boolean(what) : says.type.other(what, type.getText(node)))
}

function types(node: Node): Diagnostic[] {
  if (Node.isVariableDeclaration(node) && Node.isArrayBindingPattern(node.getNameNode())) return []
  if (Node.isVariableDeclaration(node) || Node.isBindingElement(node)) {
    const type = node.getType()
    // TypeScript has said why it does not know.
    if (Node.isVariableDeclaration(node) && node.getTypeNode() === undefined && type.isAny()) return []
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
    Node.isExpressionWithTypeArguments(parent) ||
    Node.isPropertySignature(parent) ||
    ((Node.isVariableDeclaration(parent) ||
      Node.isParameterDeclaration(parent) ||
      Node.isBindingElement(parent)) &&
      parent.getNameNode() === node)
  if (isName) return []
  const isMath =
    node.getText() === 'Math' && Node.isPropertyAccessExpression(parent) && parent.getName() === 'trunc'
  if (isMath) return []
  const symbol = Node.isShorthandPropertyAssignment(parent) ? parent.getValueSymbol() : node.getSymbol()
  const declaration = (symbol?.getAliasedSymbol() ?? symbol)?.getValueDeclaration()
  const isVariable =
    Node.isVariableDeclaration(declaration) ||
    Node.isParameterDeclaration(declaration) ||
    Node.isBindingElement(declaration)
  if (isVariable && model.program.modules.includes(declaration.getSourceFile())) return []
  return [diagnosticAt(node, says['unknown-name'].other(node.getText()))]
}

const textMethods = ['startsWith', 'endsWith', 'includes']

/** What is wrong with a callee: only stage functions, the machine and a few methods are there in /init. */
function unknownCall(node: CallExpression, model: Model): Diagnostic[] {
  const callee = node.getExpression()
  const complain = (said: Said): Diagnostic[] => [diagnosticAt(node, said)]
  if (Node.isIdentifier(callee)) {
    const name = callee.getText()
    if (model.functions.has(name) || machineMember(name) !== undefined) return []
    return complain(wordsForName(name) ?? says['unknown-call'].function(name))
  }
  if (!Node.isPropertyAccessExpression(callee)) return complain(says['unknown-call'].computed())
  const receiver = callee.getExpression()
  const method = callee.getName()
  if (callee.getText() === 'Math.trunc') return []
  if (method === 'push' && Node.isIdentifier(receiver) && isWordList(receiver.getType())) return []
  if (textMethods.includes(method) && isTextType(receiver.getType())) {
    return node.getArguments().length === 1 ? [] : complain(says['unknown-call'].position(method))
  }
  return complain(
    wordsForName(receiver.getText()) ?? says['unknown-call'].method(method, textMethods.join(', ')),
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
