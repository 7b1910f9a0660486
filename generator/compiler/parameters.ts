import type { InterfaceDeclaration, JSDoc, PropertySignature, SourceFile } from 'ts-morph'

/** One kernel parameter, as `stages/parameters.ts` declares it. */
export interface Parameter {
  /** The field in TypeScript; in snake case it is the shell's variable. */
  field: string
  variable: string
  /** As it is written on the kernel command line. */
  name: string
  aliases: string[]
  type: 'text' | 'number' | 'choice' | 'flag'
  choices: string[]
  defaultValue: string
  repeats: boolean
  group: string
  description: string
  examples: string[]
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

function tags(docs: JSDoc[], name: string): string[] {
  return docs
    .flatMap(doc => doc.getTags())
    .filter(tag => tag.getTagName() === name)
    .map(tag => tag.getCommentText()?.trim() ?? '')
}

function readParameter(property: PropertySignature): Parameter {
  const docs = property.getJsDocs()
  const field = property.getName()
  const type = property.getType()
  const literals = type.isUnion() ? type.getUnionTypes().map(member => String(member.getLiteralValue())) : []
  const isFlag = property.getTypeNode()?.getText() === 'Flag'
  return {
    field,
    variable: snakeCase(field),
    name: tags(docs, 'name')[0] ?? snakeCase(field),
    aliases: tags(docs, 'alias'),
    type: isFlag ? 'flag' : type.isNumber() ? 'number' : literals.length > 0 ? 'choice' : 'text',
    choices: isFlag ? [] : literals.filter(choice => choice !== ''),
    defaultValue: tags(docs, 'default')[0] ?? '',
    repeats: tags(docs, 'repeats').length > 0,
    group: tags(docs, 'group')[0] ?? '',
    description: docs
      .map(doc =>
        doc
          .getDescription()
          .trim()
          .replace(/\s*\n\s*/g, ' '),
      )
      .join(' '),
    examples: tags(docs, 'example'),
  }
}

/** The kernel parameters in the order of their declaration. */
export function readParameters(source: SourceFile): Parameter[] {
  const declaration: InterfaceDeclaration = source.getInterfaceOrThrow('Parameters')
  return declaration.getProperties().map(readParameter)
}
