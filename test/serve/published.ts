/** A folder as `publish` leaves it, for tests of what serves it. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'

const temporary: string[] = []
process.on('exit', () => {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true })
})

/** A new folder that is removed when the tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-serve-test-'))
  temporary.push(folder)
  return folder
}

/** The same bytes each time, and no two pieces alike. */
export function bytes(length: number, seed: string): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, index) =>
    createHash('sha512').update(`${seed} ${index}`).digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

export interface Published {
  folder: string
  /** Info hashes. */
  node: string
  root: string
}

/** node.torrent with node/kernel and node/initrd, root.img.torrent beside root.img; removed when the tests are over. */
export async function publishFolder(announce: string[] = []): Promise<Published> {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'node'))
  const files = [join(folder, 'node', 'kernel'), join(folder, 'node', 'initrd')]
  writeFileSync(files[0] as string, bytes(700_000, 'kernel'))
  writeFileSync(files[1] as string, bytes(300_000, 'initrd'))
  writeFileSync(join(folder, 'root.img'), bytes(600_000, 'root'))
  const node = await makeTorrent({ files, name: 'node', announce, pieceLength: 65_536 })
  const root = await makeTorrent({ files: [join(folder, 'root.img')], name: 'root.img', announce })
  writeFileSync(join(folder, 'node.torrent'), node)
  writeFileSync(join(folder, 'root.img.torrent'), root)
  return { folder, node: infoHash(node), root: infoHash(root) }
}

/** Waits until something holds; says what it was when it does not within a minute. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited a minute in vain: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
