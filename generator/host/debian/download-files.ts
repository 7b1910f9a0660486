import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CommandError } from '../console/command-error.ts'
import type { Progress } from '../console/progress.ts'
import { lastLines, runCommand } from '../processes/run-command.ts'
import type { ArchiveFile, PackageFile } from './archive.ts'

/** The program that makes downloads: apt's own, so that the machine's proxies and mirrors hold for them too. */
const downloader = '/usr/lib/apt/apt-helper'

/** More connections than this make a mirror no faster, and some mirrors refuse them. */
const connections = 4

/** Milliseconds in which something has to come: apt's own limits know no redirects without end, and no trickle. */
const patience = 60_000

/** Bytes that count as something. */
const worthWaitingFor = 10_000

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

/** A file, an address that may have it, and the path where it is to be. */
export interface Transfer {
  file: ArchiveFile
  to: string
}

/** A transfer that failed, and what apt said of it. */
export interface FailedTransfer extends Transfer {
  reason: string
}

const partOf = ({ to }: Transfer) => `${to}.${process.pid}.part`

/** Shares the transfers out so that all connections end at about the same time. */
function shares(transfers: Transfer[]): Transfer[][] {
  const loads = Array.from({ length: Math.min(connections, transfers.length) }, () => ({
    bytes: 0,
    transfers: [] as Transfer[],
  }))
  for (const transfer of [...transfers].sort((a, b) => b.file.size - a.file.size)) {
    const least = loads.reduce((a, b) => (b.bytes < a.bytes ? b : a))
    least.transfers.push(transfer)
    least.bytes += transfer.file.size
  }
  return loads.map(load => load.transfers)
}

/** What apt said of this address, in one line; else the end of all that it said. */
function reasonFor(output: string, url: string): string {
  const lines = output.split('\n')
  const line = lines.findIndex(one => /^(Err|E):/.test(one) && one.includes(url))
  if (line === -1) return lastLines(output, 4)
  // `Err:1 ADDRESS` has the reason on the lines that are indented below it.
  const more = lines.slice(line + 1).findIndex(one => !/^\s/.test(one))
  const below = lines.slice(line + 1, more === -1 ? undefined : line + 1 + more).map(one => one.trim())
  return (below.length > 0 ? below.join(' ') : (lines[line] ?? '').replace(/^E: /, '')).trim()
}

async function fetchShare(transfers: Transfer[], signal: AbortSignal): Promise<FailedTransfer[]> {
  const words = transfers.flatMap(transfer => [
    transfer.file.url,
    partOf(transfer),
    `SHA256:${transfer.file.sha256}`,
  ])
  const asRoot = process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : []
  const patience = [
    '-o',
    'Acquire::Retries=2',
    '-o',
    'Acquire::http::Timeout=20',
    '-o',
    'Acquire::https::Timeout=20',
  ]
  const { output } = await runCommand(downloader, [...asRoot, ...patience, 'download-file', ...words], {
    signal,
  })
  const failed: FailedTransfer[] = []
  for (const transfer of transfers) {
    const part = partOf(transfer)
    if (await holds(part, transfer.file)) {
      // What is in the way is damaged, whatever it is.
      rmSync(transfer.to, { recursive: true, force: true })
      renameSync(part, transfer.to)
    } else failed.push({ ...transfer, reason: reasonFor(output, transfer.file.url) })
    for (const left of [part, `${part}.FAILED`]) rmSync(left, { force: true })
  }
  return failed
}

/**
 * Fetches files, several at a time; each appears only when every byte of it is there and right.
 * @param label what the one line of progress says
 * @returns those that were not to be had
 */
export async function fetchAll(
  transfers: Transfer[],
  label: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<FailedTransfer[]> {
  if (transfers.length === 0) return []
  for (const { to } of transfers) mkdirSync(dirname(to), { recursive: true })
  const total = transfers.reduce((sum, { file }) => sum + file.size, 0)
  const track = progress.track(label, total)
  let seen = 0
  const stalled = new AbortController()
  let since = Date.now()
  let bytes = 0
  // apt writes into the files while it downloads: their growth is the progress.
  const watch = setInterval(() => {
    const size = transfers.reduce((sum, transfer) => {
      const found = [partOf(transfer), transfer.to].map(path => statSync(path, { throwIfNoEntry: false }))
      return sum + (found.find(each => each !== undefined)?.size ?? 0)
    }, 0)
    track.advance(Math.max(0, size - seen))
    seen = Math.max(seen, size)
    if (seen - bytes >= worthWaitingFor) {
      bytes = seen
      since = Date.now()
    } else if (Date.now() - since > patience) {
      stalled.abort(new Error(`next to nothing came for ${patience / 1000} seconds`))
    }
  }, 200)
  try {
    const both = signal === undefined ? stalled.signal : AbortSignal.any([signal, stalled.signal])
    return (await Promise.all(shares(transfers).map(share => fetchShare(share, both)))).flat()
  } finally {
    clearInterval(watch)
    track.done()
  }
}

/** Fetches a file of the archive; `to` appears only when every byte is there and right. */
export async function download(file: ArchiveFile, to: string, progress: Progress): Promise<void> {
  const [failed] = await fetchAll([{ file, to }], `fetching ${file.name}`, progress)
  if (failed === undefined) return
  throw new CommandError(
    `${file.name} could not be fetched whole from Debian's mirror:\n${failed.reason}`,
    "see that there is space on the disk and that the machine's apt works, then try again",
  )
}
