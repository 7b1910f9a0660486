import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { archiveEntries, explainEnd, type FoundEntry, isNewc } from '../newc/newc-reader.ts'
import { type Bytes, EndsEarly, FileBytes, StreamBytes } from './bytes.ts'
import { type Compression, compressionOf } from './compression-kind.ts'
import { cannotDecompress } from './damaged.ts'
import { gunzipMember } from './gzip-member.ts'
import type { ImageFile } from './image-file.ts'
import type { Budget } from './limits.ts'
import { unlz4 } from './lz4-stream.ts'
import { unxz } from './xz-stream.ts'
import { unzstd } from './zstd-frame.ts'

/** A part of an image that is being read: one compressed stream, or one bare archive. */
export interface OpenPart {
  compression: Compression
  /** Where it begins in the image file. */
  offset: number
  /** Its entries, one after another; to be read once, and to its end before the next part. */
  entries(): AsyncGenerator<FoundEntry>
  /** Bytes of the image file that it takes, and what they unpack to; when all entries have been read. */
  sizes(): { compressed: number; uncompressed: number }
}

const decompressors = { xz: unxz, gzip: gunzipMember, zstd: unzstd, lz4: unlz4 }

/** Reads an initramfs as the kernel does: archives in newc, bare or compressed, one after another. */
export async function* openParts(
  file: ImageFile,
  budget: Budget,
  tellPassedOver: (what: string) => void,
  offset = 0,
): AsyncGenerator<OpenPart> {
  const bytes = new FileBytes(file, offset)
  let count = 0
  for (await bytes.passZeros(); !(await bytes.atEnd()); await bytes.passZeros()) {
    const start = bytes.position
    const compression = compressionOf(await bytes.peek(6))
    if (compression === undefined) {
      throw new CommandError(
        `${shown(file.path)}: no archive begins at byte ${start}`,
        'inspect reads images in newc, bare or compressed with xz, gzip, zstd or lz4',
      )
    }
    budget.spendEntry(0)
    count++
    let end = start
    let uncompressed = 0
    yield {
      compression,
      offset: start,
      async *entries() {
        if (compression === 'none') {
          const bare = new FileBytes(file, start, size => budget.spend(size))
          yield* explained(bare, archiveEntries(bare, budget, tellPassedOver))
          end = bare.position
          uncompressed = end - start
          return
        }
        const packed = new FileBytes(file, start)
        const unpacked = new StreamBytes(
          decompressed(compression, decompressors[compression](packed)),
          size => budget.spend(size),
        )
        try {
          yield* explained(unpacked, archives(unpacked, file.path, start, budget, tellPassedOver))
        } finally {
          await unpacked.close()
        }
        end = packed.position
        uncompressed = unpacked.position
      },
      sizes: () => ({ compressed: end - start, uncompressed }),
    }
    bytes.seek(end)
  }
  if (count === 0)
    throw new CommandError(`${shown(file.path)} is empty`, 'name an image, such as output/initrd.img')
}

/** The archives in what was compressed together. */
async function* archives(
  bytes: Bytes,
  path: string,
  offset: number,
  budget: Budget,
  tellPassedOver: (what: string) => void,
): AsyncGenerator<FoundEntry> {
  await bytes.passZeros()
  if (!isNewc(await bytes.peek(6))) {
    throw new CommandError(
      `${shown(path)}: what is compressed at byte ${offset} is no archive`,
      'name another image',
    )
  }
  for (; !(await bytes.atEnd()); await bytes.passZeros()) yield* archiveEntries(bytes, budget, tellPassedOver)
}

/** Whatever a decompressor throws, the part is damaged. */
async function* decompressed(kind: string, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* content
  } catch (error) {
    throw error instanceof CommandError ? error : cannotDecompress(kind)
  }
}

async function* explained(bytes: Bytes, entries: AsyncIterable<FoundEntry>): AsyncGenerator<FoundEntry> {
  try {
    yield* entries
  } catch (error) {
    throw error instanceof EndsEarly ? explainEnd(error, bytes.position) : error
  }
}
