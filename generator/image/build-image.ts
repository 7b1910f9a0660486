import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CommandError } from '../command-error.ts'
import type { Progress } from '../progress.ts'
import { readCertificates, withCertificates } from './additions/certificates.ts'
import { collectAdditions } from './additions/collect.ts'
import { withAdditions } from './additions/merge.ts'
import { writeNewc } from './archive/newc-writer.ts'
import { type Binaries, type Binary, provideBinaries } from './binaries/index.ts'
import { keepSources, requireNewFolder } from './binaries/keep-sources.ts'
import { lockedPackage, readLock } from './binaries/lock.ts'
import { checkCompression, compressionFor, loadableCompressions } from './compression/kernel-config.ts'
import type { CompressionMethod } from './compression/method.ts'
import { compressSegment } from './compression/segment-cache.ts'
import { kernelFromPackage } from './kernel/debian-kernel.ts'
import type { Kernel, KernelChoice } from './kernel/kernel.ts'
import { kernelFromTree } from './kernel/kernel-tree.ts'
import { driverEntries } from './modules/module-entries.ts'
import { moduleSegments } from './modules/module-segments.ts'
import { billOfMaterials } from './records/bill-of-materials.ts'
import { manifestOf } from './records/manifest.ts'
import { checkPaths, type PartSize, type Segment } from './segment.ts'
import { skeletonEntries } from './skeleton.ts'
import { reasonOf, writeWholeFiles } from './whole-file.ts'

export interface ImageOptions {
  /** The text of /init, or what makes it: called when all has been checked that is quick to check. */
  init: string | (() => Promise<string>)
  /** Where initrd.img, vmlinuz and init are written. */
  outputDir: string
  kernel: KernelChoice
  /** Names of module sets and of single modules. */
  modules: string[]
  /** The folder that the kernel would find as /lib/firmware; without it no firmware is packed. */
  firmware?: string
  /** Files, folders and programs, each `SRC[:DEST]`. */
  add?: string[]
  /** Files of CA certificates in PEM. */
  ca?: string[]
  /** Whether what is added may take the place of what is there. */
  replace?: boolean
  compress?: CompressionMethod
  /** A new folder for the sources of the programs. */
  sources?: string
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

async function program(path: string, { name, path: file, source }: Binary): Promise<Segment> {
  const content = await readInput(file)
  return { part: name, origin: source, x86: true, entries: [{ kind: 'file', path, mode: 0o755, content }] }
}

async function binarySegments(
  { busybox, aria2c, kexec, caBundle, applets }: Binaries,
  ca: { files: string[]; certificates: string[] },
): Promise<Segment[]> {
  const box = await program('bin/busybox', busybox)
  for (const applet of applets) {
    if (applet !== 'busybox') box.entries.push({ kind: 'symlink', path: `bin/${applet}`, target: 'busybox' })
  }
  const bundle = withCertificates(await readInput(caBundle), ca.certificates)
  const packaged = `ca-certificates ${lockedPackage(readLock(), 'ca-certificates').version}`
  return [
    box,
    await program('usr/bin/aria2c', aria2c),
    await program('sbin/kexec', kexec),
    {
      part: 'CA certificates',
      origin:
        ca.files.length === 0
          ? packaged
          : `${packaged}, and added (${ca.files.map(file => basename(file)).join(', ')})`,
      x86: false,
      entries: [{ kind: 'file', path: 'etc/ssl/certs/ca-certificates.crt', mode: 0o644, content: bundle }],
    },
  ]
}

/** The kernel looks for a bare archive at multiples of four bytes, and passes over zeros. */
const aligned = (segment: Buffer) => Buffer.concat([segment, Buffer.alloc(-segment.length & 3)])

/** Compresses the segments, several at once, and joins them in their order. */
async function compressAll(
  segments: Segment[],
  method: CompressionMethod,
  decoder: { x86: boolean },
  progress: Progress,
): Promise<{ image: Buffer; parts: PartSize[] }> {
  const archives = await Promise.all(segments.map(segment => writeNewc(segment.entries)))
  const total = archives.reduce((sum, archive) => sum + archive.length, 0)
  const track = progress.track('compressing the image', total)
  try {
    const compressed = await Promise.all(
      segments.map(async ({ x86, bare = false }, index) => {
        const how = { method: bare ? 'none' : method, x86: x86 && decoder.x86 } as const
        return aligned(await compressSegment(archives[index] ?? Buffer.alloc(0), how, progress, track))
      }),
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
 * Makes initrd.img, vmlinuz, init, manifest.json and sbom.json in the output folder: all of them, or an error and what
 * was there before. `provide` gives the programs; tests that are about something else need not wait for the real ones.
 */
export async function buildImage(
  options: ImageOptions,
  progress: Progress,
  provide: (progress: Progress) => Promise<Binaries> = provideBinaries,
): Promise<ImageReport> {
  const { kernel: choice } = options
  // What a person named comes first: a mistake in it is told at once.
  const added = collectAdditions(options.add ?? [])
  if (options.sources !== undefined) await requireNewFolder(options.sources)
  const ca = { files: options.ca ?? [], certificates: readCertificates(options.ca ?? []) }
  if ('root' in choice) kernelFromTree(choice.root, choice.version)
  const init = typeof options.init === 'string' ? options.init : await options.init()
  const kernel =
    'package' in choice
      ? await kernelFromPackage(choice.package, progress)
      : kernelFromTree(choice.root, choice.version)
  const kernelOrigin = 'root' in choice ? 'a kernel tree' : kernel.origin
  progress.step(`kernel ${kernel.version} from ${kernel.origin}`)
  const compression = options.compress ?? compressionFor(kernel)
  const decoder = checkCompression(kernel, compression, progress)
  const { modules, firmware } = await driverEntries(
    kernel,
    options.modules,
    options.firmware,
    progress,
    // Modules decompressed and packed together are the smallest, and xz is for who wants that.
    compression === 'xz' ? [] : loadableCompressions(kernel),
  )
  const vmlinuz = await readInput(kernel.vmlinuz)
  const version = `kernel ${kernel.version}, ${kernelOrigin}`
  const segments = withAdditions(
    [
      { part: 'skeleton', origin: 'aria2-initrd', x86: false, entries: skeletonEntries() },
      ...(await binarySegments(await provide(progress), ca)),
      ...moduleSegments(modules, version),
      ...(firmware.length > 0
        ? [{ part: 'firmware', origin: 'a folder of firmware', x86: false, entries: firmware }]
        : []),
      {
        part: 'init',
        origin: 'aria2-initrd',
        x86: false,
        entries: [{ kind: 'file', path: 'init', mode: 0o755, content: Buffer.from(init) }],
      },
    ],
    added,
    options.replace ?? false,
  )
  checkPaths(segments)
  const { image, parts } = await compressAll(segments, compression, decoder, progress)
  const manifest = manifestOf({ kernel, kernelOrigin, vmlinuz, segments, image, compression })
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`

  if (options.sources !== undefined) await keepSources(options.sources, kernelOrigin, progress)
  const output = (name: string) => join(options.outputDir, name)
  await writeWholeFiles([
    { path: output('init'), content: init, mode: 0o755 },
    { path: output('vmlinuz'), content: vmlinuz },
    { path: output('manifest.json'), content: json(manifest) },
    { path: output('sbom.json'), content: json(billOfMaterials(manifest)) },
    { path: output('initrd.img'), content: image },
  ])
  return { kernel, parts, initrdSize: image.length, vmlinuzSize: vmlinuz.length }
}
