import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../host/console/command-error.ts'
import { infoHash, makeTorrent } from '../publish/torrent.ts'
import { hostFromGuest } from '../qemu/command-line.ts'
import { startOrigin } from '../serve/origin.ts'
import { startSeeder } from '../serve/seeder.ts'
import { startTracker } from '../serve/tracker.ts'
import { makeSecondStage } from './second-stage.ts'

export interface StageSources {
  /** The kernel to publish. */
  kernel: string
  /** Static programs: the second stage's shell, and the seeder. */
  busybox: string
  aria2c: string
  /** What the HTTP origin may use, so that peers matter as they do when a thousand nodes ask. */
  originBytesPerSecond: number
}

/** Where a node's bytes came from. */
export interface Delivered {
  fromPeers: number
  fromOrigin: number
}

/** A second stage that waits to be fetched: files, torrent, HTTP origin, tracker and one BitTorrent seeder. */
export interface PublishedStage {
  /** The torrent's address for a guest. */
  readonly torrentUrl: string
  readonly infoHash: string
  /** Bytes of kernel and initrd. */
  readonly size: number
  /** SHA-256 of kernel and initrd, in hex. */
  readonly digests: { kernel: string; initrd: string }
  /** The addresses for a guest, for a person to read. */
  readonly addresses: { origin: string; tracker: string; seeder: string }
  /** Ends origin, tracker and seeder; tells what they gave out. */
  close(): Promise<Delivered>
}

const name = 'second-stage'

/** Publishes a second stage on the loopback, for guests on QEMU's user network. */
export async function publishSecondStage(sources: StageSources): Promise<PublishedStage> {
  // The last that was started is the first to end.
  const closers: (() => Promise<unknown>)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-demo-'))
    closers.push(() => rm(folder, { recursive: true, force: true }))
    const files = await writeFiles(join(folder, name), sources)

    const origin = await startOrigin({ folder, bytesPerSecond: sources.originBytesPerSecond })
    closers.push(() => origin.close())
    const originUrl = `http://${hostFromGuest}:${origin.port}`
    // The tracker must know the hash, and the torrent the tracker's port: the hash does not depend on the announce URL.
    const hash = infoHash(await makeTorrent({ files, name }))
    const tracker = await startTracker({ infoHashes: [hash] })
    closers.push(() => tracker.close())
    const trackerUrl = `http://${hostFromGuest}:${tracker.port}/announce`

    const torrent = join(folder, `${name}.torrent`)
    await writeFile(
      torrent,
      await makeTorrent({ files, name, announce: [trackerUrl], webSeeds: [`${originUrl}/`] }),
    )
    const seeder = await startSeeder({
      aria2c: sources.aria2c,
      torrent,
      folder,
      tracker: tracker.url,
      address: hostFromGuest,
    })
    closers.push(() => seeder.close())
    await until('the seeder to announce itself', () => tracker.announces.some(({ left }) => left === 0))

    const seederAddress = `${hostFromGuest}:${seeder.port}`
    return {
      torrentUrl: `${originUrl}/${name}.torrent`,
      infoHash: hash,
      size: await totalSize(files),
      digests: await digestsOf(files),
      addresses: { origin: originUrl, tracker: trackerUrl, seeder: seederAddress },
      async close() {
        await closeAll()
        const uploads = tracker.announces
          .filter(({ peer }) => peer === seederAddress)
          .map(each => each.uploaded)
        const answers = origin.requests.filter(({ path }) => path.startsWith(`/${name}/`))
        return {
          fromPeers: Math.max(0, ...uploads),
          fromOrigin: answers.reduce((sum, { sent }) => sum + sent, 0),
        }
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

async function digestsOf([kernel = '', initrd = '']: string[]): Promise<PublishedStage['digests']> {
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
  return { kernel: await digest(kernel), initrd: await digest(initrd) }
}

async function writeFiles(folder: string, { kernel, busybox }: StageSources): Promise<string[]> {
  const files = { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd.img') }
  await mkdir(folder)
  await copyFile(kernel, files.kernel)
  await writeFile(files.initrd, await makeSecondStage(busybox))
  return [files.kernel, files.initrd]
}

async function totalSize(files: string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline)
      throw new CommandError(`waited 20 s for ${what}, in vain`, 'run it again with --debug')
    await sleep(20)
  }
}
