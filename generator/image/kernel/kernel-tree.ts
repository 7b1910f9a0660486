import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import type { Kernel } from './kernel.ts'

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new CommandError(
      `cannot read ${folder}: ${reasonOf(error)}`,
      'run as a user who may read the kernel tree',
    )
  }
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true
const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Distributions differ in where they put things: /usr merged or not, the kernel in /boot or beside its modules. */
function kernelsIn(root: string): Kernel[] {
  const folders = [join(root, 'lib/modules'), join(root, 'usr/lib/modules')]
  const versions = new Set(folders.flatMap(namesIn))
  for (const name of namesIn(join(root, 'boot'))) {
    if (name.startsWith('vmlinuz-')) versions.add(name.slice('vmlinuz-'.length))
  }
  return [...versions].sort().flatMap(version => {
    const modules = folders
      .map(folder => join(folder, version))
      .find(folder => isFolder(join(folder, 'kernel')))
    const candidates = [
      join(root, 'boot', `vmlinuz-${version}`),
      ...folders.map(f => join(f, version, 'vmlinuz')),
    ]
    const vmlinuz = candidates.find(isFile)
    return vmlinuz === undefined ? [] : [{ version, vmlinuz, modules, origin: root }]
  })
}

/** The one kernel in a tree such as `/` of any distribution; with several, the one of that version. */
export function kernelFromTree(root: string, version?: string): Kernel {
  const layout =
    'name a folder that holds boot/vmlinuz-VERSION and lib/modules/VERSION with --kernel-root DIR'
  if (!existsSync(root)) throw new CommandError(`no such kernel tree: ${root}`, layout)
  if (!isFolder(root)) throw new CommandError(`the kernel tree ${root} is not a folder`, layout)
  const all = kernelsIn(root)
  // Without modules it may be another name of the same kernel (boot/vmlinuz-linux), or a rescue kernel: only on request.
  const complete = all.filter(kernel => kernel.modules !== undefined)
  const kernels = version === undefined && complete.length > 0 ? complete : all
  const found = kernels.map(kernel => kernel.version).join(', ')
  if (kernels.length === 0) throw new CommandError(`no kernel in ${root}`, layout)
  if (version === undefined && kernels.length > 1) {
    throw new CommandError(`several kernels in ${root}: ${found}`, 'choose one with --kernel-version VERSION')
  }
  const kernel = version === undefined ? kernels[0] : kernels.find(candidate => candidate.version === version)
  if (kernel === undefined) {
    throw new CommandError(`no kernel ${version} in ${root}`, `choose one that is there: ${found}`)
  }
  if (statSync(kernel.vmlinuz).size === 0) {
    throw new CommandError(`the kernel ${kernel.vmlinuz} is empty`, 'copy or install this kernel again')
  }
  return kernel
}
