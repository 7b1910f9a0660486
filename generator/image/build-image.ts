import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { allTogether, NotInCache } from '../host/debian/not-in-cache.ts'
import { reasonOf, writeWholeFiles } from '../host/files/whole-file.ts'
import type { InputOptions } from '../programs/inputs.ts'
import { keepSources, requireNewFolder } from '../programs/keep-sources.ts'
import { lockedPackage, readLock } from '../programs/lock.ts'
import { type Binaries, type Binary, provideBinaries } from '../programs/provide-programs.ts'
import type { LockInUse } from '../programs/todays-lock.ts'
import { leftOutByDefault, type PartName, partNames } from '../stages/api/parts.ts'
import { readCertificates, readSigners, withCertificates } from './additions/certificates.ts'
import { collectAdditions } from './additions/collect.ts'
import { withAdditions } from './additions/merge.ts'
import { imageTime, type Trust, trustSegments } from './additions/trust.ts'
import { checkCompression, compressionFor, loadableCompressions } from './compression/kernel-config.ts'
import type { CompressionMethod } from './compression/method.ts'
import { compressSegment } from './compression/segment-cache.ts'
import type { Device } from './hardware/device.ts'
import { readHardware } from './hardware/read-hardware.ts'
import { chosenKernel } from './kernel/chosen-kernel.ts'
import type { Kernel, KernelChoice } from './kernel/kernel.ts'
import { kernelFromTree } from './kernel/kernel-tree.ts'
import { driverEntries } from './modules/module-entries.ts'
import { moduleSegments } from './modules/module-segments.ts'
import type { ArchiveEntry } from './newc/entry.ts'
import { writeNewc } from './newc/newc-writer.ts'
import { billOfMaterials } from './records/bill-of-materials.ts'
import { manifestOf } from './records/manifest.ts'
import { checkPaths, type PartSize, type Segment } from './segment.ts'
import { skeletonEntries } from './skeleton.ts'

export interface ImageOptions extends Trust {
  /** The text of /init, or what makes it: called when all has been checked that is quick to check. */
  init: string | (() => Promise<string>)
  /** Where initrd.img, vmlinuz and init are written. */
  outputDir: string
  kernel: KernelChoice
  /** Names of module sets and of single modules. */
  modules: string[]
  /** Files that tell the devices of the machines; drivers of others are left out. */
  hardware?: string[]
  /** The folder that the kernel would find as /lib/firmware; without it no firmware is packed. */
  firmware?: string
  /** Parts of the boot that are left out; `init` knows of them. */
  without?: readonly PartName[]
  /** Files, folders and programs, each `SRC[:DEST]`. */
  add?: string[]
  /** Files of CA certificates in PEM. */
  ca?: string[]
  /** Whether what is added may take the place of what is there. */
  replace?: boolean
  compress?: CompressionMethod
  /** A new folder for the sources of the programs. */
  sources?: string
  /** How Debian is reached, and whether what the lock does not name will do. */
  debian?: ArchiveOptions & InputOptions
}

