import { createHash } from 'node:crypto'
import { open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Torrent } from './torrent-file.ts'

/** So much is read at a time; others have their turn in between. */
const chunk = 1024 * 1024

/**
 * Changes whenever a file does: size, time of change and place on the disk of each.
 *
 * @throws Error that names the file that is not there, or is not what the torrent says
 */
export async function fingerprint(torrent: Torrent, folder: string): Promise<string> {
  const root = await realpath(folder)
  const marks: string[] = []
  for (const { path, size, padding } of torrent.files) {
    if (padding) continue
    const place = join(folder, path)
    const found = await stat(place).catch(() => undefined)
    if (found === undefined || !found.isFile()) throw new Error(`${path} is not there`)
    if (found.size !== size) throw new Error(`${path} has ${found.size} bytes where the torrent has ${size}`)
    // As over HTTP: a link that leads out of the folder is not followed.
    if (!(await realpath(place)).startsWith(root === sep ? sep : root + sep))
      throw new Error(`${path} leads out of the folder`)
    marks.push(`${found.dev}:${found.ino}:${found.mtimeMs}:${found.ctimeMs}`)
  }
  return marks.join(' ')
}

/** Whether files have their places and times of writing still: a link to one, as publish makes them, changes the rest. */
export const areOnlyLinked = (mark: string, before: string): boolean => written(mark) === written(before)

const written = (mark: string): string => mark.replace(/:[^: ]*(?= |$)/g, '')

/** What is read of padding; others have their turn in between. */
async function zeros(buffer: Buffer, length: number): Promise<number> {
  await nextTurn()
  buffer.fill(0, 0, length)
  return length
}

/**
 * Compares the files with the torrent's pieces.
 *
 * @throws Error that names the first file that differs, or that cannot be read
 */
export async function checkPieces(torrent: Torrent, folder: string, signal: AbortSignal): Promise<void> {
  const { files, pieceLength, pieces, size } = torrent
  const buffer = Buffer.allocUnsafe(chunk)
  let hash = createHash('sha1')
  let done = 0
  for (const { path, size: length, padding } of files) {
    const file = padding ? undefined : await open(join(folder, path), 'r')
    try {
      for (let at = 0; at < length; ) {
        signal.throwIfAborted()
        const wanted = Math.min(chunk, length - at, pieceLength - (done % pieceLength))
        const bytesRead =
          file === undefined
            ? await zeros(buffer, wanted)
            : (await file.read(buffer, 0, wanted, at)).bytesRead
        if (bytesRead === 0) throw new Error(`${path} is shorter than the torrent says`)
        hash.update(buffer.subarray(0, bytesRead))
        at += bytesRead
        done += bytesRead
        if (done % pieceLength !== 0 && done !== size) continue
        const piece = Math.ceil(done / pieceLength) - 1
        if (!hash.digest().equals(pieces.subarray(piece * 20, piece * 20 + 20)))
          throw new Error(`${path} is not what the torrent says (piece ${piece})`)
        hash = createHash('sha1')
      }
    } finally {
      await file?.close()
    }
  }
}
