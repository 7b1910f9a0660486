import { FileBytes } from './bytes.ts'
import { cannotDecompress } from './damaged.ts'
import { decompressBy } from './decompress-by.ts'

/** The magic numbers of lz4's two formats, little-endian. */
const magic = { legacy: 0x184c2102, frame: 0x184d2204 }

/** A block of the legacy format unpacks to 8 MiB at most; this is the most that incompressible data takes. */
const biggestLegacyBlock = (8 << 20) + Math.floor((8 << 20) / 255) + 16

/** What lz4's data holds; afterwards the bytes stand behind it. */
export async function* unlz4(bytes: FileBytes): AsyncGenerator<Buffer> {
  const start = bytes.position
  const kind = (await bytes.take(4)).readUInt32LE()
  await (kind === magic.frame ? passFrame(bytes) : passLegacy(bytes))
  const packed = new FileBytes(bytes.file, start)
  yield* decompressBy('lz4', packed.pieces(bytes.position - start))
}

/**
 * The legacy format, which the kernel reads, has a size before each block and no end of its own: it ends with the image,
 * at zeros, or where a size would be absurd.
 */
async function passLegacy(bytes: FileBytes): Promise<void> {
  for (;;) {
    const header = await bytes.peek(4)
    if (header.length < 4) return
    const size = header.readUInt32LE()
    if (size === 0 || (size > biggestLegacyBlock && size !== magic.legacy)) return
    await bytes.skip(4)
    if (size !== magic.legacy) await bytes.skip(size)
  }
}

/** The frame format (lz4_Frame_format.md) says it all. */
async function passFrame(bytes: FileBytes): Promise<void> {
  const flags = (await bytes.take(1))[0] ?? 0
  const [blockChecksum, contentSize, contentChecksum, dictionary] = [0x10, 0x08, 0x04, 0x01].map(
    flag => (flags & flag) !== 0,
  )
  await bytes.skip(2 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0))
  for (;;) {
    const size = (await bytes.take(4)).readUInt32LE() & 0x7fffffff
    if (size === 0) break
    if (size > 4 << 20) throw cannotDecompress('lz4')
    await bytes.skip(size + (blockChecksum ? 4 : 0))
  }
  if (contentChecksum) await bytes.skip(4)
}
