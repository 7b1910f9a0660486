import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { makeSecondStage } from '../../generator/demo/second-stage.ts'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { kernelNamed } from '../../generator/image/kernel/kernel.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { makeTorrent } from '../../generator/publish/torrent.ts'
import { provideQemu } from '../../generator/qemu/qemu.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { type Origin, startOrigin } from '../../generator/serve/origin.ts'
import { startTracker, type Tracker } from '../../generator/serve/tracker.ts'
import { leftOutByDefault, type PartName } from '../../generator/stages/api/parts.ts'
import { testKernel } from '../support/test-kernel.ts'

/** What a boot test has around it: the shipped image, a second stage, and servers that give it out. */
export interface Site {
  image: { kernel: string; initrd: string }
  /** The folder that the origin serves; it holds `vmlinuz` and `initrd.img`, the second stage. */
  folder: string
  origin: Origin
  tracker: Tracker
  /** Static programs. */
  aria2c: string
  /** The address of a file in the folder, for a guest. */
  url(file: string): string
  digest(kind: 'sha256' | 'sha512', file: string): string
  write(file: string, content: string | Buffer): void
  /** Writes NAME.torrent with the tracker and, unless `webSeed` is false, this origin as web seed. */
  publish(name: string, files: string[], options?: { webSeed?: boolean }): Promise<void>
  close(): Promise<void>
}

export interface SiteImage {
  /** Parts of the boot that the image does without; what is around it has them all. */
  without?: readonly PartName[]
  /** Lists of devices whose drivers alone go in. */
  hardware?: string[]
  /** As `--kernel` names it; default the test kernel. */
  kernel?: string
  /** Sets and names of modules; default `virtual`. */
  modules?: string[]
  /** Files of certificates: the image boots nothing without a manifest that they signed. */
  trust?: string[]
}

/** Builds the image (from the caches, when they are warm) and starts the servers, on the loopback. */
export async function startSite(wanted: SiteImage = {}): Promise<Site> {
  const { without = leftOutByDefault, hardware, modules = ['virtual'], trust = [] } = wanted
  // As root on Debian what is missing is installed; elsewhere the tests are skipped by name.
  if (process.getuid?.() === 0) await provideQemu(terminalProgress()).catch(() => {})
  const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-boot-test-'))
  process.on('exit', () => rmSync(work, { recursive: true, force: true }))
  const [output, folder] = [join(work, 'output'), join(work, 'served')]
  mkdirSync(output)
  mkdirSync(folder)

  const init = await ownInit(without)
  const kernel = wanted.kernel === undefined ? testKernel : kernelNamed(wanted.kernel)
  const drivers = hardware === undefined ? { modules } : { modules, hardware }
  await buildImage({ init, outputDir: output, kernel, without, trust, ...drivers }, silent)
  const image = { kernel: join(output, 'vmlinuz'), initrd: join(output, 'initrd.img') }
  const binaries = await provideBinaries(silent)
  copyFileSync(image.kernel, join(folder, 'vmlinuz'))
  writeFileSync(join(folder, 'initrd.img'), await makeSecondStage(binaries.busybox.path))

  const origin = await startOrigin({ folder })
  const tracker = await startTracker({ interval: 5 })
  const originUrl = `http://${hostFromGuest}:${origin.port}`
  return {
    image,
    folder,
    origin,
    tracker,
    aria2c: binaries.aria2c.path,
    url: file => `${originUrl}/${file}`,
    digest: (kind, file) =>
      createHash(kind)
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    write: (file, content) => writeFileSync(join(folder, file), content),
    async publish(name, files, { webSeed = true } = {}) {
      const single = files.length === 1
      const torrent = await makeTorrent({
        files: files.map(file => join(folder, file)),
        // A web seed of several files is asked for FOLDER/FILE, and `.` is the folder itself.
        name: single ? (files[0] as string) : name,
        announce: [`http://${hostFromGuest}:${tracker.port}/announce`],
        ...(webSeed ? { webSeeds: [`${originUrl}/`] } : {}),
      })
      if (!single) {
        mkdirSync(join(folder, name), { recursive: true })
        for (const file of files) copyFileSync(join(folder, file), join(folder, name, file))
      }
      writeFileSync(join(folder, `${name}.torrent`), torrent)
    },
    async close() {
      await origin.close()
      await tracker.close()
    },
  }
}
