// Signed manifests in real boots: publish --sign, build --trust, the packed verifier, and a clock of 1970.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { cli } from '../support/cli.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

const keys = mkdtempSync(join(tmpdir(), 'signed-boot-'))
test.after(() => rmSync(keys, { recursive: true }))
for (const name of ['site', 'stranger']) {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`],
    ],
    { cwd: keys, stdio: 'pipe' },
  )
}

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
      /fetching .*swarm\.torrent/,
      /verify: .*initrd\.img: digest holds/,
    ],
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
    has: [/altered\/initrd\.img: dropped/, 'wrong digest', 'boot failed; poweroff'],
    not: notStarted,
  },
  {
    name: 'no manifest, and a command line of its own',
    append: `kernel_url=${site.url('vmlinuz')} ${off}`,
    has: ['this image boots only what a signed manifest names; give manifest=URL', 'boot failed; poweroff'],
    not: notStarted,
  },
]

declareBoots(test, site, cases)
test.run()
