// What publish writes boots: the shipped image, served by serve, with the command lines of the snippets.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { publish } from '../../generator/publish/publish-files.ts'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { startSite as startServing } from '../../generator/serve/site.ts'
import { declareBoots } from '../boot/boot-cases.ts'
import { startSite } from '../boot/site.ts'
import { noise } from './site.ts'

const site = await startSite()
const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-publish-boot-'))
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const served = join(work, 'served')
const source = (name: string) => join(site.folder, name)

// The first of two initrds by wish, not by name: an archive without a file in it.
const empty = join(work, 'z-first.img')
writeFileSync(empty, `${'070701'}${'0'.repeat(88)}0000000b00000000TRAILER!!!\0\0\0\0`)

const lines: string[] = []
mkdirSync(served)
const serving = await startServing({
  ...{ folder: served, bind: '127.0.0.1', port: 0, trackerPort: 0, seederPort: 0, address: hostFromGuest },
  ...{ aria2c: site.aria2c, write: line => lines.push(line) },
})
const guestUrl = (url: string) => url.replace('127.0.0.1', hostFromGuest)

/** As a site calls it, while its server runs. */
async function published(
  name: string,
  files: string[],
  options: Partial<PublishOptions> = {},
): Promise<void> {
  await publish(
    {
      ...{
        files,
        name,
        outputDir: served,
        baseUrl: guestUrl(serving.url),
        stageOne: dirname(site.image.kernel),
      },
      ...{ trackers: [guestUrl(serving.trackerUrl)], append: 'seed_time=0 retries=3 on_failure=poweroff' },
      ...options,
    },
    silent,
    new AbortController().signal,
  )
}

const snippet = (path: string) => readFileSync(join(served, path), 'utf8')

/** The line as iPXE hands it to the kernel. */
const ipxeLine = (name: string) =>
  (/^kernel \S+ (.*) \|\| goto failed$/m.exec(snippet(`${name}.boot/boot.ipxe`))?.[1] ?? '').replace(
    '${netX/mac:hexhyp}',
    '52-54-00-12-34-56',
  )

const second = `console=ttyS0 quiet no_timer_check greeting='a & b + <c>; d' initrd=x`
const both = ['vmlinuz', 'initrd.img'].map(source)
// So many that a swarm is better, however small the kernel.
const nodes = 1000
await published('node', both, { nextKernelParams: second, nodes })
await published('few', both, { nextKernelParams: second, nodes: 1 })
const image = join(work, 'root.squashfs')
writeFileSync(image, noise(1_000_001))
await published('ordered', [empty, ...both, image], {
  ...{ nextKernelParams: second, nodes, imagesInInitramfs: true },
})
// It looks at its folder every two seconds.
const deadline = Date.now() + 20_000
while (
  !serving.seeder ||
  lines.filter(line => /ordered\.\w+\.torrent|ordered\.torrent/.test(line)).length < 4
) {
  if (Date.now() > deadline) break
  await sleep(100)
}

test.after(async () => {
  await serving.close()
  await site.close()
})

declareBoots(test, site, [
  {
    name: 'the iPXE script’s line: a swarm, the roles by content, digests, the next line',
    append: ipxeLine('node'),
    second,
    has: [/fetching \S+\/node-\w+\.torrent/, /vmlinuz: digest holds/, /initrd\.img: digest holds/],
  },
  {
    name: 'boot-service’s params: plain HTTP by the Metalink where that is better',
    append: JSON.parse(snippet('few.boot/boot-service.json')).spec.params,
    second,
    has: [/fetching \S+\/few-\w+\/few\.meta4/, /vmlinuz: digest holds/, /initrd\.img: digest holds/],
  },
  {
    name: 'BSS’s params: initrds in an order that is not that of their names, and an image in the initramfs',
    append: JSON.parse(snippet('ordered.boot/bss.json')).params,
    second,
    has: [
      /fetching \S+\/ordered-\w+\.torrent/,
      /1-z-first\.img: digest holds[\s\S]*2-initrd\.img: digest holds[\s\S]*3-root\.squashfs\.cpio: digest holds/,
    ],
    not: [/unpacking failed|broken padding/],
  },
])

test('the script names the first stage that is published beside it', () => {
  const script = snippet('node.boot/boot.ipxe')
  const base = guestUrl(serving.url)
  const own = `${base}/node-\\w{12}/stage-one`
  assert.match(script, new RegExp(`kernel ${own}/vmlinuz `))
  assert.match(script, new RegExp(`initrd --name initrd.img ${own}/initrd.img `))
  assert.equal(readFileSync(join(served, 'stage-one/vmlinuz')), readFileSync(site.image.kernel))
  assert.equal(readFileSync(join(served, 'stage-one/initrd.img')), readFileSync(site.image.initrd))
})

test.run()
