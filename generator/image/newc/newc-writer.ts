import { constants } from 'node:fs'
import { type Header, pack } from 'cpio-stream'
import { CommandError } from '../../host/console/command-error.ts'
import { type ArchiveEntry, byPath } from './entry.ts'

/** The header of newc is 110 bytes of ASCII; it and the name, like each file's content, are padded to four bytes. */
const headerSize = 110
const padded = (size: number) => Math.ceil(size / 4) * 4

/**
 * The last record. cpio-stream puts zeros behind it, of a number that is no multiple of four where it has miscounted: a
 * bare archive that begins after that is "broken padding" to the kernel.
 */
const trailerSize = padded(headerSize + 'TRAILER!!!'.length + 1)

/** newc has eight hex digits for a size; cpio-stream would silently cut a bigger one down. */
const largestFile = 0xffffffff

const isAscii = (text: string) => Buffer.byteLength(text) === text.length

/** cpio-stream counts a name's characters where bytes are meant: it is given a name of the right length instead. */
const placeholder = (name: string) => 'x'.repeat(Buffer.byteLength(name))

/**
 * A cpio archive in the kernel's `newc` form (Documentation/driver-api/early-userspace/buffer-format.rst), entries
 * sorted by path, owner root, time 0, inodes numbered from 1: the same entries always give the same bytes.
 */
export async function writeNewc(entries: ArchiveEntry[]): Promise<Buffer> {
  const sorted = [...entries].sort(byPath)
  const stream = pack({ format: 'newc' })
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => {
    stream.on('end', resolve)
    stream.on('error', reject)
  })

  const names: { name: string; offset: number }[] = []
  let offset = 0
  for (const [index, entry] of sorted.entries()) {
    const content = contentOf(entry)
    if (content.length > largestFile) {
      throw new CommandError(
        `${entry.path}: ${content.length} bytes are too many for an initramfs, whose format ends at 4 GiB a file`,
        'leave this file out of the image, or split it',
      )
    }
    const name = isAscii(entry.path) ? entry.path : placeholder(entry.path)
    if (name !== entry.path) names.push({ name: entry.path, offset: offset + headerSize })
    stream.entry({ ...headerOf(entry), name, ino: index + 1 }, content)
    offset += padded(headerSize + Buffer.byteLength(entry.path) + 1) + padded(content.length)
  }
  stream.finalize()
  await ended

  const archive = Buffer.concat(chunks).subarray(0, offset + trailerSize)
  for (const { name, offset } of names) {
    const room = archive.subarray(offset, offset + Buffer.byteLength(name))
    if (room.toString('latin1') !== placeholder(name))
      throw new Error(`no room for the name ${name} in the archive`)
    room.write(name)
  }
  if (!archive.subarray(-trailerSize).includes('TRAILER!!!'))
    throw new Error('the archive does not end as it should')
  return archive
}

function contentOf(entry: ArchiveEntry): Buffer {
  if (entry.kind === 'file') return entry.content
  return Buffer.from(entry.kind === 'symlink' ? entry.target : '')
}

function headerOf(entry: ArchiveEntry): Omit<Header, 'name' | 'ino'> {
  const same = { nlink: 1, uid: 0, gid: 0, mtime: new Date(0), dev: 1 }
  switch (entry.kind) {
    case 'directory':
      return { ...same, mode: constants.S_IFDIR | entry.mode, nlink: 2 }
    case 'file':
      return { ...same, mode: constants.S_IFREG | entry.mode }
    case 'symlink':
      return { ...same, mode: constants.S_IFLNK | 0o777 }
    case 'character-device':
      return { ...same, mode: constants.S_IFCHR | entry.mode, rdevmajor: entry.major, rdevminor: entry.minor }
  }
}
