import { pipeline, Readable } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { FileBytes } from './bytes.ts'
import { cannotDecompress } from './damaged.ts'

/** Flags in the header of a gzip member (RFC 1952, section 2.3.1). */
const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16 }

const pieceSize = 256 << 10

/**
 * What one gzip member holds; afterwards the bytes stand behind it. Node's own gunzip takes whatever follows for another
 * member and fails on it.
 */
export async function* gunzipMember(bytes: FileBytes): AsyncGenerator<Buffer> {
  const flags = (await bytes.take(10))[3] ?? 0
  if (flags & flag.extra) await bytes.skip((await bytes.take(2)).readUInt16LE())
  for (const text of [flag.name, flag.comment]) if (flags & text) await passText(bytes)
  if (flags & flag.headerChecksum) await bytes.skip(2)

  const start = bytes.position
  const stream = createInflateRaw({ chunkSize: pieceSize })
  // Reads ahead, and so has a place of its own in the file.
  pipeline(Readable.from(new FileBytes(bytes.file, start).pieces()), stream, () => {})
  let [sum, size] = [0, 0]
  for await (const piece of stream) {
    sum = crc32(piece, sum)
    size += piece.length
    yield piece
  }
  bytes.seek(start + stream.bytesWritten)
  const end = await bytes.take(8)
  if (end.readUInt32LE(0) !== sum || end.readUInt32LE(4) !== size % 2 ** 32) throw cannotDecompress('gzip')
}

async function passText(bytes: FileBytes): Promise<void> {
  while ((await bytes.take(1))[0] !== 0);
}