export interface ImageReport {
  kernel: Kernel
  parts: PartSize[]
  /** Bytes of initrd.img. */
  initrdSize: number
  vmlinuzSize: number
  /** What the programs are built from, where that is known. */
  inUse: LockInUse | undefined
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
  { busybox, aria2c, kexec, caBundle, applets, inUse }: Binaries,
  ca: { files: string[]; certificates: string[] },
  without: readonly PartName[],
): Promise<Segment[]> {
  const box = await program('bin/busybox', busybox)
  for (const applet of applets) {
    if (applet !== 'busybox') box.entries.push({ kind: 'symlink', path: `bin/${applet}`, target: 'busybox' })
  }
  const aria2 = await program('usr/bin/aria2c', aria2c)
  if (!without.includes('signatures')) {
    aria2.entries.push({ kind: 'symlink', path: 'usr/bin/cms-verify', target: 'aria2c' })
  }
  const bundle = withCertificates(await readInput(caBundle), ca.certificates)
  const packaged = `ca-certificates ${lockedPackage(inUse?.lock ?? readLock(), 'ca-certificates').version}`
  return [
    box,
    aria2,
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

/** The time before which this image's clock never is. */
function timeEntries({ inUse }: Binaries, certificates: string[]): ArchiveEntry[] {
  const time = imageTime((inUse?.lock ?? readLock()).lists, certificates)
  return [{ kind: 'file', path: 'etc/aria2-initrd/time', mode: 0o644, content: Buffer.from(`${time}\n`) }]
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

/** Gives the programs; a signal says that they are not needed any more. */
type Provide = (progress: Progress, signal: AbortSignal) => Promise<Binaries>

/** The kernel and its drivers, and how the image is compressed for it. */
async function kernelParts(
  { kernel: choice, ...options }: ImageOptions,
  hardware: Device[] | undefined,
  progress: Progress,
) {
  const kernel = await chosenKernel(choice, progress, options.debian)
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
    hardware,
  )
  return { kernel, modules, firmware, compression, decoder, vmlinuz: await readInput(kernel.vmlinuz) }
}

/**
 * Makes initrd.img, vmlinuz, init, manifest.json and sbom.json in the output folder: all of them, or an error and what
 * was there before. `provide` gives the programs; tests that are about something else need not wait for the real ones.
 */
export async function buildImage(
  options: ImageOptions,
  progress: Progress,
  provide: Provide = (how, signal) =>
    provideBinaries(how, readLock(), {
      ...options.debian,
      without: options.without ?? leftOutByDefault,
      signal,
    }),
): Promise<ImageReport> {
  const { kernel: choice, without = leftOutByDefault } = options
  // What a person named comes first: a mistake in it is told at once.
  const added = collectAdditions(options.add ?? [])
  if (options.sources !== undefined) await requireNewFolder(options.sources)
  const hardware = options.hardware === undefined ? undefined : readHardware(options.hardware)
  const ca = { files: options.ca ?? [], certificates: readCertificates(options.ca ?? []) }
  const signers = readSigners(options.trust ?? [])
  const trusted = trustSegments(signers, options)
  if (trusted.length > 0 && without.includes('signatures')) {
    throw new CommandError('--trust needs the part signatures', 'leave it in, or trust nobody')
  }
  if ('root' in choice) kernelFromTree(choice.root, choice.version)
  const building = new AbortController()
  options.debian?.signal?.addEventListener('abort', () => building.abort())
  const drivers = async () => {
    const init = typeof options.init === 'string' ? options.init : await options.init()
    return { init, ...(await kernelParts(options, hardware, progress)) }
  }
  const [{ init, kernel, modules, firmware, compression, decoder, vmlinuz }, binaries] = await allTogether([
    drivers().catch(error => {
      // A mistake in a name is told now, not when all is built. What is only not there is told with the rest.
      if (!(error instanceof NotInCache)) building.abort(new Error('ended by another failure'))
      throw error
    }),
    provide(progress, building.signal),
  ])
  const kernelOrigin = 'root' in choice ? 'a kernel tree' : kernel.origin
  const version = `kernel ${kernel.version}, ${kernelOrigin}`
  const segments = withAdditions(
    [
      {
        part: 'skeleton',
        origin: 'aria2-initrd',
        x86: false,
        entries: [
          ...skeletonEntries(without),
          ...(without.includes('clock') ? [] : timeEntries(binaries, [...ca.certificates, ...signers])),
        ],
      },
      ...(await binarySegments(binaries, ca, without)),
      ...trusted,
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
  const { image, parts: sizes } = await compressAll(segments, compression, decoder, progress)
  const { inUse } = binaries
  const manifest = manifestOf({
    kernel,
    kernelOrigin,
    vmlinuz,
    segments,
    image,
    compression,
    inUse,
    parts: partNames.filter(name => !without.includes(name)),
  })
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`

  if (options.sources !== undefined) {
    await keepSources(
      options.sources,
      { ...kernel, origin: kernelOrigin },
      progress,
      inUse?.lock,
      options.debian,
    )
  }
  const output = (name: string) => join(options.outputDir, name)
  await writeWholeFiles([
    { path: output('init'), content: init, mode: 0o755 },
    { path: output('vmlinuz'), content: vmlinuz },
    { path: output('manifest.json'), content: json(manifest) },
    { path: output('sbom.json'), content: json(billOfMaterials(manifest, inUse?.lock)) },
    { path: output('initrd.img'), content: image },
  ])
  return { kernel, parts: sizes, initrdSize: image.length, vmlinuzSize: vmlinuz.length, inUse }
}
