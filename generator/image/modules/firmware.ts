import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import type { Progress } from '../../host/console/progress.ts'
import { namesIn } from '../../host/files/folder-names.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import type { ArchiveEntry } from '../newc/entry.ts'
import type { Module } from './module-tree.ts'

/** Modules that do nothing without firmware from a file; the data file says how that was told. */
export const needFirmware: ReadonlySet<string> = new Set(
  JSON.parse(readFileSync(new URL('./firmware-needed.json', import.meta.url), 'utf8')).modules,
)

/** The kernel takes the plain file first, then the compressed ones; it decompresses them itself. */
const suffixes = ['', '.zst', '.xz']

/** What a pattern such as `brcm/*.bin` means, one name of a path at a time. */
function matcher(word: string): RegExp {
  const source = word
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}

/** Paths below a folder, relative to it, that a firmware's name or pattern means; files only. */
function filesNamed(folder: string, name: string): string[] {
  const words = name.split('/')
  // A name is data from the module: it must not lead out of the folder.
  if (words.some(word => word === '' || word === '.' || word === '..')) return []
  let found = ['']
  for (const word of words) {
    found = found.flatMap(path => {
      const names = /[*?]/.test(word)
        ? namesIn(join(folder, path))
            .filter(each => matcher(word).test(each))
            .sort()
        : [word]
      return names.map(each => (path === '' ? each : `${path}/${each}`))
    })
  }
  return found.filter(path => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true)
}

/** A folder of firmware, searched as the kernel searches /lib/firmware: what a site put into updates/ wins. */
export class FirmwareFolder {
  readonly #folders: string[]

  constructor(
    readonly root: string,
    kernelVersion: string,
  ) {
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new CommandError(
        `no such folder of firmware: ${root}`,
        'name the folder that holds what the kernel finds in /lib/firmware, with --firmware DIR',
      )
    }
    this.#folders = [`updates/${kernelVersion}`, 'updates', kernelVersion, ''].map(name => join(root, name))
  }

  /** Path in the image's lib/firmware to the file here; empty when there is none. */
  find(name: string): Map<string, string> {
    for (const suffix of suffixes) {
      for (const folder of this.#folders) {
        const found = filesNamed(folder, name + suffix)
        if (found.length > 0) return new Map(found.map(path => [path, join(folder, path)]))
      }
    }
    return new Map()
  }
}

/** Says which cards will not work in an image without firmware. */
export function tellNoFirmware(modules: Module[], progress: Progress): void {
  const dumb = modules.filter(({ name }) => needFirmware.has(name)).map(({ name }) => name)
  if (dumb.length > 0)
    progress.step(`no firmware is packed; of no use without: ${dumb.join(', ')} (--firmware DIR)`)
}

/**
 * The firmware that the modules name, as it lies in the folder, compressed or not. What is missing is told in one line for
 * each module: most drivers name files for cards and versions that a site does not have. It is an error for a module that
 * was asked for by its own name, needs firmware, and would get none.
 */
export async function firmwareEntries(
  modules: Module[],
  single: ReadonlySet<string>,
  folder: FirmwareFolder,
  progress: Progress,
): Promise<ArchiveEntry[]> {
  const files = new Map<string, string>()
  for (const { name, info } of modules) {
    const found = info.firmware.map(wanted => ({ wanted, paths: folder.find(wanted) }))
    for (const { paths } of found) for (const [path, source] of paths) files.set(path, source)
    const missing = found.filter(({ paths }) => paths.size === 0).map(({ wanted }) => wanted)
    if (missing.length === 0) continue
    const line = `${folder.root} lacks firmware that the module ${name} may ask for: ${missing.join(', ')}`
    if (missing.length === found.length && needFirmware.has(name) && single.has(name)) {
      throw new CommandError(
        line.replace('may ask for', 'cannot do without'),
        "install the distribution's package with it, such as linux-firmware or firmware-misc-nonfree",
      )
    }
    progress.step(line)
  }
  const entries = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(async ([path, source]) => {
      const content = await readFile(source).catch(error => {
        throw new CommandError(`cannot read ${source}: ${reasonOf(error)}`, 'see that it may be read')
      })
      return { kind: 'file', path: `lib/firmware/${path}`, mode: 0o644, content } satisfies ArchiveEntry
    })
  return Promise.all(entries)
}
