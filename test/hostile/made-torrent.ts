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
