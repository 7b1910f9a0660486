/** A second stage, published and served for one guest as a site would do it for all its nodes. */
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../host/console/command-error.ts'
import { silent } from '../host/console/progress.ts'
import { type Published, publish } from '../publish/publish-files.ts'
import { hostFromGuest } from '../qemu/qemu-words.ts'
import { type Site, startSite } from '../serve/site.ts'
import { makeSecondStage } from './second-stage.ts'

export interface StageSources {
  /** The folder with vmlinuz and initrd.img; the second stage has the same kernel. */
  image: string
  /** Static programs: the second stage's shell, and the seeder. */
  busybox: string
  aria2c: string
  /** The second kernel's command line. */
  nextKernelParams: string
  /** Takes what the servers say, line by line. */
  say: (line: string) => void
  signal: AbortSignal
}

/** A second stage that waits to be fetched. */
export interface PublishedStage {
  readonly published: Published
  /** Ends the servers; the lines of their summary. */
  close(): Promise<string[]>
}

const name = 'second-stage'

/** Starts `serve` on an empty folder of the loopback, and publishes to it what a guest of QEMU's user network asks for. */
export async function publishSecondStage(sources: StageSources): Promise<PublishedStage> {
  const { image, busybox, aria2c, nextKernelParams, say, signal } = sources
  const work = await mkdtemp(join(tmpdir(), 'aria2-initrd-demo-'))
  let site: Site | undefined
  const close = async () => {
    const summary = (await site?.close()) ?? []
    site = undefined
    await rm(work, { recursive: true, force: true })
    return summary
  }
  try {
    // So that the seeder, which is not root, can read it.
    await chmod(work, 0o755)
    const [source, served] = [join(work, 'source'), join(work, 'served')]
    for (const each of [source, served]) await mkdir(each)
    const files = { kernel: join(source, 'vmlinuz'), initrd: join(source, 'initrd.img') }
    await copyFile(join(image, 'vmlinuz'), files.kernel)
    await writeFile(files.initrd, await makeSecondStage(busybox))

    site = await startSite({
      ...{ folder: served, bind: '127.0.0.1', address: hostFromGuest, aria2c, write: say },
      ...{ port: 0, trackerPort: 0, seederPort: 0 },
    })
    const forGuest = (url: string) => url.replace('127.0.0.1', hostFromGuest)
    const published = await publish(
      {
        files: [files.kernel, files.initrd],
        ...{ outputDir: served, name, stageOne: image, append: 'quiet', nextKernelParams },
        baseUrl: forGuest(site.url),
        trackers: [forGuest(site.trackerUrl)],
      },
      silent,
      signal,
    )
    const { seeder } = site
    await until('the seeder to take the torrent', () => seeder.seeds(published.infoHash))
    return { published, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > deadline)
      throw new CommandError(`waited 20 s for ${what}, in vain`, 'run it again with --debug')
    await sleep(20)
  }
}
