// Who fetches a file: a machine that boots is a node, anybody else is shown apart.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import { visitorLine } from '../../../generator/fleet/fleet-table.ts'

const at = 1_800_000_000_000
const payload = '/node.boot/root.img'
const stageOne = '/node.boot/stage-one/vmlinuz'

// As each program writes it.
const machines: Record<string, string> = {
  iPXE: 'iPXE/1.21.1+ (g4bd0)',
  'HTTP boot of UEFI': 'UefiHttpBoot/1.0',
  GRUB: 'GRUB 2.12-9',
  PXELINUX: 'Syslinux/6.04',
  'U-Boot': 'lwIP/2.2.0 (http://savannah.nongnu.org/projects/lwip)',
  '/init': 'aria2-initrd',
}
const people: Record<string, string> = {
  curl: 'curl/8.14.1',
  wget: 'Wget/1.25.0',
  Chromium:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'aria2c at a desk': 'aria2/1.37.0',
}

/** The states of the nodes that such a request makes, and how many visitors there are. */
function seen(path: string, userAgent?: string): [string[], number] {
  const fleet = new Fleet()
  fleet.answered(
    '10.0.0.9',
    { path, sent: 1000, whole: true, ...(userAgent === undefined ? {} : { userAgent }) },
    at,
  )
  return [fleet.nodes().map(({ stage }) => stage), fleet.visitors()?.length ?? 0]
}

for (const [name, userAgent] of Object.entries(machines))
  test(`${name} is a node, whatever it asks for`, () => {
    assert.equal(seen(stageOne, userAgent), [['stage one'], 0])
    assert.equal(seen(payload, userAgent), [['files'], 0])
  })

for (const [name, userAgent] of Object.entries(people))
  test(`${name} is no node, whatever it asks for, and shown apart`, () => {
    for (const path of [stageOne, payload, '/autoexec.ipxe'])
      assert.equal(seen(path, userAgent), [[], 1], path)
  })

test('firmware that does not say what it is, and BusyBox as a boot loader: a node by asking for stage one', () => {
  for (const userAgent of [undefined, '', 'Wget', 'Vendor BIOS 7.1']) {
    assert.equal(seen(stageOne, userAgent), [['stage one'], 0], userAgent)
    assert.equal(seen('/node.boot/autoexec.ipxe?mac=1', userAgent), [['stage one'], 0], userAgent)
    assert.equal(seen(payload, userAgent), [[], 1], userAgent)
  }
})

test('one who announces, reports or asks for stage one after all is a node, and no visitor any more', () => {
  const asks = { path: payload, sent: 1000, whole: true, userAgent: 'curl/8.14.1' }
  const node = { mac: '52:54:00:12:34:56', ip: '', hostname: '', uuid: '', serial: '' }
  const said = { stage: 'download', ms: 4000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' }
  const turns: ((fleet: Fleet) => void)[] = [
    fleet => fleet.announced('10.0.0.9', { infoHash: 'a', left: 1, downloaded: 0 }, at + 1000),
    fleet => fleet.reported('10.0.0.9', { node, event: 'says', ...said }, at + 1000),
    fleet => fleet.answered('10.0.0.9', { ...asks, path: stageOne, userAgent: 'iPXE/1.21.1' }, at + 1000),
  ]
  for (const turn of turns) {
    const fleet = new Fleet()
    fleet.answered('10.0.0.9', asks, at)
    const { version } = fleet
    turn(fleet)
    assert.is(fleet.nodes().length, 1)
    assert.equal(fleet.visitors(version), [])
    fleet.answered('10.0.0.9', asks, at + 2000)
    assert.equal(fleet.visitors(), [], 'what it asks for is a node’s from then on')
  }
})

test('visitors are the last fifty of an hour, and told when they change', () => {
  const fleet = new Fleet()
  const ask = (host: number, seconds: number) =>
    fleet.answered(
      `10.0.${host >> 8}.${host & 255}`,
      { path: payload, sent: 1, whole: true, userAgent: `curl/8 ${'x'.repeat(500)}` },
      at + seconds * 1000,
    )
  for (let host = 0; host < 300; host++) ask(host, 0)
  ask(260, 1)
  assert.is(fleet.visitors()?.length, 50)
  assert.equal(fleet.visitors()?.[0], {
    ...{ address: '10.0.1.4', program: 'curl/8', path: payload, at: at + 1000 },
  })
  const { version } = fleet
  assert.is(fleet.visitors(version), undefined)
  fleet.sweep(at + 3_600_500)
  assert.equal(
    fleet.visitors(version)?.map(({ address }) => address),
    ['10.0.1.4'],
  )
  assert.equal(visitorLine(fleet.visitors() ?? []), ['1 other fetched files: 10.0.1.4 (curl/8)'])
  fleet.sweep(at + 3_601_500)
  assert.equal(visitorLine(fleet.visitors() ?? []), [])
})

test.run()
