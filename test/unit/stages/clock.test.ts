import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const time = { '/etc/aria2-initrd/time': '1790000000\n' }
const dead = '1970-01-02T00:00:00Z'
const timeServers = { '10.0.2.9': '2026-11-29T12:00:00Z' }
const network = [{ name: 'eth0', dhcp: { ip: '10.0.2.15/24', router: '10.0.2.2', ntp: '10.0.2.9' } }]

const clockLines = (console: string): string[] =>
  console
    .split('\n')
    .filter(line => /clock|says/.test(line))
    .map(line => line.replace('aria2-initrd: ', ''))

test('a clock before the time of the image is set to that, and it is said', () => {
  assert.equal(clockLines(boot(both, { files: time, clock: dead }).console), [
    'command-line: the clock said 1970-01-02T00:00:00Z; set to the time of this image, 2026-09-21T14:13:20Z',
  ])
  assert.equal(clockLines(boot(both, { files: time, clock: '1969-12-31T23:59:59Z' }).console).length, 1)
})

test('one at that time or later stays', () => {
  for (const clock of ['2026-09-21T14:13:20Z', '2030-01-01T00:00:00Z'])
    assert.equal(clockLines(boot(both, { files: time, clock }).console), [])
  assert.is(clockLines(boot(both, { files: time, clock: '2026-09-21T14:13:19Z' }).console).length, 1)
})

test('a time server of the command line is asked', () => {
  const { console, end } = boot(`${both} rd.ntp=server:10.0.2.9`, { files: time, clock: dead, timeServers })
  assert.equal(clockLines(console).slice(1), ['download: 10.0.2.9 says 2026-11-29T12:00:00Z'])
  assert.is(end, 'kexec')
})

test("the lease's, where a certificate counts", () => {
  const world = { network, timeServers }
  assert.equal(clockLines(boot(both, world).console), [])
  for (const certified of [
    'kernel_url=https://s/k retries=1',
    'kernel_url=http://s/k initrd_url=https://s/i retries=1',
  ])
    assert.equal(clockLines(boot(certified, world).console), ['download: 10.0.2.9 says 2026-11-29T12:00:00Z'])
})

test('one that does not answer is said, and the boot goes on', () => {
  const { console, end } = boot(`${both} rd.ntp=server:10.0.2.8`, { timeServers })
  assert.equal(clockLines(console), [
    "download: time server 10.0.2.8 does not answer; this machine's clock says 2026-11-29T12:00:00Z",
  ])
  assert.is(end, 'kexec')
})

test.run()
