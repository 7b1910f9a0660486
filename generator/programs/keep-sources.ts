import { constants } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { makeFolder, reasonOf } from '../host/files/whole-file.ts'
import { kernelSources, linkedLibraries, newKernelHelp } from './linked-sources.ts'
import { type Lock, readLock } from './lock.ts'
import { binariesCache } from './provide-results.ts'
import {
  lockTimes,
  provideLocked,
  provideSourcePackage,
  requireAll,
  type SourcePackage,
  updateLockHelp,
} from './sources.ts'
import type { LockInUse } from './todays-lock.ts'

const recipesFolder = fileURLToPath(new URL('.', import.meta.url))

/** The kernel that sources are kept of: a package of Debian's, one from elsewhere, or one that was built here. */
interface KernelBuilt {
  origin: string
  inUse?: LockInUse
}

/** Where the kernel's source is. */
function kernelLine(packages: SourcePackage[], { origin, inUse }: KernelBuilt): string {
  if (inUse !== undefined)
    return 'The kernel is built by recipes/recipes/netboot-kernel.sh, with recipes/netboot.config.'
  return packages.some(({ name }) => name === 'linux')
    ? "The kernel is Debian's own build of its source package: debian/ in there is how."
    : `The kernel was taken from ${origin}: its source is to be had where that came from.`
}

function readme(lock: Lock, packages: SourcePackage[], kernel: KernelBuilt): string {
  const named = { ...lock.packages, ...kernel.inUse?.lock.packages }
  const locked = Object.entries(named).map(([name, { version }]) => ({ name, version }))
  const compiler = lock.tools['libstdc++-14-dev']?.version ?? 'unknown'
  return [
    'The complete source of what is in an image of aria2-initrd, as the GNU General Public License asks for.',
    '',
    `sources/  the source packages, byte for byte as Debian ${lock.release} has them`,
    'recipes/  how the programs are built: scripts, patches and configuration; recipes/README.md tells more',
    '',
    ...[...locked, ...packages].map(({ name, version }) => `  ${name} ${version}`),
    '',
    `aria2c also holds the run-time libraries of gcc-14 ${compiler}, whose exception asks for no source.`,
    kernelLine(packages, kernel),
    '',
  ].join('\n')
}

/** Refuses a folder that has something in it, before any work. */
export async function requireNewFolder(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new CommandError(
      `cannot write to ${folder}: ${reasonOf(error)}`,
      'name a new folder with --sources',
    )
  })
  if (found.length === 0) return
  throw new CommandError(
    `the folder ${folder} is not empty`,
    'name a new folder with --sources, so that nothing of yours is lost',
  )
}

/** The path in the cache by file name: of the programs, of the C libraries in them, of the kernel. */
async function provideAll(
  lock: Lock,
  kernel: KernelBuilt,
  progress: Progress,
  options: ArchiveOptions,
): Promise<{ paths: Map<string, string>; text: string }> {
  const cache = join(binariesCache(), 'sources')
  const archive = await DebianArchive.open(lock.release, progress, options)
  const kernelPackages = kernel.inUse === undefined ? await kernelSources(kernel.origin, archive) : []
  const { paths, missing } = await provideLocked(
    Object.entries({ ...lock.packages, ...kernel.inUse?.lock.packages }),
    cache,
    async () => archive,
    'the sources of the programs',
    lockTimes(lock),
  )
  requireAll(missing, 'name a mirror (--mirror URL) or a snapshot archive (--snapshot URL) that has them')
  const libraries = linkedLibraries(lock)
  const packages = [...libraries, ...(kernelPackages ?? [])]
  for (const each of packages) {
    const help = libraries.includes(each) ? updateLockHelp : newKernelHelp
    for (const [name, path] of await provideSourcePackage(each, cache, archive, help)) paths.set(name, path)
  }
  return { paths, text: readme(lock, packages, kernel) }
}

/**
 * Keeps the source files of what is in the image, and the recipes that the programs are built by, in a new folder: as a
 * whole or not at all. What the cache lacks is fetched, and every digest is checked.
 */
export async function keepSources(
  folder: string,
  kernel: KernelBuilt,
  progress: Progress,
  lock: Lock = readLock(),
  options: ArchiveOptions = {},
): Promise<void> {
  await requireNewFolder(folder)
  const { paths, text } = await provideAll(lock, kernel, progress, options)
  progress.step(`keeping the sources in ${folder}`)
  const target = resolve(folder)
  let beside: string | undefined
  try {
    makeFolder(dirname(target))
    beside = await mkdtemp(join(dirname(target), `${basename(target)}.tmp-`))
    const whole = join(beside, 'whole')
    await mkdir(join(whole, 'sources'), { recursive: true })
    for (const [name, path] of paths) {
      await copyFile(path, join(whole, 'sources', name), constants.COPYFILE_FICLONE)
    }
    await cp(recipesFolder, join(whole, 'recipes'), { recursive: true })
    await writeFile(join(whole, 'README'), text)
    await rmdir(target).catch(() => {})
    await rename(whole, target)
  } catch (error) {
    throw new CommandError(
      `cannot write ${folder}: ${reasonOf(error)}`,
      'make room there, or name another folder with --sources',
    )
  } finally {
    if (beside !== undefined) await rm(beside, { recursive: true, force: true })
  }
}
