// publish --boot switch_root: an image is the root of the first stage's kernel, by a line or by a signed manifest.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { examine } from '../../generator/kernel-command-line/examine.ts'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { keyFolder, selfSigned } from '../support/certificates.ts'
import { cli } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'
import { sha256 } from '../support/payload.ts'
import { baseUrl, initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const rootBytes = Buffer.concat([Buffer.from('hsqs'), noise(70_000)])
const root = site.write('root.squashfs', rootBytes)
const tree = site.write('root.verity', Buffer.concat([Buffer.from('verity\0\0'), noise(9_000)]))
const kernel = site.write('vmlinuz', kernelLike(50_000))
const initrd = site.write('initrd.img', initrdLike(60_000))
const roothash = 'c0'.repeat(32)
const digest = sha256(rootBytes.toString('latin1'))

const publish = (files: string[], options: Partial<PublishOptions> = {}) =>
  site.publish(files, { rootStart: {}, ...options })

test('the line boots the root by its digest, or by its root hash', async () => {
  const alone = await publish([root])
  assert.is(alone.line, `url=${baseUrl}/${site.generation()}/node.meta4 boot=switch_root sha=${digest}`)
  const proven = await publish([root, tree], {
    rootStart: { roothash, overlay: 'tmpfs:size=50%' },
    nextKernelParams: 'quiet',
  })
  const how = `boot=switch_root roothash=${roothash} rd.overlay=tmpfs:size=50%`
  assert.is(proven.line, `url=${baseUrl}/${site.generation()}/node.meta4 ${how} next_kernel_params="quiet"`)
  for (const { line = '' } of [alone, proven]) {
    const { plan, findings } = examine(line)
    assert.is(plan?.start, 'switch_root', line)
    assert.equal(findings, [], line)
  }
})

needs(test, { openssl: 'openssl' })('the manifest says how the root is started', async () => {
  const signers = [selfSigned(keyFolder(), 'site')]
  const { line } = await publish([root, tree], {
    ...{ signers, rootStart: { roothash, overlay: 'tmpfs' }, nextKernelParams: 'quiet' },
  })
  assert.is(line, `manifest=${baseUrl}/node.manifest`)
  const words = readFileSync(join(site.served, 'node.manifest'), 'utf8').split('\n').slice(3)
  const { length } = readFileSync(tree)
  const treeDigest = sha256(readFileSync(tree, 'latin1'))
  assert.equal(words, [
    `image ${rootBytes.length} sha256:${digest} ${site.generation()}/root.squashfs`,
    `image ${length} sha256:${treeDigest} ${site.generation()}/root.verity`,
    'boot switch_root',
    `roothash ${roothash}`,
    'rd.overlay tmpfs',
    'inherit console,BOOTIF,ip',
    'next_kernel_params quiet',
    '',
  ])
})

const refusals: [name: string, files: string[], options: Partial<PublishOptions>, cause: string][] = [
  ['a kernel', [kernel, root], {}, 'starts no other kernel, and there is vmlinuz'],
  ['an initrd', [initrd, root], {}, 'starts no other kernel, and there is initrd.img'],
  ['two roots', [root, site.write('b.img', rootBytes)], {}, 'starts one root, and there are 2'],
  ['a tree alone', [tree], { rootStart: { roothash } }, 'starts one root, and there are 0'],
  ['a tree without its hash', [root, tree], {}, 'there is a hash tree, and no root hash'],
  ['half a hash', [root, tree], { rootStart: { roothash: 'c0' } }, '--roothash: roothash=c0: not a digest'],
  ['a layer on a disk', [root], { rootStart: { overlay: 'sda' } }, '--overlay: rd.overlay=sda: not tmpfs'],
  ['a word more', [root], { append: 'roothash=x' }, 'publish sets roothash itself'],
  ['parts of an initramfs', [root], { imagesInInitramfs: true }, 'by the first stage alone'],
]
for (const [name, files, options, cause] of refusals)
  test(`refused: ${name}`, async () => {
    assert.match(await failure(publish(files, options)), cause)
  })

test('without a kernel, --boot switch_root is named; its other options need it', () => {
  const run = (...words: string[]) =>
    cli('publish', root, '-o', site.served, '--base-url', baseUrl, '--stage-one', site.source, ...words)
  assert.match(run().stderr, '--boot switch_root')
  const { status, stderr } = run('--roothash', roothash)
  assert.is(status, 2)
  assert.match(stderr, 'add --boot switch_root')
})

test.run()
