import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../host/console/command-error.ts'
import type { PartName } from '../stages/api/parts.ts'
import type { ArchiveEntry } from './newc/entry.ts'

/** rootfs-skel/manifest.json; its README says what each part means. */
interface Manifest {
  /** Path to mode, in octal digits. */
  directories: Record<string, string>
  files: Record<string, string>
  /** Files that an image has only with a part of the boot. */
  parts: Record<string, PartName>
  /** Path to target. */
  symlinks: Record<string, string>
  devices: Record<string, { mode: string; major: number; minor: number }>
}

const skeletonFolder = fileURLToPath(new URL('../../rootfs-skel', import.meta.url))
const notPacked = new Set(['README.md', 'manifest.json'])

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .filter(path => !notPacked.has(path))
}

/** The skeleton of the image; a file that only one of folder and manifest has is an error. */
export function skeletonEntries(without: readonly PartName[] = [], folder = skeletonFolder): ArchiveEntry[] {
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  const octal = (mode: string) => Number.parseInt(mode, 8)
  const stray = filesIn(folder).find(path => manifest.files[path] === undefined)
  if (stray !== undefined) {
    throw new CommandError(
      `${join(folder, stray)} is not in the manifest`,
      'name it in manifest.json, or remove it',
    )
  }
  return [
    ...Object.entries(manifest.directories).map(
      ([path, mode]): ArchiveEntry => ({ kind: 'directory', path, mode: octal(mode) }),
    ),
    ...Object.entries(manifest.files)
      .filter(([path]) => !without.some(part => part === manifest.parts[path]))
      .map(
        ([path, mode]): ArchiveEntry => ({
          kind: 'file',
          path,
          mode: octal(mode),
          content: readFileSync(join(folder, path)),
        }),
      ),
    ...Object.entries(manifest.symlinks).map(
      ([path, target]): ArchiveEntry => ({ kind: 'symlink', path, target }),
    ),
    ...Object.entries(manifest.devices).map(
      ([path, { mode, major, minor }]): ArchiveEntry => ({
        kind: 'character-device',
        path,
        mode: octal(mode),
        major,
        minor,
      }),
    ),
  ]
}
