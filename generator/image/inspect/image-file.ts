import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { leadingZeros } from './bytes.ts'
import { compressionOf } from './compression-kind.ts'
import type { Limits } from './limits.ts'

const pieceSize = 256 << 10

/** An image file that can be read at any place; of a pipe a copy. */
export class ImageFile {
  private constructor(
    /** As it was named. */
    readonly path: string,
    readonly size: number,
    readonly handle: FileHandle,
  ) {}

  /** @throws CommandError where it cannot be read, or is none */
  static async open(path: string, limits: Limits): Promise<ImageFile> {
    const handle = await open(path).catch(error => {
      throw unreadable(path, reasonOf(error))
    })
    try {
      const found = await handle.stat()
      if (found.isFile()) return new ImageFile(path, found.size, handle)
      if (found.isDirectory()) throw unreadable(path, 'it is a folder')
      if (!found.isFIFO() && !found.isSocket()) throw unreadable(path, 'it is a device')
      const copy = await copyOf(path, handle, limits)
      await handle.close()
      return copy
    } catch (error) {
      await handle.close().catch(() => {})
      throw error
    }
  }

  /** Wraps what `copyOf` has written. */
  static copied(path: string, size: number, handle: FileHandle): ImageFile {
    return new ImageFile(path, size, handle)
  }

  /** What the file has at a place, in a piece of some size; empty at its end. */
  async read(position: number): Promise<Buffer> {
    if (position >= this.size) return Buffer.alloc(0)
    const buffer = Buffer.allocUnsafe(Math.min(pieceSize, this.size - position))
    try {
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, position)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      throw unreadable(this.path, reasonOf(error))
    }
  }

  async close(): Promise<void> {
    await this.handle.close()
  }
}

function unreadable(path: string, why: string): CommandError {
  return new CommandError(`cannot read ${shown(path)}: ${why}`, 'name an image, such as output/initrd.img')
}

/** A pipe is read more than once: it is copied to a file without a name, which is gone with this process. */
async function copyOf(path: string, pipe: FileHandle, limits: Limits): Promise<ImageFile> {
  const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-pipe-'))
  let copy: FileHandle | undefined
  try {
    copy = await open(join(folder, 'image'), 'wx+', 0o600)
    return ImageFile.copied(path, await copyPieces(path, pipe, copy, limits), copy)
  } catch (error) {
    await copy?.close().catch(() => {})
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `cannot keep what comes through ${shown(path)}: ${reasonOf(error)}`,
      'make room in TMPDIR',
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns the bytes that came */
async function copyPieces(path: string, pipe: FileHandle, copy: FileHandle, limits: Limits): Promise<number> {
  const budget = limits.budget(path)
  let size = 0
  let known = false
  for (;;) {
    const { bytesRead, buffer } = await pipe.read(Buffer.allocUnsafe(pieceSize), 0, pieceSize, null)
    if (bytesRead === 0) break
    const piece = buffer.subarray(0, bytesRead)
    budget.spend(bytesRead)
    const zeros = leadingZeros(piece)
    // Zeros become a hole.
    if (zeros < bytesRead) await copy.write(piece, 0, bytesRead, size)
    size += bytesRead
    // What is no image at its beginning need not be waited for to its end.
    if (!known && zeros + 6 <= bytesRead) {
      if (compressionOf(piece.subarray(zeros)) === undefined) break
      known = true
    }
  }
  await copy.truncate(size)
  return size
}
