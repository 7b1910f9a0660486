import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { infoHash } from '../../generator/publish/torrent.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { startSeeder } from '../support/seeder.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

const site = await startSite()
await site.publish('both', ['vmlinuz', 'initrd.img'])
await site.publish('kernel', ['vmlinuz'])
await site.publish('initrd', ['initrd.img'])
await site.publish('peers-only', ['vmlinuz', 'initrd.img'], { webSeed: false })

const seeder = await startSeeder({
  aria2c: site.aria2c,
  torrent: join(site.folder, 'peers-only.torrent'),
  folder: site.folder,
  tracker: site.tracker.url,
  address: hostFromGuest,
})
test.after(async () => {
  await seeder.close()
  await site.close()
})

/** A Metalink 4 (RFC 5854) of the second stage. */
function metalink(digestOf: (file: string) => string): string {
  const files = ['vmlinuz', 'initrd.img'].map(
    file =>
      `<file name="${file}"><hash type="sha-256">${digestOf(file)}</hash><url>${site.url(file)}</url></file>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">${files.join('')}</metalink>\n`
}
site.write(
  'stage.meta4',
  metalink(file => site.digest('sha256', file)),
)
site.write(
  'wrong.meta4',
  metalink(() => '0'.repeat(64)),
)

const second = 'console=ttyS0 quiet no_timer_check'
const next = `next_kernel_params="${second}"`
const seed = 'seed_time=0'
const fails = 'retries=1 on_failure=poweroff failure_delay=1'
const sha256 = (file: string) => site.digest('sha256', file)
const peersHash = infoHash(readFileSync(join(site.folder, 'peers-only.torrent')))

const cases: BootCase[] = [
  {
    name: 'a torrent with tracker and web seed as url= alone: the roles are found by content',
    append: `url=${site.url('both.torrent')} ${seed} ${next}`,
    second,
    has: [/vmlinuz: kernel, by its content/, /initrd\.img: initrd, by its content/],
  },
  {
    name: 'torrents as kernel_url and initrd_url, with digests',
    append:
      `kernel_url=${site.url('kernel.torrent')} initrd_url=${site.url('initrd.torrent')} ` +
      `kernel_sha=${sha256('vmlinuz')} initrd_sha=${sha256('initrd.img')} ${seed} ${next}`,
    second,
    has: [/verify: .*vmlinuz: digest holds/, /verify: .*initrd\.img: digest holds/],
  },
  {
    name: 'a torrent without a web seed: every byte comes from a peer that the tracker names',
    append: `url=${site.url('peers-only.torrent')} ${seed} ${next}`,
    second,
  },
  {
    name: 'a magnet link: the metadata come from the peer, too',
    append: `url=magnet:?xt=urn:btih:${peersHash} tracker=http://${hostFromGuest}:${site.tracker.port}/announce ${seed} ${next}`,
    second,
  },
  {
    name: 'a Metalink as url= alone',
    append: `url=${site.url('stage.meta4')} ${next}`,
    second,
    has: [
      'verify: /tmp/url-1/vmlinuz: digest holds, by its Metalink',
      'verify: /tmp/url-1/initrd.img: digest holds, by its Metalink',
    ],
    not: ['not verified'],
  },
  {
    name: 'a Metalink with a wrong hash starts nothing',
    append: `url=${site.url('wrong.meta4')} ${fails} ${next}`,
    has: ['boot failed'],
    not: ['kexec: starting'],
  },
  {
    name: 'rubbish that is called a torrent: what failed is named',
    append: `url=${site.url('rubbish.torrent')} ${fails} ${next}`,
    has: [
      `download: ${site.url('rubbish.torrent')}: cannot parse the torrent (aria2 status 25: `,
      'boot failed',
    ],
  },
  {
    name: 'a torrent that nobody seeds: its files come from the web server beside it',
    append: `url=${site.url('lonely.torrent')} aria2_options=--bt-stop-timeout=3 ${fails} ${next}`,
    second,
    has: [
      `download: ${site.url('lonely.torrent')}: stopped before completion`,
      `peers are incomplete; adding web server ${site.url('')}`,
    ],
  },
  {
    name: 'a torrent that nobody seeds, of a file that is gone, ends after bt-stop-timeout, not never',
    append: `url=${site.url('dead.torrent')} aria2_options=--bt-stop-timeout=5 ${fails} ${next}`,
    has: [`download: ${site.url('dead.torrent')}: stopped before completion`, 'boot failed'],
    not: ['kexec: starting'],
  },
]
site.write('rubbish.torrent', 'd8:announce3:xyzthis is no torrent')
await site.publish('lonely', ['vmlinuz', 'initrd.img'], { webSeed: false })
site.write('gone', 'soon')
await site.publish('dead', ['gone'], { webSeed: false })
rmSync(join(site.folder, 'gone'))

declareBoots(test, site, cases)

test('the seeder gave the torrent without a web seed, whole', () => {
  const peer = `${hostFromGuest}:${seeder.port}`
  assert.ok(site.tracker.announces.some(each => each.peer === peer && each.left === 0))
})

test.run()
