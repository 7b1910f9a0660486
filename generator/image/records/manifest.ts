import { createHash } from 'node:crypto'
import { readLock } from '../../programs/lock.ts'
import type { Departure, LockInUse } from '../../programs/todays-lock.ts'
import type { PartName } from '../../stages/api/parts.ts'
import type { CompressionMethod } from '../compression/method.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type ArchiveEntry, byPath } from '../newc/entry.ts'
import type { Segment } from '../segment.ts'

/** What a finished image is, for the records that lie beside it. */
export interface ImageRecord {
  kernel: Kernel
  /** Where the kernel came from, without a path of this machine. */
  kernelOrigin: string
  vmlinuz: Buffer
  segments: Segment[]
  image: Buffer
  compression: CompressionMethod
  /** The parts of the boot that are in it. */
  parts: PartName[]
  /** What the programs were built from; not known where others made them. */
  inUse: LockInUse | undefined
}

/** One thing in the image, as manifest.json lists it. */
export interface ManifestEntry {
  path: string
  type: ArchiveEntry['kind']
  /** Four octal digits. */
  mode: string
  /** In bytes; of a file alone. */
  size?: number
  /** In hex; of a file alone. */
  sha256?: string
  /** Of a symlink. */
  target?: string
  /** Major and minor number of a device. */
  device?: [number, number]
  /** A package with its version, or what else it was taken from. */
  origin: string
}

export interface Manifest {
  kernel: { file: string; version: string; origin: string; size: number; sha256: string }
  image: { file: string; size: number; sha256: string; compression: string }
  /** The parts of the boot that are in it. */
  parts: PartName[]
  /** Whether all that was built is built of just what the project's lock names: then every machine makes the same. */
  locked: boolean
  /** What the programs, and a kernel that was built with them, are built from: packages and their versions. */
  packages: Record<string, string>
  /** What is not as the lock names it; there where `locked` is false. */
  departures?: Departure[]
  files: ManifestEntry[]
}

export const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')

function details(entry: ArchiveEntry): Partial<ManifestEntry> {
  switch (entry.kind) {
    case 'file':
      return { size: entry.content.length, sha256: sha256Of(entry.content) }
    case 'symlink':
      return { target: entry.target }
    case 'character-device':
      return { device: [entry.major, entry.minor] }
    case 'directory':
      return {}
  }
}

/** Everything in the image, sorted by path; nothing that differs between two machines that build the same. */
export function manifestOf({
  kernel,
  kernelOrigin,
  vmlinuz,
  segments,
  image,
  compression,
  parts,
  inUse = { lock: readLock(), departures: [] },
}: ImageRecord): Manifest {
  const packages = { ...inUse.lock.packages, ...kernel.inUse?.lock.packages }
  const departures = [...inUse.departures, ...(kernel.inUse?.departures ?? [])]
  const files = segments.flatMap(({ entries, origin }) =>
    entries.map(
      (entry): ManifestEntry => ({
        path: entry.path,
        type: entry.kind,
        mode: (entry.kind === 'symlink' ? 0o777 : entry.mode).toString(8).padStart(4, '0'),
        ...details(entry),
        origin: entry.origin ?? origin,
      }),
    ),
  )
  return {
    kernel: {
      file: 'vmlinuz',
      version: kernel.version,
      origin: kernelOrigin,
      size: vmlinuz.length,
      sha256: sha256Of(vmlinuz),
    },
    image: { file: 'initrd.img', size: image.length, sha256: sha256Of(image), compression },
    parts,
    locked: departures.length === 0,
    packages: Object.fromEntries(Object.entries(packages).map(([name, { version }]) => [name, version])),
    ...(departures.length > 0 ? { departures } : {}),
    files: files.sort(byPath),
  }
}
