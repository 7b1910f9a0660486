/** The build root as a tar file: a Debian of the pinned release with compilers, of just the packages in the lock. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import type { DebianArchive } from '../../debian/archive.ts'
import { sha256File } from '../../debian/download.ts'
import { sourceLine } from '../../debian/mirror.ts'
import { ensurePrograms } from '../../host-packages.ts'
import { isKept, keepDigest } from '../../kept-file.ts'
import type { Progress } from '../../progress.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import type { Lock } from './lock.ts'
import { provideTools } from './sources.ts'

/** What the recipes need on top of Debian's smallest installation. */
const packages = [
  'autoconf',
  'automake',
  'autopoint',
  'bzip2',
  'file',
  'g++',
  'gcc',
  'gettext',
  'libc6-dev',
  'libtool',
  'linux-libc-dev',
  'make',
  'musl-tools',
  'patch',
  'perl',
  'pkgconf',
  'xz-utils',
]

/** Nobody reads manuals in there. */
const leftOut = ['doc', 'info', 'locale', 'man'].map(name => `path-exclude=/usr/share/${name}/*`)

/** Names the build root's content. */
export function buildRootKey({ release, tools }: Lock): string {
  const digests = Object.values(tools).flatMap(({ files }) => files.map(({ sha256 }) => sha256))
  const text = [release, ...digests.sort(), ...leftOut].join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Package and version of everything in dpkg's status file. */
export function installedPackages(status: string): Record<string, string> {
  const entries = status.split('\n\n').flatMap(paragraph => {
    const name = paragraph.match(/^Package: (.+)$/m)?.[1]
    const version = paragraph.match(/^Version: (.+)$/m)?.[1]
    return name === undefined || version === undefined ? [] : [[name, version] as const]
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The tar file in the cache; made from the locked packages when it is not there yet. */
export async function provideRootTar(
  lock: Lock,
  cache: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<string> {
  const tar = join(cache, `${lock.release}-${buildRootKey(lock)}.tar`)
  if (await isKept(tar)) return tar
  if (existsSync(tar)) {
    progress.step('the cache has the build root damaged, or without its digest: it is made again')
    rmSync(tar, { recursive: true, force: true })
  }
  const debs = await provideTools(lock, join(cache, 'packages'), archive, progress)
  const repository = await makeRepository(lock, debs)
  try {
    const line = `deb [trusted=yes] copy:${repository} ./`
    const made = await makeTar(lock.release, Object.keys(lock.tools), line, cache, progress)
    renameSync(made, tar)
    await keepDigest(tar)
  } finally {
    await rm(repository, { recursive: true, force: true })
  }
  return tar
}

/** Makes a build root of what the mirror has today, and nothing of it is kept. @returns its packages and their versions */
export async function newestTools(
  release: string,
  cache: string,
  progress: Progress,
): Promise<Record<string, string>> {
  const line = await sourceLine('deb', release, progress)
  const tar = await makeTar(release, packages, line, cache, progress)
  try {
    const { stdout } = await runCommand('tar', ['-xOf', tar, './var/lib/dpkg/status'])
    return installedPackages(stdout)
  } finally {
    rmSync(tar, { force: true })
  }
}

/**
 * A folder of packages that apt takes for a repository; its digests were checked before. Not in the cache: without root,
 * mmdebstrap is another user, who may not enter a home.
 */
async function makeRepository({ release, tools }: Lock, debs: Map<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-packages-'))
  await chmod(folder, 0o755)
  const entries: string[] = []
  for (const { name, size, sha256 } of Object.values(tools).flatMap(({ files }) => files)) {
    const deb = join(folder, name)
    await copyFile(debs.get(name) ?? '', deb)
    const { stdout } = await runCommand('dpkg-deb', ['--field', deb])
    entries.push(`${stdout.trim()}\nFilename: ./${name}\nSize: ${size}\nSHA256: ${sha256}\n`)
  }
  const index = join(folder, 'Packages')
  await writeFile(index, entries.join('\n'))
  // mmdebstrap takes what is essential from the release that it is asked for.
  const { size } = await stat(index)
  await writeFile(
    join(folder, 'Release'),
    `Codename: ${release}\nSHA256:\n ${await sha256File(index)} ${size} Packages\n`,
  )
  return folder
}

async function makeTar(
  release: string,
  include: string[],
  line: string,
  cache: string,
  progress: Progress,
): Promise<string> {
  await ensurePrograms(
    [
      { program: 'mmdebstrap', package: 'mmdebstrap', why: 'make the build root' },
      // Without root the build root's users are mapped by these.
      ...(process.getuid?.() === 0
        ? []
        : [{ program: 'newuidmap', package: 'uidmap', why: 'build without root' }]),
    ],
    progress,
  )
  progress.step(`making the build root: Debian ${release} with compilers (30 s)`)
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'new-'))
  const words = [
    '--quiet',
    '--variant=minbase',
    `--include=${include.join(',')}`,
    ...leftOut.map(option => `--dpkgopt=${option}`),
    release,
    join(fresh, 'root.tar'),
    line,
  ]
  const { status, output } = await runCommand('mmdebstrap', words)
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    throw new CommandError(
      `the build root could not be made:\n${lastLines(output)}`,
      "see that there is space on the disk and that the machine's apt works, then try again",
    )
  }
  const tar = `${fresh}.tar`
  renameSync(join(fresh, 'root.tar'), tar)
  rmSync(fresh, { recursive: true })
  return tar
}
