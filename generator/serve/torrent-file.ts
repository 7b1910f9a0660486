import bencode from 'bencode'
import { infoHash } from '../publish/torrent.ts'

/** What of a .torrent file matters to one who serves it. */
export interface Torrent {
  /** In lower-case hex. */
  infoHash: string
  /**
   * The files in the order of their bytes: paths below the torrent's folder, and sizes. Padding (BEP 47) is zeros, on no
   * disk.
   */
  files: { path: string; size: number; padding?: true }[]
  /** Bytes of all files. */
  size: number
  /** Bytes of a piece; the last one may be shorter. */
  pieceLength: number
  /** The sha1 of each piece, 20 bytes each, in a row. */
  pieces: Buffer
  /** Announce URLs. */
  trackers: string[]
  /** HTTP addresses of the data (BEP 19). */
  webSeeds: string[]
}

type Dictionary = { [key: string]: unknown }

/**
 * Reads a .torrent file (BEP 3, version 1).
 *
 * @throws Error that says what is wrong with it
 */
export function readTorrent(content: Buffer): Torrent {
  const torrent = dictionary(decoded(content), 'the file')
  const info = dictionary(torrent.info, 'its info')
  const name = pathPart(info.name)
  const files = Array.isArray(info.files)
    ? info.files.map(each => {
        const file = dictionary(each, 'a file')
        const [path, size] = [list(file.path).map(pathPart), count(file.length, 'a length')]
        return {
          path: [name, ...path].join('/'),
          size,
          ...(isPadding(file.attr, path, size) ? { padding: true as const } : {}),
        }
      })
    : [{ path: name, size: count(info.length, 'the length') }]
  if (info.pieces === undefined && info['meta version'] !== undefined)
    throw new Error('it is one of version 2 alone; make it for version 1 as well (hybrid)')
  const size = files.reduce((sum, file) => sum + file.size, 0)
  const pieceLength = count(info['piece length'], 'the piece length')
  const pieces = Buffer.from(info.pieces instanceof Uint8Array ? info.pieces : [])
  if (pieceLength === 0 || pieces.length !== Math.ceil(size / pieceLength) * 20)
    throw new Error('its pieces and its files do not fit together')
  return {
    infoHash: infoHash(content),
    files,
    size,
    pieceLength,
    pieces,
    trackers: [...new Set([torrent.announce, ...list(torrent['announce-list']).flat()].map(text))].filter(
      url => url !== '',
    ),
    webSeeds: [torrent['url-list']]
      .flat()
      .map(text)
      .filter(url => url !== ''),
  }
}

/** By its attributes, or by the names that older makers gave padding; as aria2 tells it (patches/aria2-padding.patch). */
function isPadding(attr: unknown, path: string[], size: number): boolean {
  if (attr !== undefined) return text(attr).includes('p')
  return path.join('/') === `.pad/${size}` || path.at(-1)?.startsWith('_____padding_file_') === true
}

function decoded(content: Buffer): unknown {
  try {
    return bencode.decode(content)
  } catch (error) {
    throw new Error(`it is not bencoded (${(error as Error).message})`)
  }
}

const text = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString() : '')

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function dictionary(value: unknown, what: string): Dictionary {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw new Error(`${what} is no dictionary`)
  return value as Dictionary
}

function count(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Error(`${what} is no size`)
  return value
}

/** One part of a path: nothing that leads elsewhere. */
function pathPart(value: unknown): string {
  const part = text(value)
  if (part === '' || part === '.' || part === '..' || /[/\0]/.test(part))
    throw new Error(`'${part}' in it is no name of a file`)
  return part
}
