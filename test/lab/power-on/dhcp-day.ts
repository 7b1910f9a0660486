/** The DHCP server's day in a scenario: it may come late, and it may be away when /init asks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type DhcpServer, type Lease, startDhcp } from './dhcp.ts'
import type { Node } from './node.ts'
import type { Report, Scenario } from './scenario.ts'

export interface DhcpDay {
  /** When the server went and came back. */
  readonly times: Report['dhcp']
  /** Ends the server, wherever its day is; fails when the server failed. */
  end(): Promise<void>
  /** Rejects when the server fails, and else never settles. */
  readonly failure: Promise<never>
}

/**
 * @param configuration path of the server's configuration file
 * @param clock seconds from power-on
 */
export function beginDhcpDay(
  configuration: string,
  { dhcpLate = 0, dhcpGap }: Scenario,
  nodes: Node[],
  clock: () => number,
): DhcpDay {
  const times: Report['dhcp'] = {}
  let over = false
  let server: DhcpServer | undefined
  const onLease = ({ mac, address }: Lease) => {
    const node = nodes.find(each => each.mac === mac)
    if (node === undefined) return
    node.address = address
    node.reach('dhcp')
  }
  const until = async (holds: () => boolean) => {
    while (!over && !holds()) await sleep(20)
  }
  const pass = async () => {
    const open = performance.now() + dhcpLate * 1000
    await until(() => performance.now() >= open)
    server = await startDhcp(configuration, onLease)
    if (dhcpGap === undefined) return
    await until(() => nodes.every(node => node.has('stageOne')))
    if (over) return
    await server.stop()
    times.gone = clock()
    await until(() => nodes.some(node => node.has('init')))
    const back = performance.now() + dhcpGap * 1000
    await until(() => performance.now() >= back)
    server = await startDhcp(configuration, onLease)
    times.back = clock()
  }
  const day = pass()
  return {
    times,
    failure: day.then(() => new Promise<never>(() => {})),
    async end() {
      over = true
      await day
      await server?.stop()
    },
  }
}
