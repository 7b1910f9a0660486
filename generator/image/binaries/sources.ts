import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CommandError } from '../../command-error.ts'
import type { Progress } from '../../progress.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import type { ArchiveFile, DebianArchive } from './debian-archive.ts'
import { type Lock, type LockedFile, lockedPackage } from './lock.ts'

/** How the lock file is brought up to date; part of two messages. */
export const updateLockHelp =
  'node --import tsx generator/image/binaries/update-lock.ts shows what has changed and writes the new lock.json'

/** Programs that make downloads; apt's own, so that the machine's proxies and mirrors hold for them too. */
const downloader = '/usr/lib/apt/apt-helper'

/** The sha256 of a file, in hex. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function holds(path: string, file: LockedFile): Promise<boolean> {
  return existsSync(path) && statSync(path).size === file.size && (await sha256File(path)) === file.sha256
}

/** Where the cache keeps a locked file: by its digest, so that two versions never meet. */
function cached(folder: string, file: LockedFile): string {
  return join(folder, `${file.sha256.slice(0, 16)}-${file.name}`)
}

async function download(file: ArchiveFile, to: string, progress: Progress): Promise<void> {
  const part = `${to}.${process.pid}.part`
  const track = progress.track(`fetching ${file.name}`, file.size)
  let seen = 0
  const watch = setInterval(() => {
    const size = statSync(part, { throwIfNoEntry: false })?.size ?? 0
    track.advance(Math.max(0, size - seen))
    seen = size
  }, 200)
  const words = [
    ...(process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []),
    'download-file',
    file.url,
    part,
    `SHA256:${file.sha256}`,
  ]
  const { status, output } = await runCommand(downloader, words, { env: { ...process.env, LC_ALL: 'C' } })
  clearInterval(watch)
  track.done()
  if (status !== 0 || !(await holds(part, file))) {
    rmSync(part, { force: true })
    rmSync(`${part}.FAILED`, { force: true })
    throw new CommandError(
      `${file.name} could not be fetched whole from Debian's mirror:\n${lastLines(output, 4)}`,
      "see that there is space on the disk and that the machine's apt works, then try again",
    )
  }
  renameSync(part, to)
}

/** The addresses of a package's files; refuses what is not exactly what the lock says. */
async function locate(name: string, lock: Lock, archive: DebianArchive): Promise<ArchiveFile[]> {
  const { version, kind, files } = lockedPackage(lock, name)
  const offered = await archive.files(kind, name, version)
  if (offered.length === 0) {
    const newest = await archive.newestVersion(kind, name)
    throw new CommandError(
      `Debian ${lock.release} has moved on: ${name} ${version} is gone from the mirror, which now has ${newest ?? 'none'}`,
      updateLockHelp,
    )
  }
  return files.map(file => {
    const found = offered.find(candidate => candidate.name === file.name)
    if (found === undefined || found.sha256 !== file.sha256) {
      throw new CommandError(
        `${file.name}: the lock file wants sha256 ${file.sha256}, Debian's signed list says ${found?.sha256 ?? 'nothing'}`,
        `this is not the source that was reviewed: find out why; ${updateLockHelp}`,
      )
    }
    return found
  })
}

/**
 * The locked files of the packages, from the cache or from the mirror.
 * @returns the path in the cache by file name
 */
export async function provideSources(
  names: string[],
  lock: Lock,
  folder: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true })
  const paths = new Map<string, string>()
  for (const name of names) {
    const { files } = lockedPackage(lock, name)
    let located: ArchiveFile[] | undefined
    for (const file of files) {
      const path = cached(folder, file)
      if (!(await holds(path, file))) {
        rmSync(path, { force: true })
        if (located === undefined) {
          const opened = await archive()
          await opened.update(progress)
          located = await locate(name, lock, opened)
        }
        const offered = located.find(candidate => candidate.name === file.name)
        if (offered !== undefined) await download(offered, path, progress)
      }
      paths.set(file.name, path)
    }
  }
  return paths
}
