// `--compress`: each method reads back as the same image, and a kernel that could not unpack it is refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { checkCompression } from '../../generator/image/compression/kernel-config.ts'
import { type CompressionMethod, compressionMethods } from '../../generator/image/compression/method.ts'
import { differenceOf } from '../../generator/image/inspect/difference.ts'
import { readImage } from '../../generator/image/inspect/image-reader.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { unpackedContents } from '../support/image.ts'
import { madeUpKernel, madeUpModule } from './made-up-kernel.ts'
import { buildStandIn } from './stand-in.ts'

const all = ['BLK_DEV_INITRD', 'RD_GZIP', 'RD_XZ', 'RD_ZSTD', 'XZ_DEC_X86']
const output = mkdtempSync(join(tmpdir(), 'compression-'))
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })

function configured(options: string[]): void {
  const lines = all.map(name => (options.includes(name) ? `CONFIG_${name}=y` : `# CONFIG_${name} is not set`))
  writeFileSync(join(kernelRoot, 'boot/config-6.0-test'), `${lines.join('\n')}\n`)
}

test('each way of compressing holds the same image, and is what it says', async () => {
  configured(all)
  const images: string[] = []
  for (const compress of compressionMethods) {
    const outputDir = join(output, compress)
    await buildStandIn({ outputDir, kernel: { root: kernelRoot }, compress })
    await buildStandIn({ outputDir: join(output, 'again'), kernel: { root: kernelRoot }, compress })
    const image = join(outputDir, 'initrd.img')
    assert.equal(readFileSync(image), readFileSync(join(output, 'again/initrd.img')), compress)
    const parts = await readImage(image)
    assert.equal([...new Set(parts.map(part => part.compression))], [compress])
    assert.is(JSON.parse(readFileSync(join(outputDir, 'manifest.json'), 'utf8')).image.compression, compress)
    images.push(image)
  }
  const [first = '', ...others] = images
  for (const other of others) {
    assert.is(
      [
        ...differenceOf(await readImage(first, { digests: true }), await readImage(other, { digests: true })),
      ].join(''),
      '0 removed, 0 added, 0 changed\n',
    )
  }
})

/** What the kernel of Linux 6.12 does at the end of an archive (init/initramfs.c, do_reset): zeros, and then `0` at 4n. */
async function bareArchives(image: string): Promise<number> {
  const parts = await readImage(image)
  for (const { compression, offset } of parts) {
    assert.is(compression, 'none')
    assert.is(offset % 4, 0, 'broken padding')
  }
  return parts.length
}

test('bare archives begin at multiples of four bytes, where the kernel looks for them', async () => {
  configured(all)
  await buildStandIn({ outputDir: output, kernel: { root: kernelRoot }, compress: 'none' })
  assert.ok((await bareArchives(join(output, 'initrd.img'))) > 1)
})

test('modules that the kernel decompresses are packed as they are; for xz, and for other kernels, decompressed', async () => {
  const module = madeUpModule('alias=pci:v1*')
  const stored = xzSync(module, { check: check.CRC32 })
  const root = madeUpKernel({ 'kernel/card.ko.xz': stored })
  const config = join(root, 'boot/config-6.0-test')
  const modulesIn = async (compress: CompressionMethod) => {
    await buildStandIn({ outputDir: output, kernel: { root }, compress })
    const entries = await unpackedContents(join(output, 'initrd.img'))
    return entries
      .filter(({ path }) => path.includes('card.ko'))
      .map(({ path, compression, content }) => [path.replace(/.*\//, ''), compression, content] as const)
  }
  const options = [...all, 'MODULE_DECOMPRESS', 'MODULE_COMPRESS_XZ']
  const write = (names: string[]) => writeFileSync(config, names.map(name => `CONFIG_${name}=y\n`).join(''))
  write(options)
  for (const method of ['zstd', 'gzip', 'none'] as const)
    assert.equal(await modulesIn(method), [['card.ko.xz', 'none', stored]], method)
  const index = await unpackedContents(join(output, 'initrd.img'))
  const dependencies = index.find(({ path }) => path.endsWith('modules.dep'))
  assert.is(dependencies?.content.toString(), 'kernel/card.ko.xz:\n')
  assert.equal(await modulesIn('xz'), [['card.ko', 'xz', module]])
  for (const lacks of ['MODULE_DECOMPRESS', 'MODULE_COMPRESS_XZ']) {
    write([...options.filter(name => name !== lacks), 'MODULE_COMPRESS_ZSTD'])
    assert.equal(await modulesIn('zstd'), [['card.ko', 'zstd', module]], lacks)
  }
  rmSync(root, { recursive: true })
})

function refusal(options: string[], method: CompressionMethod): string {
  configured(options)
  try {
    checkCompression(kernelFromTree(kernelRoot), method, silent)
  } catch (error) {
    assert.instance(error, CommandError)
    return `${(error as CommandError).message}; ${(error as CommandError).help}`
  }
  return ''
}

test('a kernel that cannot unpack it is refused, with the option that it lacks and what it can', () => {
  assert.is(
    refusal(['BLK_DEV_INITRD', 'RD_GZIP', 'RD_XZ'], 'zstd'),
    'kernel 6.0-test cannot unpack an image with --compress zstd: it was built without CONFIG_RD_ZSTD; ' +
      'choose what it can unpack: --compress xz or --compress gzip or --compress none',
  )
  assert.match(refusal(['BLK_DEV_INITRD', 'RD_GZIP'], 'xz'), 'without CONFIG_RD_XZ;')
  assert.match(refusal(['RD_XZ'], 'xz'), 'without CONFIG_BLK_DEV_INITRD; name a kernel that takes an initrd')
  assert.is(refusal(['BLK_DEV_INITRD'], 'none'), '')
})

test('who does not choose gets zstd, or what the kernel can unpack', async () => {
  const chosen = async () => {
    await buildStandIn({ outputDir: output, kernel: { root: kernelRoot } })
    return JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8')).image.compression
  }
  configured(all)
  assert.is(await chosen(), 'zstd')
  configured(['BLK_DEV_INITRD', 'RD_GZIP', 'RD_XZ'])
  assert.is(await chosen(), 'xz')
  configured(['BLK_DEV_INITRD', 'RD_GZIP'])
  assert.is(await chosen(), 'gzip')
  configured(['BLK_DEV_INITRD'])
  assert.is(await chosen(), 'none')
  rmSync(join(kernelRoot, 'boot/config-6.0-test'))
  assert.is(await chosen(), 'xz', 'a kernel that does not tell')
})

test('the filter for x86 code only where the kernel undoes it; a kernel without a config is trusted, aloud', () => {
  configured(['BLK_DEV_INITRD', 'RD_XZ'])
  const kernel = kernelFromTree(kernelRoot)
  assert.equal(checkCompression(kernel, 'xz', silent), { x86: false })
  rmSync(join(kernelRoot, 'boot/config-6.0-test'))
  const steps: string[] = []
  const progress = { ...silent, step: (text: string) => void steps.push(text) }
  assert.equal(checkCompression(kernel, 'zstd', progress), { x86: true })
  assert.match(steps.join(), 'has no config beside it')
  writeFileSync(join(kernelRoot, 'lib/modules/6.0-test/config'), 'CONFIG_BLK_DEV_INITRD=y\n')
  assert.throws(() => checkCompression(kernel, 'zstd', silent), /without CONFIG_RD_ZSTD/)
})

test.after(() => {
  for (const folder of [output, kernelRoot]) rmSync(folder, { recursive: true })
})

test.run()
