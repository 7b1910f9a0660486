// Firmware: from what the modules say of themselves, as it lies in the folder.
import { rmSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { driverEntries } from '../../generator/image/modules/module-entries.ts'
import { folderWith, madeUpKernel, madeUpModule } from './made-up-kernel.ts'

const blobs = folderWith({
  'vendor/plain.bin': 'plain',
  'vendor/xz.bin.xz': 'kept as xz',
  'vendor/zst.bin.zst': 'kept as zst',
  'vendor/both.bin': 'plain wins',
  'vendor/both.bin.xz': 'compressed',
  'vendor/card-1.fw.xz': 'one',
  'vendor/card-2.fw.xz': 'two',
  'vendor/card-2.txt': 'other',
  'updates/vendor/new.bin': "the site's",
  'vendor/new.bin': "the distribution's",
  'unasked.bin': 'never packed',
  '../outside-of-it': 'secret',
})
symlinkSync('plain.bin', join(blobs, 'vendor/link.bin'))
symlinkSync('nowhere', join(blobs, 'vendor/dangling.bin'))
test.after(() => {
  rmSync(blobs, { recursive: true })
  rmSync(join(blobs, '../outside-of-it'))
})

/** Packs `modules` of a made-up tree with the firmware that they name. @returns path to content, and the steps shown */
async function packed(
  firmware: Record<string, string[]>,
  wanted: string[],
  folder: string | undefined = blobs,
) {
  const steps: string[] = []
  const modules = Object.entries(firmware).map(([name, names]) => [
    `kernel/drivers/net/ethernet/${name}.ko`,
    madeUpModule(...names.map(each => `firmware=${each}`)),
  ])
  const root = madeUpKernel(Object.fromEntries(modules))
  try {
    const progress = { ...silent, step: (text: string) => void steps.push(text.replaceAll(blobs, 'DIR')) }
    const { firmware: entries } = await driverEntries(kernelFromTree(root), wanted, folder, progress)
    const files = entries.flatMap(entry => (entry.kind === 'file' ? [[entry.path, `${entry.content}`]] : []))
    const folders = entries.flatMap(entry => (entry.kind === 'directory' ? [entry.path] : []))
    return { files: Object.fromEntries(files), folders, steps }
  } finally {
    rmSync(root, { recursive: true })
  }
}

async function failure(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    reason => reason,
  )
  assert.instance(error, CommandError, error?.stack)
  return error.message.replaceAll(blobs, 'DIR')
}

test('what the module names is packed below lib/firmware, compressed as it was', async () => {
  const names = ['plain', 'xz', 'zst', 'both', 'new', 'link'].map(name => `vendor/${name}.bin`)
  const { files, folders, steps } = await packed({ card: names, other: ['unasked.bin'] }, ['card'])
  assert.equal(files, {
    'lib/firmware/vendor/plain.bin': 'plain',
    'lib/firmware/vendor/xz.bin.xz': 'kept as xz',
    'lib/firmware/vendor/zst.bin.zst': 'kept as zst',
    'lib/firmware/vendor/both.bin': 'plain wins',
    'lib/firmware/vendor/new.bin': "the site's",
    'lib/firmware/vendor/link.bin': 'plain',
  })
  assert.equal(folders, ['lib/firmware/vendor'])
  assert.equal(steps, [])
})

test('a pattern means each file that it matches', async () => {
  const { files, steps } = await packed({ card: ['vendor/card-*.fw', 'ven?or/nothing*'] }, ['card'])
  assert.equal(Object.keys(files), ['lib/firmware/vendor/card-1.fw.xz', 'lib/firmware/vendor/card-2.fw.xz'])
  assert.equal(steps, ['DIR lacks firmware that the module card may ask for: ven?or/nothing*'])
})

test('what is missing is named, one line for each module, and the image is made', async () => {
  const { files, steps } = await packed(
    { a: ['x.bin', 'y.bin', 'vendor/dangling.bin'], b: ['unasked.bin'] },
    ['all'],
  )
  assert.equal(Object.keys(files), ['lib/firmware/unasked.bin'])
  assert.equal(steps, ['DIR lacks firmware that the module a may ask for: x.bin, y.bin, vendor/dangling.bin'])
})

test('a module asked for by name that can do nothing without: an error; as one of a set: a line', async () => {
  const modules = { bnx2x: ['bnx2x/1.fw', 'bnx2x/2.fw'] }
  const line = 'DIR lacks firmware that the module bnx2x'
  assert.is(await failure(packed(modules, ['bnx2x'])), `${line} cannot do without: bnx2x/1.fw, bnx2x/2.fw`)
  assert.equal((await packed(modules, ['ethernet'])).steps, [`${line} may ask for: bnx2x/1.fw, bnx2x/2.fw`])
  // Of several versions one is enough.
  const versions = { bnx2x: ['bnx2x/1.fw', 'vendor/plain.bin'] }
  assert.equal((await packed(versions, ['bnx2x'])).steps, [`${line} may ask for: bnx2x/1.fw`])
})

test('without a folder nothing is packed, and the cards that will not work are named in one line', async () => {
  const root = madeUpKernel({
    'kernel/bnx2x.ko': madeUpModule('firmware=a'),
    'kernel/card.ko': madeUpModule('firmware=b'),
  })
  const steps: string[] = []
  const progress = { ...silent, step: (text: string) => void steps.push(text) }
  const { firmware } = await driverEntries(kernelFromTree(root), ['bnx2x', 'card'], undefined, progress)
  assert.equal([firmware, steps], [[], ['no firmware is packed; of no use without: bnx2x (--firmware DIR)']])
  rmSync(root, { recursive: true })
})

test('a name that leads out of the folder finds nothing', async () => {
  const names = ['../outside-of-it', 'vendor/../../outside-of-it', '/etc/passwd', '..*/outside-of-it']
  const { files, steps } = await packed({ card: names }, ['card'])
  assert.equal(files, {})
  assert.is(steps.length, 1)
})

test('a folder that is none, and a file of 5 GiB, are one clear error each', async () => {
  assert.is(await failure(packed({ card: [] }, ['card'], '/nowhere')), 'no such folder of firmware: /nowhere')
  const huge = folderWith({ 'huge.bin': '' })
  truncateSync(join(huge, 'huge.bin'), 5 * 2 ** 30)
  assert.match(await failure(packed({ card: ['huge.bin'] }, ['card'], huge)), /^cannot read .*\/huge\.bin: /)
  rmSync(huge, { recursive: true })
})

test.run()
