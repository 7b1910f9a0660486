import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { promisify } from 'node:util'
import bencode from 'bencode'
import createTorrent from 'create-torrent'
import { CommandError } from '../command-error.ts'

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

const KiB = 1024
const MiB = 1024 * KiB

/** Small pieces spread through a swarm sooner; large ones collapse it (measured: 4 MiB is 4 times the bound). */
export function suitablePieceLength(size: number): number {
  if (size <= 256 * MiB) return 256 * KiB
  return size <= 1024 * MiB ? 512 * KiB : MiB
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
      pieceLength: options.pieceLength ?? suitablePieceLength(total),
      announce: options.announce ?? [],
      ...(options.webSeeds === undefined ? {} : { urlList: options.webSeeds }),
      ...(options.private === true ? { private: true } : {}),
    },
  )
  const { 'creation date': _, ...timeless } = bencode.decode(torrent)
  return Buffer.from(bencode.encode(timeless))
}

/** The torrent's name among trackers and peers: sha1 of its info dictionary, in hex. */
export function infoHash(torrent: Uint8Array): string {
  const { info } = bencode.decode(torrent)
  return createHash('sha1').update(bencode.encode(info)).digest('hex')
}

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
