import { CommandError } from '../../host/console/command-error.ts'
import type { Progress } from '../../host/console/progress.ts'
import type { Device } from '../hardware/device.ts'
import { neededModules } from '../hardware/needed-modules.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type ArchiveEntry, foldersAbove } from '../newc/entry.ts'
import { closureOf } from './closure.ts'
import { modulesAlias, modulesDep } from './dependency-files.ts'
import { FirmwareFolder, firmwareEntries, tellNoFirmware } from './firmware.ts'
import { leftOutFile, leftOutTable } from './left-out.ts'
import { ModuleTree } from './module-tree.ts'
import { type Selection, selectModules } from './selection.ts'

/** What comes with the kernel into the image. */
export interface Drivers {
  /** The modules, with the files that modprobe reads: modules.dep, modules.alias, modules.builtin. */
  modules: ArchiveEntry[]
  /** What `.modinfo` of these modules names, from the folder of firmware. */
  firmware: ArchiveEntry[]
}

/** The folders above the entries that the skeleton does not have, and then the entries. */
function withFolders(entries: ArchiveEntry[], there: string[]): ArchiveEntry[] {
  const folders = new Set(entries.flatMap(({ path }) => foldersAbove(path)))
  for (const path of there) folders.delete(path)
  return [...[...folders].map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 })), ...entries]
}

/** What of the selection the machines need, told on the console with what they will miss. */
async function narrowed(tree: ModuleTree, selection: Selection, hardware: Device[], progress: Progress) {
  const needed = await neededModules(tree, selection, hardware)
  progress.step(`drivers for this hardware: ${needed.drivers.join(', ') || 'all built into the kernel'}`)
  for (const card of needed.withoutDriver)
    progress.step(`no driver among the modules of this kernel for the network card ${card}`)
  return needed
}

/**
 * The kernel's modules and their firmware for the image.
 * @param wanted names of sets and of single modules
 * @param firmware the folder that the kernel would find as /lib/firmware
 * @param kept what the names of modules end in that are packed as they are, for the kernel to decompress
 * @param hardware devices of the machines; where they are given, drivers of others are left out
 */
export async function driverEntries(
  kernel: Kernel,
  wanted: string[],
  firmware: string | undefined,
  progress: Progress,
  kept: string[] = [],
  hardware?: Device[],
): Promise<Drivers> {
  const folder = firmware === undefined ? undefined : new FirmwareFolder(firmware, kernel.version)
  if (wanted.length === 1 && wanted[0] === 'none') return { modules: [], firmware: [] }
  if (kernel.modules === undefined) {
    throw new CommandError(
      `${kernel.origin} has the kernel ${kernel.version} but no lib/modules/${kernel.version}`,
      'name a tree that has both, or take no modules: --modules none',
    )
  }
  const tree = new ModuleTree(kernel.modules, kept)
  const selection = selectModules(tree, wanted, kernel.version)
  const { names, single, alongside } =
    hardware === undefined ? selection : await narrowed(tree, selection, hardware, progress)
  const modules = await closureOf(tree, names)
  const leftOut = await leftOutTable(tree, new Set(modules.map(({ name }) => name)))
  tree.rememberInfo()
  const home = `lib/modules/${kernel.version}`
  const file = (path: string, content: Buffer | string): ArchiveEntry => ({
    kind: 'file',
    path: `${home}/${path}`,
    mode: 0o644,
    content: Buffer.from(content),
  })
  const builtIn = [...tree.builtInPaths].sort().map(path => `${path}\n`)
  const files = [
    ...modules.map(({ path, content }) => file(path, content)),
    file('modules.dep', modulesDep(modules)),
    file('modules.alias', modulesAlias(modules, alongside)),
    file('modules.builtin', builtIn.join('')),
  ]
  if (leftOut !== '')
    files.push({ kind: 'file', path: leftOutFile, mode: 0o644, content: Buffer.from(leftOut) })
  if (folder === undefined) tellNoFirmware(modules, progress)
  const blobs = folder === undefined ? [] : await firmwareEntries(modules, single, folder, progress)
  return {
    modules: withFolders(files, ['lib', 'lib/modules']),
    firmware: withFolders(blobs, ['lib', 'lib/firmware']),
  }
}

/** The modules alone, without firmware. */
export async function moduleEntries(
  kernel: Kernel,
  wanted: string[],
  progress: Progress,
): Promise<ArchiveEntry[]> {
  return (await driverEntries(kernel, wanted, undefined, progress)).modules
}
