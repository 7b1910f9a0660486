import { lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { type ArchiveFile, DebianArchive, type DebianPackage } from '../../debian/archive.ts'
import { download } from '../../debian/download.ts'
import { requireSpace } from '../../debian/free-space.ts'
import { debianRelease } from '../../debian/release.ts'
import { ensurePrograms, findProgram } from '../../host-packages.ts'
import { keepTree, treeFault } from '../../kept-tree.ts'
import type { Progress } from '../../progress.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import type { Kernel } from './kernel.ts'
import { kernelFromTree } from './kernel-tree.ts'

const names = 'kernels are called linux-image-amd64, linux-image-cloud-amd64 or linux-image-VERSION'

async function describe(archive: DebianArchive, name: string): Promise<DebianPackage> {
  const found = await archive.describe(name)
  if (found === undefined) throw new CommandError(`Debian ${debianRelease} has no package ${name}`, names)
  return found
}

/** A meta package such as linux-image-amd64 is empty and depends on the one that holds today's kernel. */
async function resolve(
  archive: DebianArchive,
  name: string,
): Promise<{ kernel: DebianPackage; file: ArchiveFile }> {
  const found = await describe(archive, name)
  const real = found.depends.find(dependency => /^linux-image-\d/.test(dependency))
  const kernel = real === undefined ? found : await describe(archive, real)
  const [file] = await archive.files('binary', kernel.name, kernel.version)
  if (file === undefined) {
    throw new CommandError(`Debian's lists name no file for ${kernel.name} ${kernel.version}`, names)
  }
  return { kernel, file }
}

/** Fetches, checks and unpacks; `tree` appears only when it is whole, in the place of a damaged one. */
async function unpack(file: ArchiveFile, tree: string, progress: Progress): Promise<void> {
  const dpkg = { program: 'dpkg-deb', package: 'dpkg', why: 'unpack the kernel' }
  await ensurePrograms([dpkg], progress)
  // The package, and what is in it: modules and kernel are compressed in both.
  requireSpace(dirname(tree), 2.5 * file.size, `unpacking ${file.name}`)
  const beside = await mkdtemp(`${tree}.`)
  try {
    const deb = join(beside, 'kernel.deb')
    await download(file, deb, progress)
    progress.step(`unpacking ${file.name}`)
    const { status, output } = await runCommand('dpkg-deb', ['-x', deb, join(beside, 'tree')])
    if (status !== 0) {
      throw new CommandError(
        `cannot unpack ${file.name}: ${lastLines(output)}`,
        `make room in ${cacheFolder()}`,
      )
    }
    keepTree(join(beside, 'tree'))
    // What is in the way is damaged, or another build was quicker: then its tree is the same.
    await rename(tree, join(beside, 'before')).catch(error => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(join(beside, 'tree'), tree).catch(error => {
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    })
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** The kernel of a Debian package, or of what a meta package stands for; kept by the digest of the package. */
export async function kernelFromPackage(name: string, progress: Progress): Promise<Kernel> {
  if (!/^linux-image-[a-z0-9+.-]+$/.test(name)) {
    throw new CommandError(`${name} is not a kernel package of Debian`, names)
  }
  if (findProgram('apt-get') === undefined) {
    throw new CommandError(
      'apt-get is not here, so no kernel can be fetched',
      'name a kernel: --kernel-root DIR',
    )
  }
  const archive = await DebianArchive.open(debianRelease, progress)
  const fetched = async () => {
    const { kernel, file } = await resolve(archive, name)
    const tree = join(cacheFolder(), 'kernels', file.sha256)
    if ((await lstat(tree).catch(() => undefined)) === undefined) await unpack(file, tree, progress)
    else {
      const fault = treeFault(tree)
      if (fault !== undefined) {
        progress.step(`the cache has the kernel damaged (${fault}): it is fetched again`)
        await unpack(file, tree, progress)
      }
    }
    const version = kernel.name.replace(/^linux-image-(unsigned-)?/, '').replace(/-(dbg|unsigned)$/, '')
    return { ...kernelFromTree(tree, version), origin: `Debian ${kernel.name} ${kernel.version}` }
  }
  try {
    return await fetched()
  } catch (error) {
    // A mirror keeps the newest version alone: it may have moved on since the lists were fetched.
    const newer = error instanceof CommandError && (await archive.refresh('binary').catch(() => false))
    if (!newer) throw error
    return fetched()
  }
}
