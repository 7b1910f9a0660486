/** The lab's network in the words of ip(8) and tc(8). */
import type { LabHost } from './network.ts'

export interface Batch {
  /** Namespaces and cables, for `ip -batch`. */
  create: string
  /** What lies inside the switch's namespace. */
  switch: string
  /** What the switch sends to each host, for `tc -batch`. */
  switchRates: string
  /** What a host sends. */
  hostRate(host: LabHost): string
}

/**
 * Token buckets. The bucket holds one whole offload packet (64 KiB), which would else be cut up at the price of CPU; it
 * lets 80 KiB through at once, a thousandth of the smallest case. 40 ms of queue are what a switch or a network card
 * has for one port; a shorter one loses packets in bursts, a longer one only adds delay.
 */
const shaped = (device: string, rate: number): string =>
  `qdisc add dev ${device} root tbf rate ${Math.round(rate)}bit burst 80kb latency 40ms`

const lines = (each: string[]): string => `${each.join('\n')}\n`

/** The racks with an uplink. */
export const racksBehind = (hosts: LabHost[]): number[] => [
  ...new Set(hosts.map(({ rack }) => rack).filter(rack => rack > 1)),
]

/** @param uplink bits a second between rack 1 and each other */
export function batchOf(inSwitch: string, hosts: LabHost[], uplink = Infinity): Batch {
  const behind = racksBehind(hosts)
  const bridge = (name: string) => [
    `link add ${name} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `link set ${name} up`,
  ]
  const rack = (number: number) => [
    ...bridge(`rack${number}`),
    `link add up${number} type veth peer name down${number}`,
    `link set up${number} master rack1 up`,
    `link set down${number} master rack${number} up`,
  ]
  const cable = (host: LabHost) =>
    `link add eth0 netns ${host.namespace} address ${host.mac} type veth peer name ${host.port} netns ${inSwitch}`
  return {
    create: lines([
      `netns add ${inSwitch}`,
      ...hosts.map(host => `netns add ${host.namespace}`),
      ...hosts.map(cable),
    ]),
    switch: lines([
      ...bridge('rack1'),
      ...behind.flatMap(rack),
      ...hosts.map(host => `link set ${host.port} master rack${host.rack} up`),
    ]),
    switchRates: lines([
      ...behind.flatMap(number => [shaped(`up${number}`, uplink), shaped(`down${number}`, uplink)]),
      ...hosts.map(host => shaped(host.port, host.rate.down)),
    ]),
    hostRate: host => lines([shaped('eth0', host.rate.up)]),
  }
}

/**
 * A host's own address, and everybody's hardware address. They are told and not asked for: the kernel holds 1,024 that
 * it has asked for, in all namespaces together, and 33 hosts want more. The congestion control is that of Debian's
 * kernels, whatever this machine uses.
 */
export function staticNeighbours(host: LabHost, hosts: LabHost[]): string {
  return lines([
    'link set lo up',
    'link set eth0 addrgenmode none',
    'link set eth0 up',
    `addr add ${host.address}/${host.prefix} dev eth0 noprefixroute`,
    `route add 10.77.0.0/16 dev eth0 src ${host.address} congctl cubic`,
    ...hosts
      .filter(other => other !== host)
      .map(other => `neigh add ${other.address} lladdr ${other.mac} dev eth0 nud permanent`),
  ])
}
