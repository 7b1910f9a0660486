/** The kernel command line of the first stage: what to fetch, digests, and what the next kernel is told. */

import { wanted } from '../compiler/parameter-values.ts'
import { CommandError } from '../host/console/command-error.ts'
import { asBytes, cut } from '../kernel-command-line/cut.ts'
import { tooManyHandedOn } from '../kernel-command-line/handed-on.ts'
import { declaredParameters } from '../simulator/boot-program.ts'
import type { PartName } from '../stages/api/parts.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'
import type { FileRoles } from './file-roles.ts'
import type { PublishedFile } from './published-file.ts'
import { type RootStart, rootWords } from './published-root.ts'

export interface LineParts {
  /** Parameters of the site's own for the first stage, such as `console=ttyS0 ip=dhcp`. */
  append?: string
  /** Where the folder is shown, without a slash at its end. */
  baseUrl: string
  name: string
  /** The folder of the files. */
  generation: string
  roles: FileRoles
  /** By published name, hex. */
  sha256: Map<string, string>
  nextKernelParams?: string
  /** The one image is the root of the first stage's own kernel. */
  rootStart?: RootStart
  /** The nodes share what they fetch. */
  isSwarm: boolean
  /** A signed manifest says all that follows the site's own parameters. */
  isSigned?: boolean
  /** Parts that the first stage does without. */
  without?: readonly PartName[]
}

/**
 * One address for all files: /init finds the roles by itself. No file's name is in it, so none can be mangled. A first stage
 * that takes no such list is told each file.
 */
function address({ baseUrl, name, generation, isSwarm, roles, without = [] }: LineParts): string {
  const list = isSwarm ? `${generation}.torrent` : `${generation}/${name}.meta4`
  const takesList = !without.includes(isSwarm ? 'bittorrent' : 'metalink') && !without.includes('file-roles')
  if (takesList) return `url=${baseUrl}/${list}`
  const addressOf = (file: PublishedFile): string => `${baseUrl}/${generation}/${file.name}`
  const kernels = roles.kernel === undefined ? [] : [roles.kernel]
  // Images go by url= alone: where that is not in the image, checkParts says so.
  if (!without.includes('file-roles') || roles.kernel === undefined || roles.images.length > 0)
    return `url=${[...kernels, ...roles.initrds, ...roles.images].map(addressOf).join(',')}`
  return [
    ...kernels.map(file => `kernel_url=${addressOf(file)}`),
    ...roles.initrds.map(file => `initrd_url=${addressOf(file)}`),
  ].join(' ')
}

/**
 * Refuses a line that asks for what is not in its image.
 * @throws CommandError that names the part
 */
export async function checkParts(line: string, without: readonly PartName[]): Promise<void> {
  if (without.length === 0) return
  const { examine } = await import('../kernel-command-line/examine.ts')
  const missing = examine(line, 2048, without).findings.find(({ text }) => text.includes(notInImage))
  if (missing === undefined) return
  throw new CommandError(
    `the first stage's command line cannot be used: ${missing.text.replace(/^the boot fails: /, '')}`,
    'build the first stage with that part, or leave it out of --append',
  )
}

/** What /init says of each part. */
const notInImage = wanted.part('')

/**
 * The kernel knows no escape for a double quote, so a text that has one travels as base64url; and so does what is not
 * ASCII, since boot loaders do not agree on what that is.
 */
function nextParameters(text: string): string {
  if (!/^[ !#-~]*$/.test(text)) return `next_kernel_params_b64=${Buffer.from(text).toString('base64url')}`
  return `next_kernel_params="${text}"`
}

/** What publish puts on the line itself, or what means the same. */
const ownFields: ReadonlySet<string> = new Set<keyof Parameters>([
  'urls',
  'kernelUrl',
  'initrdUrl',
  'kernelSha',
  'initrdSha',
  'nextKernelParams',
  'nextKernelParamsB64',
  'manifest',
  'bootWay',
  'overlay',
  'rootHash',
])

const isOwn = (name: string): boolean =>
  declaredParameters().some(
    ({ field, name: known, aliases }) => ownFields.has(field) && [known, ...aliases].includes(name),
  )

/** Refuses parameters that would swallow, hide or contradict those that follow them. */
export function checkAppend(append: string): void {
  const refuse = (why: string) =>
    new CommandError(`--append ${append}: ${why}`, 'give parameters such as "console=ttyS0 ip=dhcp"', 2)
  const { parameters, tail } = cut(asBytes(`${append} next=here`))
  const last = parameters.at(-1)
  if (tail.length > 0) throw refuse('after a bare -- the kernel takes nothing for a parameter')
  if (last?.name !== 'next' || last.value !== 'here') throw refuse('its quotes do not end')
  if (/\p{Cc}/u.test(append)) throw refuse('there is a control character in it')
  const own = parameters.find(({ name }) => isOwn(name))
  if (own !== undefined) throw refuse(`publish sets ${own.name} itself`)
}

/** What boot loaders add. */
const addedName = 'BOOTIF=01-52-54-00-be-ef-01'

/** @throws CommandError where the kernel would panic on the line */
export function stageOneLine(parts: LineParts): string {
  const line = lineOf(parts)
  const fault = tooManyHandedOn(cut(asBytes(`${line} ${addedName}`)))
  if (fault !== undefined) {
    throw new CommandError(
      `the first stage's command line cannot be used: ${fault}`,
      'give fewer in --append; what is for the published kernel belongs in --next-kernel-params',
    )
  }
  return line
}

function lineOf(parts: LineParts): string {
  const { append, roles, sha256, rootStart, nextKernelParams, baseUrl, name } = parts
  const own = append === undefined || append === '' ? [] : [append]
  if (parts.isSigned) return [...own, `manifest=${baseUrl}/${name}.manifest`].join(' ')
  return [
    ...own,
    address(parts),
    ...(rootStart === undefined ? [] : rootWords(rootStart).map(([name, value]) => `${name}=${value}`)),
    // A root hash proves all of the root; without one there is one file.
    ...(rootStart !== undefined && rootStart.roothash === undefined
      ? roles.images.map(file => `sha=${sha256.get(file.name)}`)
      : []),
    ...(roles.kernel === undefined ? [] : [`kernel_sha=${sha256.get(roles.kernel.name)}`]),
    ...roles.initrds.map(file => `initrd_sha=${sha256.get(file.name)}`),
    ...(nextKernelParams === undefined || nextKernelParams === '' ? [] : [nextParameters(nextKernelParams)]),
  ].join(' ')
}
