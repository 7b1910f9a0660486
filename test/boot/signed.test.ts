// Signed manifests in real boots: publish --sign, build --trust, the packed verifier, and a clock of 1970.
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { keyFolder, selfSigned } from '../support/certificates.ts'
import { cli } from '../support/cli.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'
import { startTimeServer } from './time-server.ts'

const keys = keyFolder()
for (const name of ['site', 'stranger']) selfSigned(keys, name)

const site = await startSite({ trust: [join(keys, 'site.pem')] })
test.after(() => site.close())

const second = 'console=ttyS0 quiet no_timer_check'
const payload = ['vmlinuz', 'initrd.img'].map(file => {
  copyFileSync(join(site.folder, file), join(keys, file))
  return join(keys, file)
})

/** Publishes the payload as NAME, as an admin does. */
function publish(name: string, signer: string, ...more: string[]): string {
  const { status, stderr } = cli(
    ...['publish', ...payload, '--output', site.folder, '--base-url', site.url('').replace(/\/$/, '')],
    ...['--name', name, '--stage-one', join(site.image.initrd, '..'), '--next-kernel-params', second],
    ...['--sign', join(keys, `${signer}.key`), '--certificate', join(keys, `${signer}.pem`), ...more],
  )
  assert.is(status, 0, stderr)
  return `manifest=${site.url(`${name}.manifest`)}`
}

const tracker = `http://${hostFromGuest}:${site.tracker.port}/announce`
const plain = publish('plain', 'site')
const swarm = publish('swarm', 'site', '--tracker', tracker, '--nodes', '1000', '--origin-rate', '10')
const strange = publish('strange', 'stranger')
const long = publish('long', 'site', '--next-kernel-params', `${second} ${'x'.repeat(2955)}`)
const altered = publish('altered', 'site')
site.write(
  'altered/initrd.img',
  Buffer.concat([readFileSync(join(site.folder, 'initrd.img')), Buffer.from('x')]),
)

const off = 'retries=1 on_failure=poweroff failure_delay=1'
const notStarted = ['kexec: starting', 'second kernel:']

const cases: BootCase[] = [
  {
    name: 'a signed manifest, on a machine whose clock says 1970',
    append: plain,
    clock: '1970-01-02T00:00:00',
    second,
    has: [
      /the clock said 1970-01-02T[\d:]+Z; set to the time of this image, 20/,
      /plain\.manifest: signed by site; serial 1, until 20/,
      /verify: .*vmlinuz: digest holds/,
      /verify: .*initrd\.img: digest holds/,
    ],
  },
  {
    name: 'a signed manifest with a torrent: files are known by their digests',
    append: swarm,
    second,
    has: [
      /swarm\.manifest: signed by site/,
      /fetching .*swarm-\w+\.torrent/,
      /verify: .*initrd\.img: digest holds/,
    ],
  },
  {
    name: 'a signed command line of 3,000 bytes, which no x86 kernel takes',
    append: `${long} ${off}`,
    has: [/the next command line has \d{4} bytes, and \S+vmlinuz takes 2047/, 'boot failed; poweroff'],
    not: notStarted,
  },
  {
    name: 'signed by a stranger',
    append: `${strange} ${off}`,
    has: ['strange.manifest: stranger: not trusted by this image', 'boot failed; poweroff'],
    not: notStarted,
  },
  {
    name: 'an initrd that is not the signed one',
    append: `${altered} ${off}`,
    has: [/altered-\w+\/initrd\.img: dropped/, 'wrong digest', 'boot failed; poweroff'],
    not: notStarted,
  },
  {
    name: 'no manifest, and a command line of its own',
    append: `kernel_url=${site.url('vmlinuz')} ${off}`,
    has: ['this image boots only what a signed manifest names; give manifest=URL', 'boot failed; poweroff'],
    not: notStarted,
  },
]

const timeServer = await startTimeServer()
test.after(() => timeServer?.stop())
if (timeServer === undefined)
  process.stdout.write('SKIPPED a time server: needs root, and chrony from apt-get\n')
else
  cases.push({
    name: 'a clock of 1970 is set by a real time server before the certificate counts',
    append: `${plain} rd.ntp=server:${hostFromGuest}`,
    clock: '1970-01-02T00:00:00',
    second,
    has: [/download: 10\.0\.2\.2 says 20\d\d-/, /plain\.manifest: signed by site/],
  })

declareBoots(test, site, cases, timeServer === undefined ? undefined : 'signed')
test.run()
