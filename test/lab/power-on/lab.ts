/** The story of a run: cables, servers, machines, and what each has done. */
import { cpSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { infoHash } from '../../../generator/publish/torrent.ts'
import { type Origin, startOrigin } from '../../../generator/serve/origin.ts'
import { startTracker, type Tracker } from '../../../generator/serve/tracker.ts'
import { startSeeder } from '../../support/seeder.ts'
import { beginDhcpDay } from './dhcp-day.ts'
import { addressRange, bridge, layCables, macOf, serverAddress, traffic } from './network.ts'
import { makeNode, type Node } from './node.ts'
import type { NodeReport, Report, Scenario } from './scenario.ts'
import { trackerPort } from './site.ts'

/**
 * Runs a scenario in this network namespace, which must be fresh. After a failure it is for the caller to end this
 * process, and the machines with it.
 * @param work a folder for what the DHCP server and the machines keep
 * @param say takes the story, line by line
 */
export async function runLab(scenario: Scenario, work: string, say: (line: string) => void): Promise<Report> {
  await layCables(scenario.nodes.length, scenario.rate)
  const { folder, aria2c, size } = scenario
  const torrent = join(folder, scenario.torrent)
  const infoHashes = [infoHash(readFileSync(torrent))]
  const origin = await startOrigin({ folder, host: serverAddress, port: 80 })
  const tracker = await startTracker({ infoHashes, host: serverAddress, port: trackerPort })
  const seeder = await startSeeder({ aria2c, torrent, folder, tracker: tracker.url, address: serverAddress })
  const configuration = join(work, 'dnsmasq.conf')
  await writeFile(configuration, dhcpConfiguration(scenario, work))
  layTftp(scenario, work)

  const powerOn = performance.now()
  const clock = () => (performance.now() - powerOn) / 1000
  const nodes = scenario.nodes.map((_, index) => makeNode(index, scenario, work, clock, say))
  const watch = setInterval(() => watchServers(origin, tracker, nodes), 20)
  const dhcp = beginDhcpDay(configuration, scenario, nodes, clock)
  await Promise.race([Promise.all(nodes.map(node => node.run())), dhcp.failure])
  clearInterval(watch)
  await dhcp.end()
  await seeder.close()
  const cables = await traffic()
  await tracker.close()
  await origin.close()

  const trafficOf = (link: string) => cables.get(link) ?? { received: 0, sent: 0 }
  const given = (peer: string) =>
    Math.max(0, ...tracker.announces.filter(each => each.peer.startsWith(peer)).map(each => each.uploaded))
  return {
    nodes: nodes.map(
      (node): NodeReport => ({
        ...node.report(),
        traffic: trafficOf(node.tap),
        given: given(`${node.address}:`),
      }),
    ),
    server: { traffic: trafficOf(bridge), given: given(`${serverAddress}:${seeder.port}`) },
    dhcp: dhcp.times,
    size,
  }
}

/** Debian's iPXE, and what machines have for themselves in a folder that is called as dnsmasq writes a hardware address. */
function layTftp({ nodes }: Scenario, work: string): void {
  cpSync('/usr/lib/ipxe', join(work, 'tftp'), { recursive: true, dereference: true })
  for (const [index, { tftp = {} }] of nodes.entries()) {
    const own = join(work, 'tftp', macOf(index).replaceAll(':', '-'))
    for (const [name, path] of Object.entries(tftp)) cpSync(path, join(own, name))
  }
}

/** The site's part of DHCP; the rest is what was published. */
function dhcpConfiguration({ nodes, folder, dnsmasq }: Scenario, work: string): string {
  const scripts = nodes.flatMap(({ script, tftp = {} }, index) => {
    const [named] = script === undefined ? Object.keys(tftp) : [`http://${serverAddress}/${script}`]
    if (named === undefined) return []
    return [`dhcp-host=${macOf(index)},set:node${index}`, `dhcp-boot=tag:node${index},${named}`]
  })
  const lines = [
    // DHCP alone, no DNS.
    'port=0',
    `interface=${bridge}`,
    'bind-interfaces',
    `dhcp-range=${addressRange},10m`,
    // Nobody else is here whose address could be given away.
    'no-ping',
    `dhcp-leasefile=${join(work, 'leases')}`,
    `conf-file=${join(folder, dnsmasq)}`,
    `tftp-root=${join(work, 'tftp')},${bridge}`,
    'tftp-unique-root=mac',
    // The last that fits a machine wins.
    ...scripts,
  ]
  return `${lines.join('\n')}\n`
}

/** The web server's log tells who has stage one and who asked for more, the tracker who has all files. */
function watchServers(origin: Origin, tracker: Tracker, nodes: Node[]): void {
  for (const { peer, path, whole, userAgent = '' } of origin.requests) {
    const node = nodes.find(({ address }) => address === peer.replace(/^::ffff:/, ''))
    // The initrd is what iPXE fetches last.
    if (!userAgent.startsWith('iPXE')) node?.reach('request')
    else if (whole && path.endsWith('initrd.img')) node?.reach('stageOne')
  }
  for (const { peer, event, left, downloaded } of tracker.announces) {
    // A machine that gives nothing to others says only that it stops, and lacks nothing.
    const complete = event === 'complete' || (left === 0 && downloaded > 0)
    if (complete) nodes.find(({ address }) => peer.startsWith(`${address}:`))?.reach('files')
  }
}
