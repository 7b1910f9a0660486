/** What the lab's web server shows: stage one and a second stage, published as a site would do it. */
import { rmSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownInit } from '../../../generator/compiler/kept-init.ts'
import { makeSecondStage } from '../../../generator/demo/second-stage.ts'
import type { Progress } from '../../../generator/host/console/progress.ts'
import { buildImage } from '../../../generator/image/build-image.ts'
import { provideBinaries } from '../../../generator/programs/provide-programs.ts'
import { publish } from '../../../generator/publish/publish-files.ts'
import { provideQemu } from '../../../generator/qemu/qemu.ts'
import { machineParameters } from '../../../generator/qemu/qemu-words.ts'
import { testKernel } from '../../support/test-kernel.ts'
import { writePayload } from '../payload.ts'
import { serverAddress } from './network.ts'

export const trackerPort = 6969

/** What the second kernel is told. */
export const secondParameters =
  "console=ttyS0 quiet no_timer_check greeting='from  the swarm; $(reboot) & * = #1'"

const name = 'second-stage'

export interface Site {
  /** The web server's root. */
  folder: string
  /** Below it: the second stage's torrent. */
  torrent: string
  /** Below it: what dnsmasq is to read. */
  dnsmasq: string
  /** Bytes of the second stage. */
  size: number
  /** Static. */
  aria2c: string
  /** The address of a file below the root. */
  url(path: string): string
  /**
   * Writes another boot script beside the published one; its path below the root.
   * @param torrent what it fetches instead, a path below the root
   * @param parameters more of them for the first stage
   */
  writeScript(file: string, torrent: string, parameters: string): Promise<string>
}

export interface SiteOptions {
  /** Bytes of a further file, so that there is more to share; default none. */
  ballast?: number
}

/** Fetches and builds what is needed, with this machine's network, and publishes it below a new folder. */
export async function makeSite({ ballast = 0 }: SiteOptions, progress: Progress): Promise<Site> {
  await provideQemu(progress)
  const binaries = await provideBinaries(progress)
  const work = await mkdtemp(join(tmpdir(), 'aria2-initrd-power-on-site-'))
  process.on('exit', () => rmSync(work, { recursive: true, force: true }))
  const [stageOne, source, folder] = [join(work, 'stage-one'), join(work, 'source'), join(work, 'served')]
  for (const each of [stageOne, source, folder]) await mkdir(each)

  const image = { init: ownInit, outputDir: stageOne, kernel: testKernel, modules: ['virtual'] }
  await buildImage(image, progress)
  const file = (base: string) => join(source, base)
  await copyFile(join(stageOne, 'vmlinuz'), file('vmlinuz'))
  await writeFile(file('initrd.img'), await makeSecondStage(binaries.busybox.path))
  if (ballast > 0) await writePayload(file('root.img'), ballast)

  const url = (path: string) => `http://${serverAddress}/${path}`
  const options = {
    files: ['vmlinuz', 'initrd.img', ...(ballast > 0 ? ['root.img'] : [])].map(file),
    // For a large site: for these few machines, or with a small kernel, plain HTTP would be chosen.
    ...{ outputDir: folder, baseUrl: url('').slice(0, -1), name, stageOne, nodes: 1000 },
    trackers: [`http://${serverAddress}:${trackerPort}/announce`],
    append: `${machineParameters} quiet`,
    nextKernelParams: secondParameters,
  }
  const { files, generation } = await publish(options, progress, new AbortController().signal)
  const torrent = `${generation}.torrent`
  return {
    ...{ folder, torrent, dnsmasq: `${name}.boot/dnsmasq.conf`, aria2c: binaries.aria2c.path, url },
    size: files.reduce((sum, { size }) => sum + size, 0),
    async writeScript(script, otherTorrent, parameters) {
      const published = await readFile(join(folder, `${name}.boot/boot.ipxe`), 'utf8')
      const text = published.replace(`url=${url(torrent)}`, `url=${url(otherTorrent)} ${parameters}`)
      if (text === published)
        throw new Error(`the published script has no url=${url(torrent)}:\n${published}`)
      await writeFile(join(folder, script), text)
      return script
    },
  }
}
