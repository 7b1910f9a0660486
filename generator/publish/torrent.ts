import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { promisify } from 'node:util'
import bencode from 'bencode'
import createTorrent from 'create-torrent'
import { encode as encodeMagnet } from 'magnet-uri'
import { CommandError } from '../host/console/command-error.ts'
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { infoText } from './info-text.ts'

export interface TorrentOptions {
  /** Paths; inside the torrent each file has its base name, in this order. */
  files: string[]
  /** A single file's name, or the name of the folder that several files lie in. */
  name: string
  /** Trackers' announce URLs; none is allowed. */
  announce?: string[]
  /** HTTP addresses of the same data (BEP 19): of the one file, or of the folder's parent with a slash at its end. */
  webSeeds?: string[]
  /** Bytes, a power of two; by default what suits the size. */
  pieceLength?: number
  /** Peers come from the tracker alone: no DHT, no local discovery (BEP 27). */
  private?: boolean
}

/** A .torrent file (BEP 3). The same files and options give the same bytes: it holds no date. */
export async function makeTorrent(options: TorrentOptions): Promise<Buffer> {
  const sizes = await Promise.all(options.files.map(fileSize))
  refuseSameNames(options.files)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const torrent = await promisify(createTorrent)(
    options.files.map(file => resolve(file)),
    {
      name: options.name,
      createdBy: 'aria2-initrd',
      pieceLength: options.pieceLength ?? pieceLengthFor(total),
      announce: options.announce ?? [],
      ...(options.webSeeds === undefined ? {} : { urlList: options.webSeeds }),
      ...(options.private === true ? { private: true } : {}),
    },
  )
  const { 'creation date': _, ...timeless } = bencode.decode(torrent)
  return Buffer.from(bencode.encode(timeless))
}

/** A torrent whose pieces are known already. */
export interface TorrentContent {
  /** The folder that the files lie in. */
  name: string
  files: { name: string; size: number }[]
  pieceLength: number
  /** SHA-1 of the pieces, 20 bytes each. */
  pieces: Buffer
  announce: string[]
  webSeeds: string[]
  private: boolean
}

/** A .torrent file of a folder of files, as `makeTorrent` makes it: also one file has a folder around it. */
export function encodeTorrent(content: TorrentContent): Buffer {
  const { name, files, pieceLength, pieces, announce, webSeeds } = content
  return Buffer.from(
    bencode.encode({
      info: {
        files: files.map(file => ({ length: file.size, path: [file.name] })),
        name,
        'piece length': pieceLength,
        pieces,
        ...(content.private ? { private: 1 } : {}),
      },
      ...(announce.length === 0
        ? {}
        : { announce: announce[0], 'announce-list': announce.map(tracker => [tracker]) }),
      ...(webSeeds.length === 0 ? {} : { 'url-list': webSeeds }),
      'created by': 'aria2-initrd',
      encoding: 'UTF-8',
    }),
  )
}

/** A magnet link (BEP 9) to a torrent: whoever has no peer yet needs a tracker in it. */
export function magnetLink({ name, announce, webSeeds }: TorrentContent, hash: string): string {
  return encodeMagnet({
    xt: `urn:btih:${hash}`,
    dn: name,
    tr: announce,
    ...(webSeeds.length === 0 ? {} : { ws: webSeeds }),
  })
}

/** The torrent's name among trackers and peers: sha1 of its info dictionary's text, in hex. */
export const infoHash = (torrent: Uint8Array): string =>
  createHash('sha1').update(infoText(torrent)).digest('hex')

async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: Error) => {
    throw new CommandError(`cannot read ${path}: ${error.message}`, 'name files that are there')
  })
  if (!found.isFile())
    throw new CommandError(`${path} is not a file`, 'name the files that the torrent is to hold')
  if (found.size === 0)
    throw new CommandError(`${path} is empty`, 'a torrent of nothing cannot be fetched; leave it out')
  return found.size
}

function refuseSameNames(files: string[]): void {
  const names = files.map(file => basename(file))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new CommandError(`two files are called ${twice}`, 'in a torrent each file needs a name of its own')
}
