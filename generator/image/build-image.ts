import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../command-error.ts'
import type { Progress } from '../progress.ts'
import { writeNewc } from './archive/newc-writer.ts'
import { type Binaries, provideBinaries } from './binaries/index.ts'
import { compressSegment } from './compression/segment-cache.ts'
import { kernelFromPackage } from './kernel/debian-kernel.ts'
import type { Kernel, KernelChoice } from './kernel/kernel.ts'
import { kernelFromTree } from './kernel/kernel-tree.ts'
import { moduleEntries } from './modules/module-entries.ts'
import { checkPaths, type PartSize, type Segment } from './segment.ts'
import { skeletonEntries } from './skeleton.ts'
import { reasonOf, writeWholeFiles } from './whole-file.ts'

export interface ImageOptions {
  /** The text of /init. */
  init: string
  /** Where initrd.img, vmlinuz and init are written. */
  outputDir: string
  kernel: KernelChoice
  /** Names of module sets and of single modules. */
  modules: string[]
}

export interface ImageReport {
  kernel: Kernel
  parts: PartSize[]
  /** Bytes of initrd.img. */
  initrdSize: number
  vmlinuzSize: number
}

async function readInput(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    throw new CommandError(
      `cannot read ${path}: ${reasonOf(error)}`,
      'see that the file is there and may be read',
    )
  }
}

async function program(part: string, path: string, source: string): Promise<Segment> {
  const content = await readInput(source)
  return { part, x86: true, entries: [{ kind: 'file', path, mode: 0o755, content }] }
}

async function binarySegments({ busybox, aria2c, kexec, caBundle, applets }: Binaries): Promise<Segment[]> {
  const box = await program('busybox', 'bin/busybox', busybox.path)
  for (const applet of applets) {
    if (applet !== 'busybox') box.entries.push({ kind: 'symlink', path: `bin/${applet}`, target: 'busybox' })
  }
  const bundle = await readInput(caBundle)
  return [
    box,
    await program('aria2c', 'usr/bin/aria2c', aria2c.path),
    await program('kexec', 'sbin/kexec', kexec.path),
    {
      part: 'CA certificates',
      x86: false,
      entries: [{ kind: 'file', path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: bundle }],
    },
  ]
}

/** Compresses the segments, several at once, and joins them in their order. */
async function compressAll(
  segments: Segment[],
  progress: Progress,
): Promise<{ image: Buffer; parts: PartSize[] }> {
  const archives = await Promise.all(segments.map(segment => writeNewc(segment.entries)))
  const total = archives.reduce((sum, archive) => sum + archive.length, 0)
  const track = progress.track('compressing the image', total)
  try {
    const compressed = await Promise.all(
      segments.map(({ x86 }, index) => compressSegment(archives[index] ?? Buffer.alloc(0), { x86 }, track)),
    )
    const parts = segments.map(({ part, entries }, index) => ({
      part,
      files: entries.length,
      uncompressed: archives[index]?.length ?? 0,
      compressed: compressed[index]?.length ?? 0,
    }))
    return { image: Buffer.concat(compressed), parts }
  } finally {
    track.done()
  }
}

/**
 * Makes initrd.img, vmlinuz and init in the output folder: all three, or an error and what was there before.
 * `provide` gives the programs; tests that are about something else need not wait for the real ones.
 */
export async function buildImage(
  options: ImageOptions,
  progress: Progress,
  provide: (progress: Progress) => Promise<Binaries> = provideBinaries,
): Promise<ImageReport> {
  const { kernel: choice } = options
  const kernel =
    'root' in choice
      ? kernelFromTree(choice.root, choice.version)
      : await kernelFromPackage(choice.package, progress)
  progress.step(`kernel ${kernel.version} from ${kernel.origin}`)
  const modules = await moduleEntries(kernel, options.modules, progress)
  const vmlinuz = await readInput(kernel.vmlinuz)
  const segments: Segment[] = [
    { part: 'skeleton', x86: false, entries: skeletonEntries() },
    ...(await binarySegments(await provide(progress))),
    ...(modules.length > 0 ? [{ part: 'kernel modules', x86: false, entries: modules }] : []),
    {
      part: 'init',
      x86: false,
      entries: [{ kind: 'file', path: 'init', mode: 0o755, content: Buffer.from(options.init) }],
    },
  ]
  checkPaths(segments)
  const { image, parts } = await compressAll(segments, progress)

  const output = (name: string) => join(options.outputDir, name)
  await writeWholeFiles([
    { path: output('init'), content: options.init, mode: 0o755 },
    { path: output('vmlinuz'), content: vmlinuz },
    { path: output('initrd.img'), content: image },
  ])
  return { kernel, parts, initrdSize: image.length, vmlinuzSize: vmlinuz.length }
}
