import type { InterfaceDeclaration, JSDoc, PropertySignature, SourceFile } from 'ts-morph'
import { isPartName, type PartName } from '../stages/api/parts.ts'

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
  /** Choices that this image does without, each with its part. */
  otherChoices: { choice: string; part: PartName }[]
  defaultValue: string
  repeats: boolean
  group: string
  description: string
  examples: string[]
  /** The part that it belongs to. */
  part?: PartName
  /** Whether this image does without that part: then it is refused by name. */
  isLeftOut: boolean
}

/** `kernelUrl` becomes `kernel_url`; `nextKernelParamsB64` becomes `next_kernel_params_b64`. */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
}

function tags(docs: JSDoc[], name: string): string[] {
  return docs
    .flatMap(doc => doc.getTags())
    .filter(tag => tag.getTagName() === name)
    .map(tag => tag.getCommentText()?.trim() ?? '')
}

/** `@part PART` is about the parameter, `@part PART CHOICE` about one of its choices. */
function partsOf(docs: JSDoc[]): { part: PartName; choice: string | undefined }[] {
  return tags(docs, 'part').flatMap(text => {
    const [part = '', choice] = text.split(/\s+/)
    // Another name is an error that checkParameters reports.
    return isPartName(part) ? [{ part, choice }] : []
  })
}

function readParameter(property: PropertySignature, without: readonly PartName[]): Parameter {
  const docs = property.getJsDocs()
  const field = property.getName()
  const type = property.getType()
  const literals = type.isUnion() ? type.getUnionTypes().map(member => String(member.getLiteralValue())) : []
  const isFlag = property.getTypeNode()?.getText() === 'Flag'
  const parts = partsOf(docs)
  const part = parts.find(({ choice }) => choice === undefined)?.part
  const otherChoices = parts.flatMap(each =>
    each.choice !== undefined && without.includes(each.part)
      ? [{ choice: each.choice, part: each.part }]
      : [],
  )
  const isThere = (text: string): boolean => !otherChoices.some(({ choice }) => choice === text)
  return {
    field,
    variable: snakeCase(field),
    name: tags(docs, 'name')[0] ?? snakeCase(field),
    aliases: tags(docs, 'alias'),
    type: isFlag ? 'flag' : type.isNumber() ? 'number' : literals.length > 0 ? 'choice' : 'text',
    choices: isFlag ? [] : literals.filter(choice => choice !== '' && isThere(choice)),
    otherChoices,
    // The first that this image can do.
    defaultValue: tags(docs, 'default').find(isThere) ?? '',
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
    ...(part === undefined ? {} : { part }),
    isLeftOut: part !== undefined && without.includes(part),
  }
}

/**
 * The kernel parameters in the order of their declaration.
 * @param without parts of the boot that are left out
 */
export function readParameters(source: SourceFile, without: readonly PartName[] = []): Parameter[] {
  const declaration: InterfaceDeclaration = source.getInterfaceOrThrow('Parameters')
  return declaration.getProperties().map(property => readParameter(property, without))
}
