/** The pieces of a torrent of several files: they run through the files as if these were one (BEP 3). */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** A file of a torrent, in its order. */
export interface TorrentPart {
  /** Where its bytes can be read. */
  path: string
  size: number
  /** SHA-1 of the whole pieces from `interiorStart` on, 40 hex digits each. */
  interiorPieces: string
}

/** Where the first piece begins that lies in a file from its first byte on, for a file that begins at `offset`. */
export function interiorStart(offset: number, pieceLength: number): number {
  return (pieceLength - (offset % pieceLength)) % pieceLength
}

/** SHA-1 of all pieces. Read are only those that lie across the border of two files, and the last. */
export async function joinPieces(parts: TorrentPart[], pieceLength: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let offset = 0
  for (const [index, { size, interiorPieces }] of parts.entries()) {
    const inside = Buffer.from(interiorPieces, 'hex')
    pieces.push(inside)
    const covered = interiorStart(offset, pieceLength) + (inside.length / 20) * pieceLength
    // What is left at the end begins a piece that goes on in the next files; one that began before this file holds it all.
    if (size > covered) pieces.push(await digestAcross(parts.slice(index), covered, pieceLength))
    offset += size
  }
  return Buffer.concat(pieces)
}

/** SHA-1 of up to `length` bytes that begin in the first of the files. */
async function digestAcross(parts: TorrentPart[], start: number, length: number): Promise<Buffer> {
  const hash = createHash('sha1')
  let from = start
  let wanted = length
  for (const { path, size } of parts) {
    const bytes = await readRange(path, from, Math.min(wanted, size - from))
    hash.update(bytes)
    wanted -= bytes.length
    from = 0
    if (wanted === 0) break
  }
  return hash.digest()
}

async function readRange(path: string, from: number, length: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const bytes = Buffer.alloc(length)
    let filled = 0
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled)
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was`)
      filled += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}
