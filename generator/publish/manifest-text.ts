/** What a site signs: the files that nodes boot, the next command line, and how long both count. */
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { type RootStart, rootWords } from './published-root.ts'

export interface ManifestFile {
  role: 'kernel' | 'initrd' | 'image'
  /** Relative to the manifest's own folder. */
  name: string
  size: number
  /** Hex. */
  sha256: string
}

export interface Manifest {
  /** Counts up with each publication: nodes refuse what lies below their floor. */
  serial: number
  /** The last second at which it counts. */
  notAfter: Date
  /** Initrds in the order in which they are joined. */
  files: ManifestFile[]
  /** The torrent of all files, where nodes are to share. */
  torrent?: string
  /** How the image is started as the root; undefined: the kernel is, by kexec. */
  rootStart?: RootStart
  nextKernelParams: string
}

/** What the next system gets of a node's own command line as well: none of these runs or fetches anything. */
const harmless = 'console,BOOTIF,ip'

/** As generator/stages/trust/boot-manifest.ts reads it: a word, what it says; one a line. */
export function manifestText(manifest: Manifest): string {
  const { serial, notAfter, files, torrent, rootStart, nextKernelParams } = manifest
  if (/[\n\0]/.test(nextKernelParams)) {
    throw new CommandError('--next-kernel-params: there is a line break in it', 'write it as one line', 2)
  }
  return [
    'aria2-initrd manifest 1',
    `serial ${serial}`,
    `not-after ${notAfter.toISOString().replace(/\.\d+Z$/, 'Z')}`,
    ...files.map(({ role, size, sha256, name }) => `${role} ${size} sha256:${sha256} ${name}`),
    ...(torrent === undefined ? [] : [`torrent ${torrent}`]),
    ...(rootStart === undefined ? [] : rootWords(rootStart).map(([name, value]) => `${name} ${value}`)),
    `inherit ${harmless}`,
    `next_kernel_params ${nextKernelParams}`,
    '',
  ].join('\n')
}

/** The serial number after that of the manifest which is published now; 1 for the first. */
export function nextSerial(path: string): number {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 1
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, 'give the serial number with --serial')
  }
  const serial = /^aria2-initrd manifest 1\nserial (\d{1,9})\n/.exec(text)?.[1]
  if (serial === undefined) {
    throw new CommandError(`${path} is no manifest`, 'move it away, or give the serial number with --serial')
  }
  return Number(serial) + 1
}

/** The last second at which a manifest counts: after so many days, and never after a certificate's end. */
export function endOfManifest(
  days: number | undefined,
  certificates: X509Certificate[],
  now = new Date(),
): Date {
  const ends = certificates.map(({ validTo }) => Date.parse(validTo))
  if (days !== undefined) ends.push(now.getTime() + days * 86_400_000)
  return new Date(Math.min(...ends))
}
