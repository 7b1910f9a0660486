/** The story of a run: cables, servers, machines, and what each has done. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { infoHash } from '../../../generator/publish/torrent.ts'
import { type Origin, startOrigin } from '../../../generator/serve/origin.ts'
import { startSeeder } from '../../../generator/serve/seeder.ts'
import { startTracker, type Tracker } from '../../../generator/serve/tracker.ts'
import { type DhcpServer, type Lease, startDhcp } from './dhcp.ts'
import { addressRange, bridge, layCables, macOf, serverAddress, traffic } from './network.ts'
import { makeNode, type Node } from './node.ts'
import type { Report, Scenario } from './scenario.ts'
import { trackerPort } from './site.ts'

/**
 * Runs a scenario in this network namespace, which must be fresh.
 * @param folder for what the DHCP server keeps
 * @param say takes the story, line by line
 */
export async function runLab(
  scenario: Scenario,
  folder: string,
  say: (line: string) => void,
): Promise<Report> {
  await layCables(scenario.nodes.length, scenario.rate)
  const torrent = readFileSync(join(scenario.folder, scenario.torrent))
  const origin = await startOrigin({ folder: scenario.folder, host: serverAddress, port: 80 })
  const tracker = await startTracker({
    infoHashes: [infoHash(torrent)],
    host: serverAddress,
    port: trackerPort,
  })
  const seeder = await startSeeder({
    aria2c: scenario.aria2c,
    torrent: join(scenario.folder, scenario.torrent),
    folder: scenario.folder,
    tracker: tracker.url,
    address: serverAddress,
  })
  const nodes = scenario.nodes.map((_, index) => makeNode(index, scenario, say))
  const watch = setInterval(() => watchRequests(origin, nodes), 20)
  const configuration = join(folder, 'dnsmasq.conf')
  await writeFile(configuration, dhcpConfiguration(scenario, folder))
  const off = Promise.all(nodes.map(node => node.run()))
  const dhcp = runDhcp(configuration, scenario, nodes, say)
  await off
  clearInterval(watch)
  await (await dhcp).stop()
  await seeder.close()
  const report = await collect(nodes, tracker, `${serverAddress}:${seeder.port}`, scenario.size)
  await tracker.close()
  await origin.close()
  return report
}

function dhcpConfiguration({ nodes }: Scenario, folder: string): string {
  const scripts = nodes.flatMap(({ script }, index) => [
    `dhcp-host=${macOf(index)},set:node${index}`,
    `dhcp-boot=tag:node${index},http://${serverAddress}/${script}`,
  ])
  return `${[
    // DHCP alone, no DNS.
    'port=0',
    `interface=${bridge}`,
    'bind-interfaces',
    `dhcp-range=${addressRange},10m`,
    // Nobody else is here whose address could be given away.
    'no-ping',
    `dhcp-leasefile=${join(folder, 'leases')}`,
    ...scripts,
  ].join('\n')}\n`
}

/** The DHCP server's day: it may come late, and it may be away for a while. */
async function runDhcp(
  configuration: string,
  { dhcpLate = 0, dhcpGap }: Scenario,
  nodes: Node[],
  say: (line: string) => void,
): Promise<DhcpServer> {
  const onLease = ({ mac, address }: Lease) => {
    const node = nodes.find(each => each.mac === mac)
    if (node === undefined) return
    node.address = address
    node.reach('dhcp')
  }
  await sleep(dhcpLate * 1000)
  const dhcp = await startDhcp(configuration, onLease)
  if (dhcpGap === undefined) return dhcp
  await until(() => nodes.every(node => node.has('stageOne')))
  await dhcp.stop()
  say('          the DHCP server is gone')
  await until(() => nodes.some(node => node.has('init')))
  await sleep(dhcpGap * 1000)
  say('          the DHCP server is back')
  return await startDhcp(configuration, onLease)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20)
}

/** The web server's log tells who has stage one, and who asked for more. */
function watchRequests(origin: Origin, nodes: Node[]): void {
  for (const { peer, path, status, userAgent = '' } of origin.requests) {
    const node = nodes.find(({ address }) => address === peer.replace(/^::ffff:/, ''))
    // The initrd is what iPXE fetches last; a request's status is set when all has been sent.
    if (userAgent.startsWith('iPXE') && path.endsWith('initrd.img') && status === 200) node?.reach('stageOne')
    if (!userAgent.startsWith('iPXE')) node?.reach('request')
  }
}

async function collect(nodes: Node[], tracker: Tracker, seeder: string, size: number): Promise<Report> {
  const cables = await traffic()
  const given = (isPeer: (peer: string) => boolean) =>
    Math.max(0, ...tracker.announces.filter(({ peer }) => isPeer(peer)).map(({ uploaded }) => uploaded))
  return {
    nodes: nodes.map(node => ({
      ...node.report(),
      traffic: cables.get(node.tap) ?? { received: 0, sent: 0 },
      given: given(peer => peer.startsWith(`${node.address}:`)),
    })),
    server: {
      traffic: cables.get(bridge) ?? { received: 0, sent: 0 },
      given: given(peer => peer === seeder),
    },
    size,
  }
}
