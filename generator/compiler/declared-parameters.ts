/** The kernel parameters as TypeScript declares them, read from the text alone: types would cost a whole program. */
import type { ts } from 'ts-morph'
import { isPartName, type PartName } from '../stages/api/parts.ts'
import { typescript } from './typescript.ts'

/** One kernel parameter, as a chapter of `stages/parameters` or a site's stage declares it. */
export interface Parameter {
  /** The field in TypeScript; in snake case it is the shell's variable. */
  field: string
  variable: string
  /** As it is written on the kernel command line. */
  name: string
  aliases: string[]
  type: 'text' | 'number' | 'choice' | 'flag'
  choices: string[]
  /** Choices that belong to a part of the boot. */
  choiceParts: { choice: string; part: PartName }[]
  /** Choices that this image does without. */
  otherChoices: { choice: string; part: PartName }[]
  defaultValue: string
  /** Of these the first counts that this image can do. */
  defaults: string[]
  repeats: boolean
  group: string
  description: string
  examples: string[]
  /** The parts of the boot that it belongs to: it is there with any of them. */
  parts: PartName[]
  /** Whether this image does without all of those: then it is refused by name. */
  isLeftOut: boolean
  /**
   * What its text is: addresses with commas between them, which carriers have to know; a digest, which must not pass for none
   * when it is empty.
   */
  holds?: 'addresses' | 'digest'
}

/** Words that JavaScript keeps to itself and shell does not. */
const reservedWords = new Set(
  'class const default delete enum export extends implements import instanceof interface let new null package private protected public static super switch this throw try typeof var void with yield'.split(
    ' ',
  ),
)

/**
 * `kernelUrl` becomes `kernel_url`; `nextKernelParamsB64` becomes `next_kernel_params_b64`. An underscore after a word
 * that JavaScript reserves is not in the name: `interface_` becomes `interface`.
 */
export function snakeCase(name: string): string {
  const plain = name.endsWith('_') && reservedWords.has(name.slice(0, -1)) ? name.slice(0, -1) : name
  return plain.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

/** What the type of a field lets it hold: `Flag` and `Stage` are aliases that parameters.ts declares. */
function kindOf(type: ts.TypeNode | undefined, stages: string[]): Pick<Parameter, 'type' | 'choices'> {
  const { isLiteralTypeNode, isStringLiteral, isTypeReferenceNode, isUnionTypeNode, SyntaxKind } =
    typescript()
  if (type === undefined) return { type: 'text', choices: [] }
  if (type.kind === SyntaxKind.NumberKeyword) return { type: 'number', choices: [] }
  if (isTypeReferenceNode(type)) {
    const name = type.typeName.getText()
    if (name === 'Flag') return { type: 'flag', choices: [] }
    if (name === 'Stage') return { type: 'choice', choices: stages }
    const declared = type
      .getSourceFile()
      .statements.find(each => typescript().isTypeAliasDeclaration(each) && each.name.text === name)
    return kindOf((declared as ts.TypeAliasDeclaration | undefined)?.type, stages)
  }
  const members = isUnionTypeNode(type) ? [...type.types] : [type]
  const literals = members.flatMap(each =>
    isLiteralTypeNode(each) && isStringLiteral(each.literal) ? [each.literal.text] : [],
  )
  if (literals.length !== members.length) return { type: 'text', choices: [] }
  return { type: 'choice', choices: literals.filter(choice => choice !== '') }
}

/** The comments of a declaration. */
const docsOf = (node: ts.Node): ts.JSDoc[] =>
  typescript().getJSDocCommentsAndTags(node).filter(typescript().isJSDoc)

/** The texts of a tag in the comments of a declaration. */
const tagsOf = (node: ts.Node, wanted: string): string[] =>
  docsOf(node)
    .flatMap(doc => [...(doc.tags ?? [])])
    .filter(tag => tag.tagName.text === wanted)
    .map(tag => typescript().getTextOfJSDocComment(tag.comment)?.trim() ?? '')

function readParameter(property: ts.PropertySignature, group: string, stages: string[]): Parameter {
  const { getTextOfJSDocComment } = typescript()
  const tags = (wanted: string): string[] => tagsOf(property, wanted)
  // `@part PART` is about the parameter, `@part PART CHOICE` about a choice. Other names are errors of checkParameters.
  const tagged = tags('part').flatMap(text => {
    const [part = '', choice] = text.split(/\s+/)
    return isPartName(part) ? [{ part, choice }] : []
  })
  const field = property.name.getText()
  const [holds] = tags('holds')
  return {
    field,
    variable: snakeCase(field),
    name: tags('name')[0] ?? snakeCase(field),
    aliases: tags('alias'),
    ...kindOf(property.type, stages),
    choiceParts: tagged.flatMap(each =>
      each.choice === undefined ? [] : [{ choice: each.choice, part: each.part }],
    ),
    otherChoices: [],
    defaultValue: tags('default')[0] ?? '',
    defaults: tags('default'),
    repeats: tags('repeats').length > 0,
    group: tags('group')[0] ?? group,
    description: docsOf(property)
      .map(doc => (getTextOfJSDocComment(doc.comment) ?? '').trim().replace(/\s*\n\s*/g, ' '))
      .join(' '),
    examples: tags('example'),
    parts: tagged.flatMap(({ part, choice }) => (choice === undefined ? [part] : [])),
    isLeftOut: false,
    ...(holds === 'addresses' || holds === 'digest' ? { holds } : {}),
  }
}

/** An interface, by the module that declares it and its name. */
export interface DeclaredIn {
  /** As the import names it. */
  module: string
  name: string
}

/** The interfaces that a table of kernel parameters is put together from: those that it extends, in order. */
export function chaptersOf(table: ts.InterfaceDeclaration): DeclaredIn[] {
  const { isIdentifier, isImportDeclaration, isNamedImports, isStringLiteral } = typescript()
  const imports = table.getSourceFile().statements.filter(isImportDeclaration)
  const moduleOf = (name: string): string | undefined => {
    const from = imports.find(({ importClause }) => {
      const names = importClause?.namedBindings
      return (
        names !== undefined && isNamedImports(names) && names.elements.some(each => each.name.text === name)
      )
    })?.moduleSpecifier
    return from !== undefined && isStringLiteral(from) ? from.text : undefined
  }
  return (table.heritageClauses ?? [])
    .flatMap(({ types }) => types.map(({ expression }) => expression))
    .filter(isIdentifier)
    .flatMap(({ text }) => {
      const module = moduleOf(text)
      return module === undefined ? [] : [{ module, name: text }]
    })
}

/**
 * The kernel parameters of an interface, in the order of their declaration.
 * @param group the group of those that name none, where the interface names none either
 * @param stages what a parameter of the type `Stage` may name
 */
export function parametersOf(
  declaration: ts.InterfaceDeclaration,
  group: string,
  stages: string[],
): Parameter[] {
  const common = tagsOf(declaration, 'group')[0] ?? group
  return declaration.members
    .filter(typescript().isPropertySignature)
    .map(property => readParameter(property, common, stages))
}
