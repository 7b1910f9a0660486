import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent, terminalProgress } from '../../../generator/host/console/progress.ts'
import { findProgram } from '../../../generator/host/debian/host-packages.ts'
import { provideQemu, qemuProgram } from '../../../generator/qemu/qemu.ts'
import { debianPackage } from '../../support/debian-package.ts'
import { needs } from '../../support/needs.ts'
import { runScenario } from './namespace.ts'
import { firmware } from './node.ts'
import { milestones, type NodeChoice, type NodeReport, type Report, type Scenario } from './scenario.ts'
import { makeSite, type Site, secondParameters } from './site.ts'

const programs = {
  [qemuProgram.program]: qemuProgram.package,
  dnsmasq: 'dnsmasq-base',
  ip: 'iproute2',
  tc: 'iproute2',
  unshare: 'util-linux',
  '/dev/net/tun': 'kmod; modprobe tun',
}
const uefiFiles = { [firmware[0]]: 'ovmf', '/usr/lib/ipxe/snponly.efi': 'ipxe' }
const hasUefi = Object.keys(uefiFiles).every(path => findProgram(path) !== undefined)

const boots = needs(test, programs, true)
const bootsByUefi = needs(test, { ...programs, ...uefiFiles }, true)

interface Runs {
  url: Site['url']
  together: Promise<Report>
  faulty: Promise<Report>
}

/** A machine with Debian 13's iPXE and the published script beside it: Debian 12's is of 2019 and looks for none. */
async function autoexecNode({ folder, dnsmasq }: Site): Promise<NodeChoice> {
  const ipxe = await debianPackage('trixie', 'ipxe', silent)
  const script = join(folder, dnsmasq.replace('dnsmasq.conf', 'autoexec.ipxe'))
  return {
    isUefi: true,
    tftp: { 'snponly.efi': `${ipxe}/usr/lib/ipxe/snponly.efi`, 'autoexec.ipxe': script },
  }
}

/** Both labs run at the same time: one waits for DHCP while the other works. */
async function startRuns(): Promise<Runs> {
  await provideQemu(terminalProgress())
  const site = await makeSite({}, silent)
  const { folder, dnsmasq, torrent, size, aria2c, writeScript, url } = site
  const alone = await writeScript('alone.ipxe', torrent, 'seed_time=0')
  const off = 'retries=1 on_failure=poweroff failure_delay=1'
  const absent = await writeScript('absent.ipxe', 'absent.torrent', off)

  const run = (nodes: Scenario['nodes'], more: Partial<Scenario>) => {
    const given = { folder, dnsmasq, torrent, size, aria2c, nodes }
    const report = runScenario({ ...given, memory: 384, limit: 300, ...more }, 'nothing')
    // The tests that await it see the failure, also when it came long before.
    report.catch(() => {})
    return report
  }
  const uefi = hasUefi ? [{ isUefi: true }, await autoexecNode(site)] : []
  // So slow that two machines' downloads overlap, also where one comes some seconds after the other.
  const together = run([{}, {}, ...uefi], { rate: '16mbit' })
  const faulty = run([{ script: alone }, { script: absent }], { dhcpLate: 20, dhcpGap: 10 })
  return { url, together, faulty }
}

let started: Promise<Runs> | undefined
const runs = (): Promise<Runs> => {
  started ??= startRuns()
  return started
}

function nodeOf({ nodes }: Report, index: number): NodeReport {
  const node = nodes[index]
  if (node === undefined) throw new Error(`there is no machine ${index}`)
  assert.not.match(node.console, /Kernel panic|Attempted to kill init/)
  return node
}

/** Each step was reached, one after the other, and the second kernel was told what it should be. */
function wentAllTheWay({ console, secondParameters: told, reached, end }: NodeReport): void {
  assert.match(console, /^iPXE .* -- Open Source Network Boot Firmware/m)
  assert.match(console, /verify: .*vmlinuz: digest holds/)
  assert.match(console, /verify: .*initrd\.img: digest holds/)
  assert.is(told, secondParameters, console)
  assert.is(end, 'off', console)
  const times = milestones.map(([milestone]) => reached[milestone] ?? Number.NaN)
  const ordered = times.every((time, step) => step === 0 || time > (times[step - 1] ?? Number.NaN))
  assert.ok(ordered, `a step is missing or out of order: ${times}\n${console}`)
}

boots("two machines come from power-on over their cards' ROM to their second kernels", async () => {
  const report = await (await runs()).together
  for (const index of [0, 1]) wentAllTheWay(nodeOf(report, index))
})

bootsByUefi(
  'a UEFI machine whose card has no iPXE gets it by TFTP, and comes to its second kernel',
  async () => {
    const node = nodeOf(await (await runs()).together, 2)
    assert.match(node.console, 'Start PXE over IPv4')
    assert.match(node.console, 'NBP filename is snponly.efi')
    wentAllTheWay(node)
  },
)

bootsByUefi('a UEFI machine whose DHCP names no script: iPXE finds autoexec.ipxe by itself', async () => {
  const node = nodeOf(await (await runs()).together, 3)
  assert.match(node.console, 'NBP filename is snponly.efi')
  assert.match(node.console, /autoexec\.ipxe\.* ok/)
  assert.match(node.console, /second-stage\.boot\/boot\.ipxe\.* ok/)
  wentAllTheWay(node)
})

boots('they gave each other pieces, and the server less than a copy for each', async () => {
  const { nodes, server, size } = await (await runs()).together
  // Two witnesses: what the machines told the tracker, and what their cables carried. They do not agree to the byte:
  // aria2 counts what it has queued, also where the peer no longer wants it. Who only fetches sends 1 % of it.
  const given = nodes.reduce((sum, node) => sum + node.given, 0)
  const sent = nodes.reduce((sum, node) => sum + node.traffic.sent, 0)
  assert.ok(given > size / 10, `${given} bytes of ${size} went from machine to machine`)
  assert.ok(sent > size / 10, `${sent} bytes left the machines, of ${size}`)
  assert.ok(server.given < nodes.length * size, `the server gave ${server.given}`)
})

boots('a DHCP server that comes 20 s late, and is away again when /init asks, is waited for', async () => {
  const report = await (await runs()).faulty
  const { console, secondParameters: told, reached } = nodeOf(report, 0)
  assert.match(console, 'No more network devices', `the ROM should have asked in vain\n${console}`)
  assert.match(console, 'No bootable device.  Retrying in 2 seconds.')
  const { init = Number.NaN, request = Number.NaN } = reached
  const { gone = Number.NaN, back = Number.NaN } = report.dhcp
  const inVain = gone < init && init < back && back < request
  assert.ok(inVain, `/init should have asked in vain: ${gone} ${init} ${back} ${request}\n${console}`)
  assert.is(told, secondParameters, console)
})

boots('a machine whose torrent is not there says so and goes off, beside one that boots', async () => {
  const { url, faulty } = await runs()
  const { console, secondParameters: told, end } = nodeOf(await faulty, 1)
  assert.match(console, `download: ${url('absent.torrent')}: not found on the server`)
  assert.match(console, 'boot failed; poweroff in 1 s')
  assert.is(told, undefined, console)
  assert.is(end, 'off', console)
})

test.run()
