/** Syntax that a stage cannot hold, as people call it, and what to write instead. */
import { type Node, SyntaxKind } from 'ts-morph'

const fourOperations =
  'numbers are added, subtracted, multiplied and divided; text is cut with before() and after()'

const known: Partial<Record<SyntaxKind, [called: string, instead: string]>> = {
  [SyntaxKind.ForStatement]: [
    'a counting loop',
    'walk with for (const x of lines(text)), or count in a while loop',
  ],
  [SyntaxKind.ForInStatement]: [
    'a loop over the keys of an object',
    'walk with for (const x of lines(text))',
  ],
  [SyntaxKind.DoStatement]: ['do … while', 'use while'],
  [SyntaxKind.TryStatement]: ['try', 'ask whether a command succeeds: if (!succeeds(() => mount(…))) { … }'],
  [SyntaxKind.ThrowStatement]: ['throw', 'end the stage with fail(message)'],
  [SyntaxKind.EqualsEqualsToken]: ['==', 'use ==='],
  [SyntaxKind.ExclamationEqualsToken]: ['!=', 'use !=='],
  [SyntaxKind.EnumDeclaration]: ['an enum', 'use texts: const kind = …, and compare them'],
  [SyntaxKind.TypeAliasDeclaration]: [
    'a name for a type',
    'write the type where it is used; a record is an interface',
  ],
  [SyntaxKind.NamespaceImport]: [
    'an import of a whole module under one name',
    'import each name: import { log } from …',
  ],
  [SyntaxKind.ExportDeclaration]: ['export { … }', 'write export before the function or constant itself'],
  [SyntaxKind.DefaultKeyword]: ['export default', 'export it by its name'],
  [SyntaxKind.LabeledStatement]: ['a label', 'make the inner loop a function that returns'],
  [SyntaxKind.EmptyStatement]: ['an empty statement', 'leave it out'],
  [SyntaxKind.SlashEqualsToken]: ['/=', 'use x = Math.trunc(x / 2)'],
  [SyntaxKind.ObjectBindingPattern]: ['taking an object apart', 'give each value its own const'],
  [SyntaxKind.QuestionDotToken]: ['?.', 'a value is never missing: use a dot'],
  [SyntaxKind.NonNullExpression]: ['! behind a value', 'a value is never missing: leave ! out'],
  [SyntaxKind.SatisfiesExpression]: ['satisfies', 'give the value its type where it is made'],
  [SyntaxKind.ElementAccessExpression]: [
    'an index in brackets',
    'walk with for-of, or cut with before() and after()',
  ],
  [SyntaxKind.FunctionExpression]: [
    'a function as a value',
    'declare the function at the top of the module and call it',
  ],
  [SyntaxKind.ClassDeclaration]: ['a class', 'use functions; a record is an interface'],
  [SyntaxKind.RegularExpressionLiteral]: [
    'a regular expression',
    'use startsWith, endsWith, includes, consistsOf, before and after',
  ],
  [SyntaxKind.AwaitExpression]: ['await', 'commands run one after the other, there is nothing to wait for'],
  [SyntaxKind.AnyKeyword]: ['any', 'name the type: string, number, boolean or a record'],
  [SyntaxKind.PostfixUnaryExpression]: ['++ or -- behind a variable', 'use += 1 or -= 1'],
  [SyntaxKind.AsExpression]: ['as', 'give the value its type where it is made'],
  [SyntaxKind.QuestionQuestionToken]: ['??', 'a value is never missing: test for the empty text'],
  [SyntaxKind.NullKeyword]: ['null', 'a value is never missing: use the empty text'],
  [SyntaxKind.DebuggerStatement]: ['debugger', "debug= on the kernel's command line shows every command"],
  [SyntaxKind.WithStatement]: ['with', 'name each value'],
  [SyntaxKind.NewExpression]: ['new', 'use functions; a record is an interface'],
  [SyntaxKind.ThisKeyword]: ['this', 'pass what the function needs'],
  [SyntaxKind.DeleteExpression]: ['delete', 'set the empty text'],
  [SyntaxKind.TypeOfExpression]: ['typeof', 'the type is known when the stage is written'],
  [SyntaxKind.VoidExpression]: ['void', 'call the function as a statement'],
  [SyntaxKind.SpreadAssignment]: ['... in an object', 'name each field'],
  [SyntaxKind.ClassExpression]: ['a class', 'use functions; a record is an interface'],
  [SyntaxKind.ModuleDeclaration]: ['a namespace', 'a module is a file'],
  [SyntaxKind.ImportEqualsDeclaration]: ['import … =', 'import each name: import { log } from …'],
  [SyntaxKind.ExportAssignment]: ['export default', 'export it by its name'],
  [SyntaxKind.TaggedTemplateExpression]: ['a tag before a template', 'write the template alone'],
  [SyntaxKind.BigIntLiteral]: ['a number with n', 'write it without n: integers go up to 2^53'],
  [SyntaxKind.UnionType]: ['a union of types', 'a value is a string or a number'],
  [SyntaxKind.TypeLiteral]: ['a type in braces', 'declare an interface at the top of the module'],
  [SyntaxKind.FunctionType]: ['the type of a function', 'functions are called by their names'],
  [SyntaxKind.CommaToken]: ['a comma between expressions', 'write two statements'],
  [SyntaxKind.AsyncKeyword]: ['async', 'commands run one after the other: leave it out'],
  [SyntaxKind.UndefinedKeyword]: ['undefined', 'a value is never missing: use the empty text'],
  [SyntaxKind.YieldExpression]: ['yield', 'print lines, and walk over them with lines(text)'],
  [SyntaxKind.InKeyword]: ['in', 'compare texts with ==='],
  [SyntaxKind.InstanceOfKeyword]: ['instanceof', 'the type is known when the stage is written'],
  [SyntaxKind.AsteriskAsteriskToken]: ['**', 'multiply with *'],
  [SyntaxKind.Decorator]: ['a decorator', 'call the function'],
  [SyntaxKind.AmpersandToken]: ["'&'", fourOperations],
  [SyntaxKind.BarToken]: ["'|'", fourOperations],
  [SyntaxKind.CaretToken]: ["'^'", fourOperations],
  [SyntaxKind.LessThanLessThanToken]: ["'<<'", fourOperations],
  [SyntaxKind.GreaterThanGreaterThanToken]: ["'>>'", fourOperations],
  [SyntaxKind.GreaterThanGreaterThanGreaterThanToken]: ["'>>>'", fourOperations],
  [SyntaxKind.Block]: ['a block by itself', 'leave the braces out: a function is one scope'],
  [SyntaxKind.ReadonlyKeyword]: [
    'readonly',
    'leave it out: a field is set once, by the function that makes the record',
  ],
  [SyntaxKind.QuestionToken]: ['a field that may be missing', 'a value is never missing: use the empty text'],
  [SyntaxKind.MethodSignature]: ['a method', 'a record holds text and numbers; declare a function beside it'],
}

/** The first words of a piece of a stage, for what has no name here. */
function beginning(node: Node): string {
  const [line = ''] = node.getText().split('\n')
  return `'${line.length > 40 ? `${line.slice(0, 40)} …` : line}'`
}

/** What a piece of syntax is called, and what to write instead. */
export const wordsForSyntax = (node: Node): [called: string, instead: string] =>
  known[node.getKind()] ?? [beginning(node), 'generator/compiler/README.md lists what a stage may hold']
