/** A file goes by once: it is digested, and copied in the same pass, so that digests and copy cannot differ. */
import type { BigIntStats } from 'node:fs'
import { constants, type FileHandle, open } from 'node:fs/promises'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import type { Digesters } from './digest-workers.ts'
import type { Cut, FileDigests } from './digester.ts'
import type { Envelope } from './published-file.ts'

export interface FilePass extends Cut {
  path: string
  /** Goes by around the file's own bytes. */
  envelope?: Envelope
  /** Gets the same bytes, when there is one. */
  copy?: FileHandle
  /** Bytes that have gone by since the last call. */
  onBytes: (bytes: number) => void
  signal: AbortSignal
}

const noEnvelope: Envelope = { before: Buffer.alloc(0), after: Buffer.alloc(0) }

/** Blocks that are on their way at one time: one is read while others are digested and written. */
const blocksInFlight = 4
const blockLength = 1024 * 1024

/** What tells a file that has not been touched, without reading it: size, times to the nanosecond, inode. */
export const identityOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string =>
  `${size} ${mtimeNs} ${ctimeNs} ${ino}`

/** Digests, and the identity that the file had all the while. */
export interface FileRead extends FileDigests {
  identity: string
}

/**
 * @throws CommandError when the file cannot be read, or changes meanwhile; the error of a copy that cannot be written;
 *   the signal's reason
 */
export async function digestFile(digesters: Digesters, pass: FilePass): Promise<FileRead> {
  const { path, envelope = noEnvelope, copy, onBytes, signal } = pass
  const source = await openToRead(path)
  try {
    const status = await source.stat({ bigint: true })
    const identity = identityOf(status)
    const { pieceLength, interiorStart } = pass
    await digesters.begin({ pieceLength, interiorStart })
    // Shared memory: a thread reads the block where it lies.
    const blocks = Array.from({ length: blocksInFlight }, () => new SharedArrayBuffer(blockLength))
    const pending: Promise<unknown>[] = []
    let position = 0
    try {
      for (let turn = 0; ; turn += 1) {
        signal.throwIfAborted()
        const slot = turn % blocksInFlight
        await pending[slot]
        const block = blocks[slot] as SharedArrayBuffer
        const length = await fill(Buffer.from(block), position, source, Number(status.size), envelope)
        if (length === 0) break
        pending[slot] = Promise.all([
          digesters.take(block, length),
          copy === undefined ? undefined : writeAll(copy, Buffer.from(block, 0, length), position),
        ])
        // It is waited for when its turn comes again; until then nobody listens.
        pending[slot].catch(() => {})
        position += length
        onBytes(length)
      }
    } finally {
      await Promise.allSettled(pending)
    }
    await Promise.all(pending)
    const digests = await digesters.end()
    if (identity !== identityOf(await source.stat({ bigint: true }))) throw changed(path)
    return { ...digests, identity }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== 'read') throw error
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, 'see to the disk that it lies on')
  } finally {
    await source.close()
  }
}

export const changed = (path: string): CommandError =>
  new CommandError(`${path} changed while it was read`, 'publish it when the program that writes it is done')

/** @throws CommandError */
export async function openToRead(path: string): Promise<FileHandle> {
  try {
    // A named pipe that nobody writes to would hold a plain open for ever.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw new CommandError(
      `cannot read ${path}: ${reasonOf(error)}`,
      'name files that are there, and yours to read',
    )
  }
}

/**
 * Fills a block with what lies from `position` on in the file and its envelope; tells how much it was. Beyond the size
 * that the file had it is not read: one that grows as fast as that would have no end.
 */
async function fill(
  block: Buffer,
  position: number,
  source: FileHandle,
  size: number,
  { before, after }: Envelope,
): Promise<number> {
  let filled = 0
  while (filled < block.length && position + filled < before.length + size + after.length) {
    const room = block.subarray(filled)
    const at = position + filled - before.length
    if (at < 0) filled += before.copy(room, 0, before.length + at)
    else if (at >= size) filled += after.copy(room, 0, at - size)
    else {
      const { bytesRead } = await source.read(room, 0, Math.min(room.length, size - at), at)
      // It has become shorter: what its status says in the end.
      if (bytesRead === 0) return filled
      filled += bytesRead
    }
  }
  return filled
}

async function writeAll(copy: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await copy.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
