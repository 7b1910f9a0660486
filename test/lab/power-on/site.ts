/** What the lab's web server holds: stage one, an iPXE script that boots it, and a second stage as a torrent. */
import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateInit } from '../../../generator/compiler/generate.ts'
import { makeSecondStage } from '../../../generator/demo/second-stage.ts'
import { provideBinaries } from '../../../generator/image/binaries/index.ts'
import { buildImage } from '../../../generator/image/build-image.ts'
import type { Progress } from '../../../generator/progress.ts'
import { makeTorrent } from '../../../generator/publish/torrent.ts'
import { machineParameters } from '../../../generator/qemu/command-line.ts'
import { provideQemu } from '../../../generator/qemu/qemu.ts'
import { serverAddress } from './network.ts'

export const trackerPort = 6969

/** What the second kernel is told. */
export const secondParameters =
  "console=ttyS0 quiet no_timer_check greeting='from  the swarm; $(reboot) & * = #1'"

export interface Site {
  /** The web server's root. */
  folder: string
  /** Below it: the second stage's torrent. */
  torrent: string
  /** Bytes of what it holds. */
  size: number
  /** Below it: the iPXE script that boots stage one and from there the second stage. */
  script: string
  /** The address of a file below the root. */
  url(path: string): string
  /** Static. */
  aria2c: string
  /**
   * Writes an iPXE script that boots stage one with other parameters; its path below the root.
   * @param parameters those of the second kernel are there already
   */
  writeScript(name: string, parameters: string): Promise<string>
}

export interface SiteOptions {
  /** Bytes that a further file of the torrent has, so that there is more to share; default none. */
  ballast?: number
}

/** Fetches and builds what is needed, with this machine's network, and publishes it below a new folder. */
export async function makeSite({ ballast = 0 }: SiteOptions, progress: Progress): Promise<Site> {
  await provideQemu(progress)
  const binaries = await provideBinaries(progress)
  const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-power-on-site-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

  const stageOne = join(folder, 'stage-one')
  await mkdir(stageOne)
  const kernel = { package: 'linux-image-cloud-amd64' }
  const modules = ['virtual']
  await buildImage({ init: generateInit, outputDir: stageOne, kernel, modules }, progress)

  const name = 'second-stage'
  const file = (base: string) => join(folder, name, base)
  await mkdir(join(folder, name))
  await copyFile(join(stageOne, 'vmlinuz'), file('vmlinuz'))
  await writeFile(file('initrd.img'), await makeSecondStage(binaries.busybox.path))
  if (ballast > 0) await writeFile(file('root.img'), randomBytes(ballast))

  const files = ['vmlinuz', 'initrd.img', ...(ballast > 0 ? ['root.img'] : [])].map(file)
  const announce = [`http://${serverAddress}:${trackerPort}/announce`]
  await writeFile(join(folder, `${name}.torrent`), await makeTorrent({ files, name, announce }))

  const sha256 = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  const digests = `kernel_sha=${await sha256(file('vmlinuz'))} initrd_sha=${await sha256(file('initrd.img'))}`
  const url = (path: string) => `http://${serverAddress}/${path}`
  const writeScript = async (script: string, parameters: string) => {
    const next = `next_kernel_params_b64=${Buffer.from(secondParameters).toString('base64url')}`
    const line = `initrd=initrd.img ${machineParameters} quiet ${parameters} ${next}`
    const text = `#!ipxe\nkernel stage-one/vmlinuz ${line}\ninitrd stage-one/initrd.img\nboot\n`
    await writeFile(join(folder, script), text)
    return script
  }
  return {
    folder,
    torrent: `${name}.torrent`,
    size: (await Promise.all(files.map(path => stat(path)))).reduce((sum, each) => sum + each.size, 0),
    script: await writeScript('boot.ipxe', `url=${url(`${name}.torrent`)} ${digests}`),
    url,
    aria2c: binaries.aria2c.path,
    writeScript,
  }
}
