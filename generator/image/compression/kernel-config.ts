import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import type { Progress } from '../../host/console/progress.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { type CompressionMethod, compressionMethods, defaultCompression } from './method.ts'

/** What the kernel's configuration must say for it to unpack an image so compressed. */
const options: Record<CompressionMethod, string> = {
  xz: 'CONFIG_RD_XZ',
  zstd: 'CONFIG_RD_ZSTD',
  gzip: 'CONFIG_RD_GZIP',
  none: 'CONFIG_BLK_DEV_INITRD',
}

/** The options that a kernel was built with `y`, or undefined where its configuration is not beside it. */
export function kernelOptions({ vmlinuz, version, modules }: Kernel): Set<string> | undefined {
  const beside = dirname(vmlinuz)
  const candidates = [
    join(beside, `config-${version}`),
    join(beside, 'config'),
    ...(modules === undefined ? [] : [join(modules, 'config')]),
  ]
  for (const path of candidates) {
    try {
      const lines = readFileSync(path, 'latin1').split('\n')
      return new Set(lines.filter(line => line.endsWith('=y')).map(line => line.slice(0, -2)))
    } catch {}
  }
  return undefined
}

/** The one compression of modules that a kernel was built for, by what the names of its modules end in. */
const moduleCompressions = {
  CONFIG_MODULE_COMPRESS_XZ: '.ko.xz',
  CONFIG_MODULE_COMPRESS_ZSTD: '.ko.zst',
  CONFIG_MODULE_COMPRESS_GZIP: '.ko.gz',
}

/**
 * What the names of modules end in that the kernel decompresses itself, when modprobe hands it the file as it is
 * (finit_module with MODULE_INIT_COMPRESSED_FILE; BusyBox asks for that). Empty where its configuration does not say so.
 */
export function loadableCompressions(kernel: Kernel): string[] {
  const known = kernelOptions(kernel)
  if (known?.has('CONFIG_MODULE_DECOMPRESS') !== true) return []
  return Object.entries(moduleCompressions).flatMap(([option, suffix]) => (known.has(option) ? [suffix] : []))
}

/**
 * The compression for someone who does not choose: `defaultCompression`, which kernels before 5.9 do not know; for those,
 * and for a kernel whose configuration is not there to tell, what is unpacked since 2.6.38, and then what else there is.
 */
export function compressionFor(kernel: Kernel): CompressionMethod {
  const known = kernelOptions(kernel)
  if (known === undefined) return 'xz'
  const order = [defaultCompression, 'xz', 'gzip', 'none'] as const
  return order.find(method => known.has(options[method])) ?? defaultCompression
}

/**
 * Refuses a compression that the kernel cannot unpack.
 * @returns whether it also undoes the filter for x86 code, which xz may have
 */
export function checkCompression(
  kernel: Kernel,
  method: CompressionMethod,
  progress: Progress,
): { x86: boolean } {
  const known = kernelOptions(kernel)
  if (known === undefined) {
    progress.step(
      `kernel ${kernel.version} has no config beside it: that it unpacks ${method} is taken on trust`,
    )
    return { x86: true }
  }
  const wanted = ['CONFIG_BLK_DEV_INITRD', options[method]]
  const missing = wanted.find(option => !known.has(option))
  if (missing === undefined) return { x86: known.has('CONFIG_XZ_DEC_X86') }
  const others = compressionMethods.filter(other => known.has(options[other]))
  throw new CommandError(
    `kernel ${kernel.version} cannot unpack an image with --compress ${method}: it was built without ${missing}`,
    known.has('CONFIG_BLK_DEV_INITRD')
      ? `choose what it can unpack: --compress ${others.join(' or --compress ')}`
      : 'name a kernel that takes an initrd',
  )
}
