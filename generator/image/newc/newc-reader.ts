import { constants } from 'node:fs'
import { shown } from '../../host/console/foreign-text.ts'
import { type Bytes, EndsEarly } from '../inspect/bytes.ts'
import { damaged } from '../inspect/damaged.ts'
import { nameFrom, plainPath } from '../inspect/entry-names.ts'
import type { Budget } from '../inspect/limits.ts'

/** One entry of an archive, as it stands there; only its path is made plain. */
export interface FoundEntry {
  /** Without `../inspect/`, slashes at its ends and doubled ones; of the root empty. `..` may be in it. */
  path: string
  /** Type and permissions, as in stat(2). */
  mode: number
  uid: number
  gid: number
  nlink: number
  /** Names of one file have the same, and they are in one archive. */
  inode: string
  mtime: number
  /** Of a device. */
  major: number
  minor: number
  /** Bytes of content. Of several names for one file usually only the last has them. */
  size: number
  /** Of a symlink. */
  target?: string
  /** The content, which can be read once, and only before the next entry. */
  content(): AsyncGenerator<Buffer>
}

const headerSize = 110
const trailer = 'TRAILER!!!'

/** The kernel's PATH_MAX: it passes over what has a longer name or target, the zero at the end counted. */
const longestPath = 4096

/** The fields after the magic number, eight hex digits each (the kernel's buffer-format.rst). */
const fields = [
  'ino',
  'mode',
  'uid',
  'gid',
  'nlink',
  'mtime',
  'size',
  'deviceMajor',
  'deviceMinor',
  'major',
  'minor',
  'nameSize',
  'check',
] as const

type Header = Record<(typeof fields)[number], number> & { hasChecksum: boolean }

export const typeOf = (entry: { mode: number }) => entry.mode & constants.S_IFMT

/** Whether an archive in newc (or its variant with checksums) begins here. */
export function isNewc(start: Buffer): boolean {
  const magic = start.toString('latin1', 0, 6)
  return magic === '070701' || magic === '070702'
}

function parseHeader(bytes: Buffer, position: number): Header {
  if (!isNewc(bytes)) throw damaged(`no entry of an archive at byte ${position}`)
  const values = fields.map((_, index) => {
    const digits = bytes.toString('latin1', 6 + index * 8, 14 + index * 8)
    if (!/^[0-9A-Fa-f]{8}$/.test(digits))
      throw damaged(`'${shown(digits)}' is no number, at byte ${position}`)
    return Number.parseInt(digits, 16)
  })
  const named = Object.fromEntries(fields.map((name, index) => [name, values[index]]))
  return { ...(named as Omit<Header, 'hasChecksum'>), hasChecksum: bytes[5] === 0x32 }
}

const types = [
  constants.S_IFREG,
  constants.S_IFDIR,
  constants.S_IFLNK,
  constants.S_IFCHR,
  constants.S_IFBLK,
  constants.S_IFIFO,
  constants.S_IFSOCK,
]

/** Why the kernel passes over an entry (init/initramfs.c, do_header and do_name), if it does. */
function passedOver({ mode, size }: Header, name: Buffer | undefined): string | undefined {
  const type = typeOf({ mode })
  if (name === undefined) return `a name of more than ${longestPath - 1} bytes`
  if (name.length === 0) return 'no name'
  if (type === constants.S_IFLNK && size > longestPath) return `a target of more than ${longestPath} bytes`
  if (!types.includes(type)) return 'no type that there is'
  const holdsBytes = type === constants.S_IFREG || type === constants.S_IFLNK
  return size > 0 && !holdsBytes ? 'content, and is no file' : undefined
}

/**
 * The entries of one archive, up to its trailer. Afterwards the bytes stand behind it. An entry that the kernel passes
 * over is told to `tellPassedOver`, with what it has.
 * @throws CommandError, or EndsEarly
 */
export async function* archiveEntries(
  bytes: Bytes,
  budget: Budget,
  tellPassedOver: (what: string) => void,
): AsyncGenerator<FoundEntry> {
  const start = bytes.position
  for (;;) {
    const { position } = bytes
    const header = parseHeader(await bytes.take(headerSize), position)
    const { size, nameSize, nlink, check, hasChecksum, ino, deviceMajor, deviceMinor, ...rest } = header
    budget.spendEntry(Math.min(nameSize, longestPath))
    const name = await takeName(bytes, nameSize)
    await bytes.passPadding(-(headerSize + nameSize) & 3)
    if (name?.equals(Buffer.from(trailer))) {
      await bytes.skip(size)
      return bytes.passPadding(-size & 3)
    }
    const content = new Content(bytes, size, hasChecksum && typeOf(header) === constants.S_IFREG)
    const why = passedOver(header, name)
    if (why !== undefined) tellPassedOver(why)
    else if (name !== undefined) {
      const path = plainPath(nameFrom(name))
      const target = typeOf(header) === constants.S_IFLNK ? { target: nameFrom(await content.whole()) } : {}
      if (target.target !== undefined) budget.spendEntry(size)
      const inode = `${start}:${deviceMajor}:${deviceMinor}:${ino}`
      const { mode, uid, gid, mtime, major, minor } = rest
      yield {
        path,
        mode,
        uid,
        gid,
        nlink,
        inode,
        mtime,
        major,
        minor,
        size,
        ...target,
        content: () => content.pieces(),
      }
    }
    await content.pass()
    if (!content.holds(check)) throw damaged(`the file at byte ${position} is not what its checksum says`)
    await bytes.passPadding(-size & 3)
  }
}

/** A name up to its first zero, or undefined for one that is too long. */
async function takeName(bytes: Bytes, size: number): Promise<Buffer | undefined> {
  if (size > longestPath) {
    await bytes.skip(size)
    return undefined
  }
  const name = await bytes.take(size)
  const end = name.indexOf(0)
  return end === -1 ? name : name.subarray(0, end)
}

/** The content of one entry while the bytes stand in it. */
class Content {
  #left: number
  #sum = 0

  constructor(
    readonly bytes: Bytes,
    size: number,
    /** Whether all of it is read, for its checksum, also when nobody wants it. */
    readonly summed: boolean,
  ) {
    this.#left = size
  }

  async *pieces(): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      for await (const piece of this.bytes.pieces(Math.min(this.#left, 1 << 30))) {
        this.#left -= piece.length
        if (this.summed) for (const byte of piece) this.#sum = (this.#sum + byte) >>> 0
        yield piece
      }
    }
  }

  async whole(): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of this.pieces()) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** Goes to its end. */
  async pass(): Promise<void> {
    if (this.summed) for await (const _ of this.pieces());
    await this.bytes.skip(this.#left)
    this.#left = 0
  }

  holds(check: number): boolean {
    return !this.summed || this.#sum === check
  }
}

/** Makes of an early end what a person is told. */
export function explainEnd(error: unknown, position: number): unknown {
  return error instanceof EndsEarly
    ? damaged(`it ends in the middle of an entry, at byte ${position}`)
    : error
}
