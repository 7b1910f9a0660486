import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { parseFileIndex, unxzAsync } from 'node-liblzma'
import { CommandError } from '../../host/console/command-error.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { decompressZstd } from '../compression/zstd.ts'

/** A module's file name, with the compression that distributions give it. */
export const moduleSuffix = /\.ko(\.(xz|gz|zst))?$/

/** A path without the compression's suffix, as the module is called in the image. */
export const uncompressedName = (path: string) => path.replace(moduleSuffix, '.ko')

/** The kernel's name of a module: it takes `-` and `_` for the same, and always says `_`. */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return file.replace(moduleSuffix, '').replaceAll('-', '_')
}

/** Debian's largest has 8 MB. */
const largestModule = 256 << 20

/** The decoder gives what it has when the input ends early, and calls that success: the index tells. */
async function unxzWhole(content: Buffer): Promise<Buffer> {
  const { uncompressedSize } = parseFileIndex(content)
  if (uncompressedSize > largestModule) throw new Error('no module is as large')
  const plain = await unxzAsync(content)
  if (plain.length !== uncompressedSize) throw new Error('it ends early')
  return plain
}

/** The bytes of a module's file as the kernel gets them, by the compression that its name tells. Throws on damage. */
export async function decompressed(path: string, content: Buffer): Promise<Buffer> {
  if (path.endsWith('.xz')) return unxzWhole(content)
  if (path.endsWith('.gz')) return promisify(gunzip)(content, { maxOutputLength: largestModule })
  if (path.endsWith('.zst')) return decompressZstd(content)
  return content
}

/** A module's file as it is. */
export async function readModuleFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new CommandError(
      `cannot read ${path}: ${reasonOf(error)}`,
      'run as a user who may read the kernel tree',
    )
  }
}

/** The bytes that the kernel gets of the file at `path`: the signature at their end must go on to hold. */
export async function decompressModule(path: string, stored: Buffer): Promise<Buffer> {
  try {
    return await decompressed(path, stored)
  } catch {
    throw new CommandError(
      `${path} is damaged: it cannot be decompressed`,
      'copy or install this kernel again',
    )
  }
}
