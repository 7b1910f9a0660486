/** The kernel command line of the first stage: what to fetch, digests, and what the next kernel is told. */
import type { PublishedFile } from './check-options.ts'
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

/** Names of torrents of single files, by role: these stay the same when a kernel's version changes. */
export function roleNames(roles: FileRoles): Map<PublishedFile, string> {
  const numbered = (files: PublishedFile[], role: string) =>
    files.map((file, index) => [file, files.length > 1 ? `${role}${index + 1}` : role] as const)
  return new Map([
    [roles.kernel, 'kernel'] as const,
    ...numbered(roles.initrds, 'ramdisk'),
    ...numbered(roles.images, 'image'),
  ])
}

/**
 * All files by one address where /init finds the roles by itself. It joins initrds by name, so another order takes an
 * address for each of them.
 */
function addresses({ baseUrl, name, roles, isSwarm }: LineParts): string[] {
  if (roles.isOrderOfNames) return [`url=${baseUrl}/${name}.${isSwarm ? 'torrent' : 'meta4'}`]
  const names = roleNames(roles)
  const addressOf = (file: PublishedFile) =>
    isSwarm ? `${baseUrl}/${name}.${names.get(file)}.torrent` : `${baseUrl}/${name}/${file.name}`
  return [
    ...(roles.images.length === 0 ? [] : [`url=${roles.images.map(addressOf).join(',')}`]),
    `kernel_url=${addressOf(roles.kernel)}`,
    ...roles.initrds.map(file => `initrd_url=${addressOf(file)}`),
  ]
}

/** The kernel knows no escape for a double quote, so a text that has one travels as base64url. */
function nextParameters(text: string): string {
  if (/["\n]/.test(text)) return `next_kernel_params_b64=${Buffer.from(text).toString('base64url')}`
  return `next_kernel_params="${text}"`
}

export function stageOneLine(parts: LineParts): string {
  const { append, roles, sha256, nextKernelParams } = parts
  return [
    ...(append === undefined || append === '' ? [] : [append]),
    ...addresses(parts),
    `kernel_sha=${sha256.get(roles.kernel.name)}`,
    ...roles.initrds.map(file => `initrd_sha=${sha256.get(file.name)}`),
    ...(nextKernelParams === undefined || nextKernelParams === '' ? [] : [nextParameters(nextKernelParams)]),
  ].join(' ')
}
