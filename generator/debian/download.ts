import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CommandError } from '../command-error.ts'
import type { Progress } from '../progress.ts'
import { lastLines, runCommand } from '../run-command.ts'
import type { ArchiveFile, PackageFile } from './archive.ts'

/** The program that makes downloads: apt's own, so that the machine's proxies and mirrors hold for them too. */
const downloader = '/usr/lib/apt/apt-helper'

/** The sha256 of a file, in hex. */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Whether the file is there, byte for byte. */
export async function holds(path: string, file: PackageFile): Promise<boolean> {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.isFile() === true && found.size === file.size && (await sha256File(path)) === file.sha256
}

/** Fetches a file of the archive; `to` appears only when every byte is there and right. */
export async function download(file: ArchiveFile, to: string, progress: Progress): Promise<void> {
  mkdirSync(dirname(to), { recursive: true })
  const part = `${to}.${process.pid}.part`
  const track = progress.track(`fetching ${file.name}`, file.size)
  let seen = 0
  // apt writes into the file while it downloads: its growth is the progress.
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
  try {
    const { status, output } = await runCommand(downloader, words)
    if (status !== 0 || !(await holds(part, file))) {
      throw new CommandError(
        `${file.name} could not be fetched whole from Debian's mirror:\n${lastLines(output, 4)}`,
        "see that there is space on the disk and that the machine's apt works, then try again",
      )
    }
    renameSync(part, to)
  } finally {
    clearInterval(watch)
    track.done()
    for (const left of [part, `${part}.FAILED`]) rmSync(left, { force: true })
  }
}
