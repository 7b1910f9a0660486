import { pipeline, Readable } from 'node:stream'
import { createUnxz } from 'node-liblzma'
import { CommandError } from '../../host/console/command-error.ts'
import type { FileBytes } from './bytes.ts'
import { cannotDecompress } from './damaged.ts'
import { binarySize } from './limits.ts'

/** xz -9 makes dictionaries of 64 MiB; a decoder takes as much memory as the stream asks for. */
const greatestDictionary = 128 << 20

const pieceSize = 256 << 10

/**
 * What one xz stream holds; afterwards the bytes stand behind it. The decoder does not tell where a stream ends, so its
 * structure is followed (xz-file-format, sections 2 to 4): each chunk of LZMA2 says how long it is. A chunk holds 2 MiB at
 * the most, which is what lies in memory.
 */
export async function* unxz(bytes: FileBytes): AsyncGenerator<Buffer> {
  const told = { uncompressed: 0 }
  let failure: unknown
  const stream = createUnxz({ chunkSize: pieceSize })
  pipeline(Readable.from(streamPieces(bytes, told)), stream, error => {
    failure = error
  })
  let size = 0
  try {
    for await (const piece of stream) {
      size += piece.length
      yield piece
    }
  } catch (error) {
    throw failure ?? error
  }
  // The decoder calls an early end success.
  if (size !== told.uncompressed) throw cannotDecompress('xz')
}

/** A stream as it is, chunk by chunk; `told` gets what its index says. */
async function* streamPieces(bytes: FileBytes, told: { uncompressed: number }): AsyncGenerator<Buffer> {
  const header = await bytes.take(12)
  yield header
  const check = (header[7] ?? 0) & 15
  // Sizes of the checks in bytes, by their number (section 2.1.1.2).
  const checkSize = check === 0 ? 0 : 4 << Math.floor((check - 1) / 3)
  for (;;) {
    const [first = 0] = await bytes.peek(1)
    if (first === 0) break
    const block = await bytes.take((first + 1) * 4)
    requireDictionary(block)
    yield block
    let size = 0
    for await (const chunk of chunks(bytes)) {
      size += chunk.length
      yield chunk
    }
    yield await bytes.take((-size & 3) + checkSize)
  }
  yield* index(bytes, told)
  yield await bytes.take(12)
}

/** The chunks of LZMA2 up to the one that says that it is the last. */
async function* chunks(bytes: FileBytes): AsyncGenerator<Buffer> {
  for (;;) {
    const header = await bytes.peek(6)
    const [control = 0] = header
    if (header.length === 0 || (control > 2 && control < 0x80)) throw cannotDecompress('xz')
    if (control === 0) return yield await bytes.take(1)
    if (header.length < 5) throw cannotDecompress('xz')
    if (control < 0x80) yield await bytes.take(3 + header.readUInt16BE(1) + 1)
    else yield await bytes.take((control >= 0xc0 ? 6 : 5) + header.readUInt16BE(3) + 1)
  }
}

/** The index: how much each block holds. */
async function* index(bytes: FileBytes, told: { uncompressed: number }): AsyncGenerator<Buffer> {
  const start = bytes.position
  yield await bytes.take(1)
  const number = async (taken: Buffer[]) => {
    let value = 0
    for (let power = 0; power < 9; power++) {
      const byte = await bytes.take(1)
      taken.push(byte)
      value += ((byte[0] ?? 0) & 0x7f) * 2 ** (7 * power)
      if ((byte[0] ?? 0) < 0x80) break
    }
    return value
  }
  const count: Buffer[] = []
  const records = await number(count)
  yield Buffer.concat(count)
  for (let record = 0; record < records; record++) {
    const taken: Buffer[] = []
    await number(taken)
    told.uncompressed += await number(taken)
    yield Buffer.concat(taken)
  }
  yield await bytes.take(-(bytes.position - start) & 3)
  yield await bytes.take(4)
}

/** Refuses a block whose decoder would take a great deal of memory (section 5.3.1: LZMA2 is the last filter). */
function requireDictionary(block: Buffer): void {
  const flags = block[1] ?? 0
  let position = 2
  const number = () => {
    let value = 0
    for (let power = 0; power < 9; power++) {
      const byte = block[position++] ?? 0
      value += (byte & 0x7f) * 2 ** (7 * power)
      if (byte < 0x80) break
    }
    return value
  }
  if (flags & 0x40) number()
  if (flags & 0x80) number()
  for (let filter = 0; filter <= (flags & 3); filter++) {
    const [id, size] = [number(), number()]
    const bits = block[position] ?? 0
    position += size
    if (id !== 0x21) continue
    const dictionary = (2 | (bits & 1)) * 2 ** (Math.floor(bits / 2) + 11)
    if (dictionary <= greatestDictionary) continue
    throw new CommandError(
      `its xz part takes ${binarySize(dictionary)} of memory to decompress, and the limit is ${binarySize(greatestDictionary)}`,
      'unpack it with xz -dc, and look at what comes out',
    )
  }
}
