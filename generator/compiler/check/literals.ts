/** Literals that TypeScript and a shell would read differently, and arguments that must be literals. */

import { type CallExpression, Node, type NumericLiteral, type SourceFile, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAt, diagnosticAtText } from '../places.ts'

function literalText(node: Node | undefined): string | undefined {
  return Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)
    ? node.getLiteralText()
    : undefined
}

/**
 * Outside of ASCII the two would count characters differently (text is bytes), and yash reads no such script in the
 * C locale. Comments go to /init too; the path of an import does not.
 */
function nonAscii(source: SourceFile): Diagnostic[] {
  const paths = source.getImportDeclarations().map(each => each.getModuleSpecifier())
  return [...source.getFullText().matchAll(/[\u0080-\uffff]+/g)]
    .filter(({ index }) => !paths.some(path => path.getStart() <= index && index < path.getEnd()))
    .map(({ index, 0: piece }) =>
      diagnosticAtText(source, index, piece.length, says.characters.notAscii(piece)),
    )
}

/** Comments go to /init, where this one would switch a check of ShellCheck off. */
function directives(source: SourceFile): Diagnostic[] {
  return [...source.getFullText().matchAll(/(?<=(?:\/\/|^\s*\*|\/\*)\s*)shellcheck\s.*/gm)].map(
    ({ index, 0: piece }) => diagnosticAtText(source, index, piece.length, says.directive.comment()),
  )
}

/** What escapes in a literal stand for. */
function characters(node: Node): Diagnostic[] {
  const isPiece = Node.isTemplateHead(node) || Node.isTemplateMiddle(node) || Node.isTemplateTail(node)
  const text = isPiece ? node.getLiteralText() : literalText(node)
  if (text === undefined || Node.isImportDeclaration(node.getParent())) return []
  const inConstant = node.getFirstAncestorByKind(SyntaxKind.FunctionDeclaration) === undefined
  if ((inConstant && !isPiece ? /^[\t\n\v\f\r -~]*$/ : /^[\n -~]*$/).test(text)) return []
  return [diagnosticAt(node, says.characters.invisible())]
}

/** Where a number of seconds may have a fraction, as the packed BusyBox takes it. */
function isSeconds(node: NumericLiteral): boolean {
  const call = node.getParentIfKind(SyntaxKind.CallExpression)
  const takesSeconds = ['sleep', 'nextEvent'].includes(call?.getExpression().getText() ?? '')
  return takesSeconds && /^[0-9]+\.[0-9]{1,3}$/.test(node.getText())
}

function numbers(node: Node): Diagnostic[] {
  if (Node.isNumericLiteral(node) && !Number.isSafeInteger(node.getLiteralValue()) && !isSeconds(node)) {
    return [diagnosticAt(node, says.integer.literal(node.getText()))]
  }
  if (!Node.isBinaryExpression(node)) return []
  const operator = node.getOperatorToken().getKind()
  if (operator !== SyntaxKind.SlashToken && operator !== SyntaxKind.PercentToken) return []
  const divisor = node.getRight()
  if (Node.isNumericLiteral(divisor) && divisor.getLiteralValue() !== 0) return []
  return [diagnosticAt(divisor, says.division.byZero())]
}

/** `0-9a-f.`: ranges and characters that mean the same in a shell's brackets and in TypeScript's. */
function isRanges(text: string): boolean {
  const rest = text.replace(/0-9|a-z|A-Z|a-f|A-F/g, '')
  return text !== '' && /^[A-Za-z0-9_./:,@%+=]*-?$/.test(rest)
}

/** The literal text of a constant of a module. */
function constantText(node: Node | undefined): string | undefined {
  const symbol = Node.isIdentifier(node) ? node.getSymbol() : undefined
  const declaration = (symbol?.getAliasedSymbol() ?? symbol)?.getValueDeclaration()
  if (!Node.isVariableDeclaration(declaration)) return undefined
  const isConstant = declaration.getVariableStatement()?.getParent() === declaration.getSourceFile()
  return isConstant ? literalText(declaration.getInitializer()) : undefined
}

function machineArguments(node: CallExpression): Diagnostic[] {
  const callee = node.getExpression().getText()
  const [, second] = node.getArguments()
  if (second === undefined) return []
  if (callee === 'consistsOf' && !isRanges(literalText(second) ?? '')) {
    return [diagnosticAt(second, says.characters.consistsOf())]
  }
  if (callee === 'beforeAny' && !/^[^\]\\![^-]+$/.test(constantText(second) ?? '')) {
    return [diagnosticAt(second, says.characters.beforeAny())]
  }
  if (
    (callee === 'split' || callee === 'fields') &&
    !/^[!#%&()*+,./:;<=>?@[\]^_{|}~-]$/.test(literalText(second) ?? '')
  ) {
    return [diagnosticAt(second, says.separator.mark(callee))]
  }
  return []
}

/** All of them in a module. */
function checkModule(module: SourceFile): Diagnostic[] {
  const pieces = module
    .getDescendants()
    .flatMap(node => [
      ...characters(node),
      ...numbers(node),
      ...(Node.isCallExpression(node) ? machineArguments(node) : []),
    ])
  return [...nonAscii(module), ...directives(module), ...pieces]
}

export function checkLiterals({ program }: Model): Diagnostic[] {
  const declaring = new Set(program.parameters.map(({ declaration }) => declaration.getSourceFile()))
  const others = [...declaring].filter(source => !program.modules.includes(source))
  return [
    ...program.modules.flatMap(checkModule),
    ...others.flatMap(source => [...nonAscii(source), ...directives(source)]),
  ]
}
