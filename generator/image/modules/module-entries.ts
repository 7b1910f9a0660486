import { CommandError } from '../../command-error.ts'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import type { ArchiveEntry } from '../archive/entry.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { closureOf } from './closure.ts'
import { modulesAlias, modulesDep } from './dependency-files.ts'
import { ModuleTree } from './module-tree.ts'
import { selectModules } from './selection.ts'

/**
 * The kernel's modules for the image, with the files that modprobe reads: modules.dep, modules.alias, modules.builtin.
 * Firmware, when it comes, is what `info.firmware` of the same modules names.
 */
export async function moduleEntries(
  kernel: Kernel,
  wanted: string[],
  progress: Progress,
): Promise<ArchiveEntry[]> {
  if (wanted.length === 1 && wanted[0] === 'none') return []
  if (kernel.modules === undefined) {
    throw new CommandError(
      `${kernel.origin} has the kernel ${kernel.version} but no lib/modules/${kernel.version}`,
      'name a tree that has both, or take no modules: --modules none',
    )
  }
  const tree = new ModuleTree(kernel.modules)
  if (tree.usesZstd) {
    await ensurePrograms([{ program: 'zstd', package: 'zstd', why: "read this kernel's modules" }], progress)
  }
  const modules = await closureOf(tree, selectModules(tree, wanted, kernel.version))
  const home = `lib/modules/${kernel.version}`
  const file = (path: string, content: Buffer | string): ArchiveEntry => ({
    kind: 'file',
    path: `${home}/${path}`,
    mode: 0o644,
    content: Buffer.from(content),
  })
  const files = [
    ...modules.map(({ path, content }) => file(path, content)),
    file('modules.dep', modulesDep(modules)),
    file('modules.alias', modulesAlias(modules)),
    file(
      'modules.builtin',
      [...tree.builtInPaths]
        .sort()
        .map(path => `${path}\n`)
        .join(''),
    ),
  ]
  const folders = new Set(files.flatMap(({ path }) => foldersAbove(path)))
  folders.delete('lib')
  folders.delete('lib/modules')
  return [...[...folders].map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 })), ...files]
}

function foldersAbove(path: string): string[] {
  const words = path.split('/').slice(0, -1)
  return words.map((_, index) => words.slice(0, index + 1).join('/'))
}
