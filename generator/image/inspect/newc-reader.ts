import { constants } from 'node:fs'
import { CommandError } from '../../command-error.ts'

/** One entry of an archive, as it stands there: nothing is believed about its path. */
export interface ReadEntry {
  path: string
  /** Type and permissions, as in stat(2). */
  mode: number
  uid: number
  gid: number
  nlink: number
  ino: number
  mtime: number
  /** Of a device. */
  major: number
  minor: number
  /** The file's bytes; of a symlink the target. Without bytes and with nlink above 1: see `hardLinkContent`. */
  content: Buffer
}

const headerSize = 110
const trailer = 'TRAILER!!!'

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
] as const

export const typeOf = (entry: { mode: number }) => entry.mode & constants.S_IFMT

function damaged(what: string): CommandError {
  return new CommandError(`the image is damaged: ${what}`, 'build or copy it again')
}

/** Whether an archive in newc (or its variant with checksums) begins here. */
export function isNewc(bytes: Buffer, offset = 0): boolean {
  const magic = bytes.toString('latin1', offset, offset + 6)
  return magic === '070701' || magic === '070702'
}

function headerAt(bytes: Buffer, offset: number): Record<string, number> {
  if (!isNewc(bytes, offset)) throw damaged(`no entry of an archive at byte ${offset}`)
  if (offset + headerSize > bytes.length)
    throw damaged(`it ends in the middle of an entry, at byte ${offset}`)
  const values: Record<string, number> = {}
  for (const [index, name] of fields.entries()) {
    const digits = bytes.toString('latin1', offset + 6 + index * 8, offset + 14 + index * 8)
    if (!/^[0-9A-Fa-f]{8}$/.test(digits)) throw damaged(`'${digits}' is no number, at byte ${offset}`)
    values[name] = Number.parseInt(digits, 16)
  }
  return values
}

/** Reads one archive from `offset` to its trailer. `end` is the first byte after it. */
export function readNewc(bytes: Buffer, offset: number): { entries: ReadEntry[]; end: number } {
  const aligned = (position: number) => offset + Math.ceil((position - offset) / 4) * 4
  const entries: ReadEntry[] = []
  let position = offset
  for (;;) {
    const {
      ino = 0,
      mode = 0,
      uid = 0,
      gid = 0,
      nlink = 0,
      mtime = 0,
      major = 0,
      minor = 0,
      ...sizes
    } = headerAt(bytes, position)
    const { size = 0, nameSize = 0 } = sizes
    const name = position + headerSize
    const content = aligned(name + nameSize)
    if (nameSize === 0 || content + size > bytes.length)
      throw damaged(`it ends in the middle of an entry, at byte ${position}`)
    const path = bytes.toString('utf8', name, name + nameSize - 1)
    position = aligned(content + size)
    if (path === trailer) return { entries: hardLinkContent(entries), end: Math.min(position, bytes.length) }
    entries.push({
      path,
      mode,
      uid,
      gid,
      nlink,
      ino,
      mtime,
      major,
      minor,
      content: bytes.subarray(content, content + size),
    })
  }
}

/** Of several names for one file only one, usually the last, has the bytes. */
function hardLinkContent(entries: ReadEntry[]): ReadEntry[] {
  const linked = (entry: ReadEntry) => entry.nlink > 1 && typeOf(entry) === constants.S_IFREG
  const contents = new Map(
    entries.filter(e => linked(e) && e.content.length > 0).map(e => [e.ino, e.content]),
  )
  return entries.map(entry =>
    linked(entry) ? { ...entry, content: contents.get(entry.ino) ?? entry.content } : entry,
  )
}
