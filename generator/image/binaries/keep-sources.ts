import { constants } from 'node:fs'
import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { DebianArchive } from '../../debian/archive.ts'
import type { Progress } from '../../progress.ts'
import { makeFolder, reasonOf } from '../whole-file.ts'
import { type Lock, readLock } from './lock.ts'
import { provideSources } from './sources.ts'

const recipesFolder = fileURLToPath(new URL('.', import.meta.url))

/** Libraries of the build root that the programs hold as well, each by the source package that Debian has it in. */
const linkedFromRoot = { 'libc6-dev': 'glibc', 'musl-dev': 'musl', 'libstdc++-14-dev': 'gcc-14' }

function readme(lock: Lock, kernelOrigin: string): string {
  const [, , kernelVersion] = kernelOrigin.match(/^Debian (\S+) (\S+)$/) ?? []
  const linked = Object.entries(linkedFromRoot).map(
    ([name, source]) => `  ${source}, as ${name} ${lock.tools[name] ?? 'unknown'}`,
  )
  return [
    'The complete source of the programs in an image of aria2-initrd, as the GNU General Public License asks for.',
    '',
    `sources/  what the programs are built from, byte for byte as Debian ${lock.release} has it`,
    'recipes/  how: the scripts, patches and configuration; recipes/README.md tells more',
    '',
    `The C libraries in the programs come from the packages of Debian ${lock.release}:`,
    ...linked,
    'Their sources, with Debian in the sources.list as deb-src: apt-get source NAME=VERSION',
    '',
    kernelVersion === undefined
      ? 'The kernel was not taken from a package of Debian: its source is to be had where it came from.'
      : `The kernel is ${kernelOrigin}; its source: apt-get source linux=${kernelVersion}`,
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

/**
 * Keeps the source files of the programs, and the recipes that they are built by, in a new folder: as a whole or not at
 * all. What the cache lacks is fetched, and every digest is checked.
 */
export async function keepSources(
  folder: string,
  kernelOrigin: string,
  progress: Progress,
  lock: Lock = readLock(),
): Promise<void> {
  await requireNewFolder(folder)
  const paths = await provideSources(
    Object.keys(lock.packages),
    lock,
    join(cacheFolder(), 'binaries/sources'),
    () => DebianArchive.open(lock.release, progress),
    progress,
  )
  progress.step(`keeping the sources of the programs in ${folder}`)
  const target = resolve(folder)
  let beside: string | undefined
  try {
    await makeFolder(dirname(target))
    beside = await mkdtemp(join(dirname(target), `${basename(target)}.tmp-`))
    const whole = join(beside, 'whole')
    await mkdir(join(whole, 'sources'), { recursive: true })
    for (const [name, path] of paths) {
      await copyFile(path, join(whole, 'sources', name), constants.COPYFILE_FICLONE)
    }
    await cp(recipesFolder, join(whole, 'recipes'), { recursive: true })
    await writeFile(join(whole, 'README'), readme(lock, kernelOrigin))
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
