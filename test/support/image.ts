import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Compression } from '../../generator/image/inspect/compression-kind.ts'
import { extract } from '../../generator/image/inspect/extract.ts'
import { ImageFile } from '../../generator/image/inspect/image-file.ts'
import {
  contentsAt,
  type ReadEntry,
  readParts,
  unpackedEntries,
} from '../../generator/image/inspect/image-reader.ts'
import { Limits } from '../../generator/image/inspect/limits.ts'

export type EntryWithContent = ReadEntry & { content: Buffer; compression: Compression }

/** What the kernel has after unpacking an image, with the bytes of the files; of a link the content is its target. */
export async function unpackedContents(path: string): Promise<EntryWithContent[]> {
  const file = await ImageFile.open(path, new Limits())
  try {
    const parts = await readParts(file)
    const entries = unpackedEntries(parts)
    const how = new Map(parts.map(({ offset, compression }) => [offset, compression]))
    const contents = new Map<object, Buffer>()
    const places = [...new Set(entries.map(entry => entry.file.at))]
    for await (const { place, content } of contentsAt(file, places)) {
      const pieces: Buffer[] = []
      for await (const piece of content) pieces.push(piece)
      contents.set(place, Buffer.concat(pieces))
    }
    return entries.map(entry => {
      const content = entry.target === undefined ? contents.get(entry.file.at) : Buffer.from(entry.target)
      return {
        ...entry,
        content: content ?? Buffer.alloc(0),
        compression: how.get(entry.file.at.part) ?? 'none',
      }
    })
  } finally {
    await file.close()
  }
}

/** Calls back with the path of a file that holds these bytes. */
export async function withImage<T>(bytes: Buffer, work: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'image-'))
  try {
    writeFileSync(join(folder, 'image'), bytes)
    return await work(join(folder, 'image'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Extracts an image that is in memory. */
export function extractBytes(bytes: Buffer, folder: string): Promise<{ left: string[] }> {
  return withImage(bytes, async path => {
    const file = await ImageFile.open(path, new Limits())
    try {
      return await extract(file, unpackedEntries(await readParts(file)), folder)
    } finally {
      await file.close()
    }
  })
}

export interface RawEntry {
  path: string | Buffer
  mode?: number
  content?: string | Buffer
  /** Header fields that say something else than what is there. */
  fields?: Partial<Record<(typeof fieldNames)[number], number>>
  magic?: string
}

const fieldNames = [
  ...(['ino', 'mode', 'uid', 'gid', 'nlink', 'mtime', 'size', 'deviceMajor', 'deviceMinor'] as const),
  ...(['major', 'minor', 'nameSize', 'check'] as const),
]

/** One entry of newc as it is given, however wrong. */
export function rawEntry({
  path,
  mode = 0o100644,
  content = '',
  fields = {},
  magic = '070701',
}: RawEntry): Buffer {
  const name = Buffer.concat([Buffer.from(path as string), Buffer.alloc(1)])
  const bytes = Buffer.from(content as string)
  const values: Partial<Record<string, number>> = {
    mode,
    nlink: 1,
    size: bytes.length,
    nameSize: name.length,
    ...fields,
  }
  const header = magic + fieldNames.map(key => (values[key] ?? 0).toString(16).padStart(8, '0')).join('')
  const padding = (size: number) => Buffer.alloc(-size & 3)
  return Buffer.concat([
    Buffer.from(header),
    name,
    padding(header.length + name.length),
    bytes,
    padding(bytes.length),
  ])
}

export const trailer = rawEntry({ path: 'TRAILER!!!', mode: 0 })

export const rawArchive = (...entries: RawEntry[]): Buffer =>
  Buffer.concat([...entries.map(rawEntry), trailer])
