import { decompressZstd } from '../compression/zstd.ts'
import { FileBytes } from './bytes.ts'
import { decompressBy } from './decompress-by.ts'

/** What holds no more than this is decompressed in one piece, without a program of the machine's. */
const inMemory = 64 << 20

/** What one zstd frame holds; afterwards the bytes stand behind it. */
export async function* unzstd(bytes: FileBytes): AsyncGenerator<Buffer> {
  const start = bytes.position
  const contentSize = await passFrame(bytes)
  const end = bytes.position
  const packed = new FileBytes(bytes.file, start)
  if (contentSize === undefined || contentSize > inMemory || end - start > inMemory)
    yield* decompressBy('zstd', packed.pieces(end - start))
  else yield await decompressZstd(await packed.take(end - start))
}

/**
 * Goes to the end of a frame: its blocks have their sizes before them (RFC 8878, section 3.1.1).
 * @returns how much it says that it holds, if it does
 */
async function passFrame(bytes: FileBytes): Promise<number | undefined> {
  const descriptor = (await bytes.take(5))[4] ?? 0
  const singleSegment = (descriptor >> 5) & 1
  const sizeBytes = [singleSegment, 2, 4, 8][descriptor >> 6] ?? 0
  await bytes.skip(1 - singleSegment + ([0, 1, 2, 4][descriptor & 3] ?? 0))
  const size = await bytes.take(sizeBytes)
  for (let last = false; !last; ) {
    const header = (await bytes.take(3)).readUIntLE(0, 3)
    last = (header & 1) === 1
    const runLength = ((header >> 1) & 3) === 1
    await bytes.skip(runLength ? 1 : header >> 3)
  }
  if ((descriptor >> 2) & 1) await bytes.skip(4)
  if (sizeBytes === 0) return undefined
  if (sizeBytes === 8) return Number(size.readBigUInt64LE())
  return size.readUIntLE(0, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
}
