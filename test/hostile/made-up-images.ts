/** Images that nobody would make in good faith, small on disk. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { constants, crc32, deflateRawSync } from 'node:zlib'
import { rawEntry, trailer } from '../support/image.ts'

const gzipHeader = Buffer.from('1f8b0800000000000003', 'hex')

const deflated = (bytes: Buffer, finishFlush: number) => deflateRawSync(bytes, { level: 9, finishFlush })

/** A gzip member that holds `gigabytes` files of 1 GiB, all zeros; about 1 MB for each. */
export function gzipBomb(gigabytes: number): Buffer {
  const zeros = deflated(Buffer.alloc(64 << 20), constants.Z_FULL_FLUSH)
  const header = (index: number) =>
    deflated(
      rawEntry({ path: `zeros-${index}`, fields: { size: 2 ** 30 } }).subarray(0, 120),
      constants.Z_FULL_FLUSH,
    )
  const files = Array.from({ length: gigabytes }, (_, index) => [header(index), ...Array(16).fill(zeros)])
  return Buffer.concat([
    gzipHeader,
    ...files.flat(),
    deflated(trailer, constants.Z_FINISH),
    Buffer.alloc(8, crc32('')),
  ])
}

/** A zstd frame without its content's size: an entry of 4 GiB, and blocks that repeat one zero 128 Ki times. */
export function zstdBomb(): Buffer {
  const header = rawEntry({ path: 'zeros', fields: { size: 0xfffffffc } })
  const rawBlock = Buffer.alloc(3)
  rawBlock.writeUIntLE(header.length << 3, 0, 3)
  const runBlock = Buffer.alloc(4)
  runBlock.writeUIntLE((1 << 1) | ((128 << 10) << 3), 0, 3)
  const lastBlock = Buffer.from('010000', 'hex')
  const runs = Array<Buffer>(2 ** 15).fill(runBlock)
  return Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), rawBlock, header, ...runs, lastBlock])
}

/** Bare entries of these sizes, whose content is a hole. */
export function writeHoles(path: string, sizes: number[]): void {
  const file = openSync(path, 'w')
  let offset = 0
  for (const [index, size] of sizes.entries()) {
    const header = rawEntry({ path: `hole-${index}`, fields: { size } })
    writeSync(file, header, 0, header.length, offset)
    offset += header.length + Math.ceil(size / 4) * 4
  }
  writeSync(file, trailer, 0, trailer.length, offset)
  ftruncateSync(file, offset + trailer.length)
  closeSync(file)
}
