import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { type Progress, readableSize } from '../../generator/host/console/progress.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { type CompressionMethod, defaultCompression } from '../../generator/image/compression/method.ts'
import { kernelNamed } from '../../generator/image/kernel/kernel.ts'
import { defaultModules } from '../../generator/image/modules/selection.ts'
import { bootTimes, ownBoot } from './boot-times.ts'
import { median, seconds } from './table.ts'

const cli = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))

/** What the measurements of one run share. */
export interface Bench {
  /** A folder for what is made. */
  folder: string
  /** How often what takes time is repeated. */
  runs: number
  progress: Progress
}

/** An image that lies in the folder, and its size in bytes. */
export interface OwnImage {
  kernel: string
  initrd: string
  size: number
  withoutModules: number
  vmlinuzSize: number
}

function timeCli(...words: string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return performance.now() - start
}

const init = ownInit()

/** Builds the image with the default modules, or with those of them that the devices in some files need. */
export async function ownImage(
  { folder, progress }: Bench,
  kernel: string,
  compress: CompressionMethod = defaultCompression,
  hardware?: string[],
): Promise<OwnImage> {
  const outputDir = join(folder, `${kernel}-${compress}${hardware === undefined ? '' : '-hardware'}`)
  const narrowed = hardware === undefined ? {} : { hardware }
  const { parts, initrdSize, vmlinuzSize } = await buildImage(
    {
      init: await init,
      outputDir,
      kernel: kernelNamed(kernel),
      modules: defaultModules,
      compress,
      ...narrowed,
    },
    progress,
  )
  const modules = parts.filter(({ part }) => /kernel modules/.test(part))
  return {
    kernel: join(outputDir, 'vmlinuz'),
    initrd: join(outputDir, 'initrd.img'),
    size: initrdSize,
    withoutModules: modules.reduce((size, { compressed }) => size - compressed, initrdSize),
    vmlinuzSize,
  }
}

/** The text of /init, and how long the commands take when all that can be cached is. */
export async function commandRows({ folder, runs }: Bench, kernels: string[]): Promise<string[][]> {
  const repeated = (...words: string[]) =>
    seconds(median(Array.from({ length: runs }, () => timeCli(...words))))
  return [
    ['what', 'measured', 'budget'],
    ['/init', `${(await init).split('\n').length - 1} lines`],
    ['generate', repeated('generate', '-o', join(folder, 'init')), '3 s'],
    ...kernels.map(kernel => [
      `build --kernel ${kernel}, all cached`,
      repeated('build', '--kernel', kernel, '-o', join(folder, 'cached')),
      '15 s',
    ]),
  ]
}

/** Size and times to boot of the default image, for each kernel. */
export async function imageRows(bench: Bench, kernels: string[]): Promise<string[][]> {
  const rows = [
    [
      'kernel',
      'vmlinuz',
      'initrd.img',
      'without modules',
      '/init',
      'address',
      'first request',
      '/init to request',
    ],
    ['(budget)', '', '', '2.7 MB', '', '', '', '2.0 s'],
  ]
  for (const kernel of kernels) {
    const image = await ownImage(bench, kernel)
    const times = await bootTimes(ownBoot(image.kernel, image.initrd), bench.runs)
    const request = times.request ?? Number.NaN
    rows.push([
      kernel,
      readableSize(image.vmlinuzSize),
      readableSize(image.size),
      readableSize(image.withoutModules),
      seconds(times.init),
      seconds(times.address ?? Number.NaN),
      seconds(request),
      seconds(request - times.init),
    ])
  }
  return rows
}
