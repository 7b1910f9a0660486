/** The kernel command line of the first stage: what to fetch, digests, and what the next kernel is told. */
import type { FileRoles } from './file-roles.ts'

export interface LineParts {
  /** Parameters of the site's own for the first stage, such as `console=ttyS0 ip=dhcp`. */
  append?: string
  /** Where the folder is shown, without a slash at its end. */
  baseUrl: string
  name: string
  roles: FileRoles
  /** By published name, hex. */
  sha256: Map<string, string>
  nextKernelParams?: string
  /** The nodes share what they fetch. */
  isSwarm: boolean
}

/** One address for all files: /init finds the roles by itself. No file's name is in it, so none can be mangled. */
const address = ({ baseUrl, name, isSwarm }: LineParts): string =>
  `url=${baseUrl}/${name}.${isSwarm ? 'torrent' : 'meta4'}`

/** The kernel knows no escape for a double quote, so a text that has one travels as base64url. */
function nextParameters(text: string): string {
  if (/["\n]/.test(text)) return `next_kernel_params_b64=${Buffer.from(text).toString('base64url')}`
  return `next_kernel_params="${text}"`
}

export function stageOneLine(parts: LineParts): string {
  const { append, roles, sha256, nextKernelParams } = parts
  return [
    ...(append === undefined || append === '' ? [] : [append]),
    address(parts),
    `kernel_sha=${sha256.get(roles.kernel.name)}`,
    ...roles.initrds.map(file => `initrd_sha=${sha256.get(file.name)}`),
    ...(nextKernelParams === undefined || nextKernelParams === '' ? [] : [nextParameters(nextKernelParams)]),
  ].join(' ')
}
