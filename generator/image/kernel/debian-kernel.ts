import { lstat, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { type Progress, readableSize } from '../../host/console/progress.ts'
import { type ArchiveFile, DebianArchive, type DebianPackage, poolFolder } from '../../host/debian/archive.ts'
import type { ArchiveOptions } from '../../host/debian/archive-options.ts'
import { findFiles } from '../../host/debian/find-files.ts'
import { ensurePrograms, findProgram } from '../../host/debian/host-packages.ts'
import { NotInCache } from '../../host/debian/not-in-cache.ts'
import { debianRelease } from '../../host/debian/release.ts'
import { cacheFolder } from '../../host/files/cache-folder.ts'
import { requireSpace } from '../../host/files/free-space.ts'
import { keepTree, treeFault } from '../../host/files/kept-tree.ts'
import { lastLines, runCommand } from '../../host/processes/run-command.ts'
import type { Kernel } from './kernel.ts'
import { kernelFromTree } from './kernel-tree.ts'
import { type RememberedKernel, rememberedKernel, rememberKernel } from './remembered-kernel.ts'

const names =
  'kernels are called linux-image-amd64, linux-image-cloud-amd64 or linux-image-VERSION; netboot is the one that is made for stage one'

/** A kernel of Debian's, and the package file that holds it. */
interface DebianKernel {
  kernel: DebianPackage
  file: ArchiveFile
}

/**
 * The kernels that a package name stands for, the newest first: a meta package such as linux-image-amd64 is empty and
 * depends on the one that holds the kernel of its day. The security updates have one and the release an older one.
 */
async function kernelsNamed(archive: DebianArchive, name: string): Promise<DebianKernel[]> {
  const found = await archive.versions(name)
  if (found.length === 0) throw new CommandError(`Debian ${debianRelease} has no package ${name}`, names)
  const kernels: DebianKernel[] = []
  for (const each of found) {
    const real = each.depends.find(dependency => /^linux-image-\d/.test(dependency))
    const kernel = real === undefined ? each : await archive.describe(real)
    const [file] = kernel === undefined ? [] : await archive.files('binary', kernel.name, kernel.version)
    if (kernel !== undefined && file !== undefined) kernels.push({ kernel, file })
  }
  if (kernels.length > 0) return kernels
  throw new CommandError(`Debian's lists name no file for ${name}`, names)
}

/** Fetches, checks and unpacks; `tree` appears only when it is whole, in the place of a damaged one. */
async function unpack({ kernel, file }: DebianKernel, tree: string, archive: DebianArchive): Promise<void> {
  const { progress } = archive
  const dpkg = { program: 'dpkg-deb', package: 'dpkg', why: 'unpack the kernel' }
  await ensurePrograms([dpkg], progress)
  // The package, and what is in it: modules and kernel are compressed in both.
  requireSpace(dirname(tree), 2.5 * file.size, `unpacking ${file.name}`)
  const beside = await mkdtemp(`${tree}.`)
  try {
    const deb = join(beside, 'kernel.deb')
    const times = Object.values(await archive.listDates('binary'))
    const wanted = { ...file, folder: poolFolder(file.url), to: deb }
    const [missing] = await findFiles([wanted], archive, '', times)
    if (missing !== undefined && archive.options.offline) {
      throw new NotInCache([`${file.name} (${readableSize(file.size)}, the kernel)`])
    }
    if (missing !== undefined) {
      throw new CommandError(
        `${kernel.name} ${kernel.version} could not be fetched: ${missing.reason}`,
        "see that the machine's apt works, or name a mirror: --mirror URL",
      )
    }
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

/** Whether a tree is there as it was kept. A damaged one is told, and stays until a whole one takes its place. */
async function isSound(tree: string, progress: Progress, offline = false): Promise<boolean> {
  if ((await lstat(tree).catch(() => undefined)) === undefined) return false
  const fault = treeFault(tree)
  if (fault === undefined) return true
  const cure = offline ? '' : ': it is fetched again'
  progress.step(`the cache has the kernel damaged (${fault})${cure}`)
  return false
}

function kernelIn({ tree, kernel, version }: RememberedKernel): Kernel {
  const release = kernel.replace(/^linux-image-(unsigned-)?/, '').replace(/-(dbg|unsigned)$/, '')
  return { ...kernelFromTree(tree, release), origin: `Debian ${kernel} ${version}` }
}

/** The first of the kernels that is to be had: a mirror's lists may name a file that it does not have yet. */
async function firstOf(
  kernels: DebianKernel[],
  name: string,
  archive: DebianArchive,
): Promise<RememberedKernel> {
  let failure: unknown
  for (const each of kernels) {
    const { kernel, file } = each
    const tree = join(cacheFolder(), 'kernels', file.sha256)
    try {
      const sound = await isSound(tree, archive.progress, archive.options.offline)
      if (!sound) await unpack(each, tree, archive)
    } catch (error) {
      failure ??= error
      if (!(error instanceof CommandError) || archive.options.offline) throw error
      if (each !== kernels.at(-1)) archive.progress.step(`${error.message}; taking the one before it`)
      continue
    }
    const found = { tree, kernel: kernel.name, version: kernel.version }
    // A cache may be read-only: then nothing is remembered.
    await rememberKernel(name, found).catch(() => {})
    return found
  }
  throw failure
}

/** The kernel of a Debian package, or of what a meta package stands for; kept by the digest of the package. */
export async function kernelFromPackage(
  name: string,
  progress: Progress,
  options: ArchiveOptions = {},
): Promise<Kernel> {
  if (!/^linux-image-[a-z0-9+.-]+$/.test(name)) {
    throw new CommandError(`${name} is not a kernel package of Debian`, names)
  }
  const known = options.offline ? rememberedKernel(name) : undefined
  if (known !== undefined) {
    if (await isSound(known.tree, progress, true)) return kernelIn(known)
    throw new NotInCache([`${known.kernel} ${known.version} (the kernel)`])
  }
  if (findProgram('apt-get') === undefined) {
    throw new CommandError(
      'apt-get is not here, so no kernel can be fetched',
      'name a kernel: --kernel-root DIR',
    )
  }
  const archive = await DebianArchive.open(debianRelease, progress, options)
  if (options.offline && !(await archive.hasLists('binary'))) {
    throw new NotInCache([`the package lists of Debian ${debianRelease}, and ${name} (the kernel)`])
  }
  // The lists that named it are those that are here: apt would name it again.
  const since = await archive.freshSince('binary')
  const named = since && !options.offline ? rememberedKernel(name, since) : undefined
  if (named !== undefined && treeFault(named.tree) === undefined) return kernelIn(named)
  const fetched = async () => kernelIn(await firstOf(await kernelsNamed(archive, name), name, archive))
  try {
    return await fetched()
  } catch (error) {
    if (options.offline) throw error
    // A mirror keeps the newest version alone: it may have moved on since the lists were fetched.
    const newer = error instanceof CommandError && (await archive.refresh('binary').catch(() => false))
    if (!newer) throw error
    return fetched()
  }
}
