/** What an image builder wrote, read as it is: each folder in it that holds a kernel is a publication. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { imageFormat } from './file-marks.ts'
import { kindsOf } from './file-roles.ts'

export interface BuiltSet {
  /** Of the publication: the folders' names, with - between them; empty for the folder that was named itself. */
  name: string
  /** Kernel, initrd, image. */
  files: string[]
  /** What lies beside them and is none of these. */
  skipped: string[]
}

type Role = 'kernel' | 'initrd' | 'image'

interface BuiltFile {
  path: string
  role: Role | undefined
}

/** NAME/ARCH, and one more above: OpenCHAMI's image-builder has efi-images/ there. */
const deepest = 4

/** @throws CommandError where it cannot be told what is to boot: it says what to write */
export async function readBuilderFolder(folder: string): Promise<BuiltSet[]> {
  const folders = new Map<string, BuiltFile[]>()
  for (const each of await foldersBelow(folder, 0)) folders.set(relative(folder, each), await filesOf(each))
  const sets: BuiltSet[] = []
  for (const [place, beside] of folders) {
    if (!beside.some(({ role }) => role === 'kernel')) continue
    const files = [...beside, ...imagesElsewhere(place, folders)]
    requireOne(join(folder, place), files)
    sets.push({
      name: imagePlace(place).split(sep).filter(Boolean).join('-'),
      files: files.filter(({ role }) => role !== undefined).map(({ path }) => path),
      skipped: files.filter(({ role }) => role === undefined).map(({ path }) => path),
    })
  }
  if (sets.length === 0) throw noKernel(folder, [...folders.values()].flat())
  return sets
}

/** OpenCHAMI's image-builder puts kernel and initramfs below efi-images/, and the image to the same place without it. */
const imagePlace = (place: string): string => place.replace(/^efi-images(\/|$)/, '')

const imagesElsewhere = (place: string, folders: Map<string, BuiltFile[]>): BuiltFile[] =>
  imagePlace(place) === place
    ? []
    : (folders.get(imagePlace(place)) ?? []).filter(({ role }) => role === 'image')

async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new CommandError(`cannot read ${folder}: ${reasonOf(error)}`, 'name a folder that is there')
  })
  const names = entries
    .filter(entry => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
  // The root of a system, which mkosi leaves as a folder: its /boot is not what is to be published.
  const isRoot = names.includes('usr') && names.includes('etc')
  if (depth === deepest || isRoot) return [folder]
  const below = await Promise.all(names.sort().map(name => foldersBelow(join(folder, name), depth + 1)))
  return [folder, ...below.flat()]
}

async function filesOf(folder: string): Promise<BuiltFile[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const paths: string[] = []
  const seen = new Set<number>()
  // A link beside what it leads to is a second name of it: the first in this order is the file itself.
  for (const { name } of entries.sort((a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()))) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (name.startsWith('.') || !found?.isFile() || found.size === 0 || seen.has(found.ino)) continue
    seen.add(found.ino)
    paths.push(path)
  }
  const kinds = await kindsOf(paths)
  return await Promise.all(
    paths.map(async (path, index) => ({ path, role: await roleOf(path, kinds[index] ?? '') })),
  )
}

async function roleOf(path: string, verdict: string): Promise<Role | undefined> {
  const role = verdict.split(',')[0]
  if (role === 'kernel' || role === 'initrd') return role
  return verdict === 'image, by its content' && (await imageFormat(path)) === undefined ? undefined : 'image'
}

function requireOne(folder: string, files: BuiltFile[]): void {
  for (const role of ['kernel', 'initrd', 'image'] as const) {
    const found = files.filter(file => file.role === role).map(({ path }) => path)
    if (found.length < 2) continue
    const others = files.flatMap(file => (file.role === undefined || file.role === role ? [] : [file.path]))
    const first = role === 'initrd' ? found : found.slice(0, 1)
    throw new CommandError(
      `${folder} holds ${found.length} ${several[role]}: ${found.map(path => basename(path)).join(', ')}`,
      `name the files that belong together${role === 'initrd' ? ', initrds in the order that joins them' : ''}, such as: publish ${[...others, ...first].join(' ')}`,
    )
  }
}

const several = { kernel: 'kernels', initrd: 'initrds', image: 'images' }

function noKernel(folder: string, files: BuiltFile[]): CommandError {
  const found = files.find(({ role }) => role !== undefined)
  return new CommandError(
    `no folder in ${folder} holds a kernel`,
    found === undefined
      ? 'name the folder that the image builder wrote, or the files themselves'
      : `the kernel of ${basename(found.path)} lies elsewhere (Warewulf's in the image's own /boot): publish KERNEL ${join(dirname(found.path), basename(found.path))}`,
  )
}
