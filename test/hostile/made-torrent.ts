/** Torrents that are right, to begin with. */
import { createHash } from 'node:crypto'
import bencode from 'bencode'

export type Bencoded = number | bigint | string | Uint8Array | Bencoded[] | { [key: string]: Bencoded }

const sha1 = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()

export interface MadeTorrent {
  torrent: Buffer
  info: Buffer
  infoHash: Buffer
}

/** The info dictionary of a file of zeros. */
export function infoOfZeros(name: string, length: number, pieceLength = 16384): Record<string, Bencoded> {
  const pieces: Buffer[] = []
  for (let at = 0; at < length; at += pieceLength) {
    pieces.push(sha1(new Uint8Array(Math.min(pieceLength, length - at))))
  }
  return { name, length, 'piece length': pieceLength, pieces: Buffer.concat(pieces) }
}

/** A torrent with this info dictionary, whatever is in it. */
export function torrentOf(info: Record<string, Bencoded>, rest: Record<string, Bencoded> = {}): MadeTorrent {
  const bytes = Buffer.from(bencode.encode(info))
  return { torrent: Buffer.from(bencode.encode({ ...rest, info })), info: bytes, infoHash: sha1(bytes) }
}

/** A file of a torrent; a number is padding of so many bytes (BEP 47). */
export type FileOfTorrent = [path: string, content: Buffer | number]

/** The info dictionary of such files. @param attr whether padding has the attribute of BEP 47 */
export function infoOfFiles(
  name: string,
  pieceLength: number,
  files: FileOfTorrent[],
  attr = true,
): Record<string, Bencoded> {
  const bytes = Buffer.concat(
    files.map(([, content]) => (typeof content === 'number' ? Buffer.alloc(content) : content)),
  )
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceLength)
    pieces.push(sha1(bytes.subarray(at, at + pieceLength)))
  return {
    files: files.map(([path, content]) => ({
      ...(typeof content === 'number' && attr ? { attr: 'p' } : {}),
      length: typeof content === 'number' ? content : content.length,
      path: path.split('/'),
    })),
    name,
    'piece length': pieceLength,
    pieces: Buffer.concat(pieces),
  }
}
