import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { DebianArchive, type DebianPackage } from './debian-archive.ts'
import type { Kernel } from './kernel.ts'
import { kernelFromTree } from './kernel-tree.ts'
import { runProgram } from './run-program.ts'

/** A meta package such as linux-image-amd64 is empty and depends on the one that holds today's kernel. */
async function resolve(archive: DebianArchive, name: string): Promise<DebianPackage> {
  const found = await archive.describe(name)
  const real = found.depends.find(dependency => /^linux-image-\d/.test(dependency))
  return real === undefined ? found : archive.describe(real)
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** apt writes into the folder while it downloads: the growth of what is there is the progress. */
async function showGrowth(
  folder: string,
  wanted: DebianPackage,
  progress: Progress,
  work: Promise<void>,
): Promise<void> {
  const track = progress.track(`fetching ${wanted.name} ${wanted.version}`, wanted.size)
  let seen = 0
  const look = async () => {
    const names = await readdir(folder, { recursive: true })
    const sizes = await Promise.all(names.map(async name => (await stat(join(folder, name))).size))
    const now = sizes.reduce((sum, size) => sum + size, 0)
    track.advance(now - seen)
    seen = now
  }
  const timer = setInterval(() => void look().catch(() => {}), 200)
  try {
    await work
  } finally {
    clearInterval(timer)
    track.done()
  }
}

/** Fetches, checks and unpacks; `tree` appears only when it is whole. */
async function unpack(
  archive: DebianArchive,
  wanted: DebianPackage,
  tree: string,
  progress: Progress,
): Promise<void> {
  const dpkg = { program: 'dpkg-deb', package: 'dpkg', why: 'unpack the kernel' }
  await ensurePrograms([dpkg], progress)
  await mkdir(join(tree, '..'), { recursive: true })
  const beside = await mkdtemp(`${tree}.`)
  try {
    await showGrowth(beside, wanted, progress, archive.download(wanted, beside))
    const [file] = (await readdir(beside)).filter(name => name.endsWith('.deb'))
    const deb = join(beside, file ?? '')
    if (file === undefined || (await sha256(deb)) !== wanted.sha256) {
      throw new CommandError(
        `${wanted.name}: the digest is not the one in Debian's signed lists`,
        'try again',
      )
    }
    progress.step(`unpacking ${wanted.name}`)
    const outcome = await runProgram('dpkg-deb', ['-x', deb, join(beside, 'tree')])
    if (outcome.status !== 0) {
      throw new CommandError(
        `cannot unpack ${wanted.name}: ${outcome.stderr.trim()}`,
        `make room in ${cacheFolder()}`,
      )
    }
    // Another build may have been quicker: then its tree, which is the same, stays.
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
    throw new CommandError(
      `${name} is not a kernel package of Debian`,
      'kernels are called linux-image-amd64, linux-image-cloud-amd64 or linux-image-VERSION',
    )
  }
  const archive = await DebianArchive.open(progress)
  const wanted = await resolve(archive, name)
  const tree = join(cacheFolder(), 'kernels', wanted.sha256)
  if ((await stat(tree).catch(() => undefined)) === undefined) await unpack(archive, wanted, tree, progress)
  const version = wanted.name.replace(/^linux-image-(unsigned-)?/, '').replace(/-(dbg|unsigned)$/, '')
  return { ...kernelFromTree(tree, version), origin: `Debian ${wanted.name} ${wanted.version}` }
}
