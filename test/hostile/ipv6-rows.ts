/** Runs in the lab of ipv6-lab.ts as rows of a table, and what is at the other ends of their cables. */
import * as assert from 'uvu/assert'
import type { HostileInput } from './inputs.ts'
import { Ipv6Lab, type Node6, type NodeEnd } from './ipv6-lab.ts'

export interface Ipv6Row extends Node6 {
  input: string
  expected: string
  /** Lines that the console has, and some that it must not have. */
  has: (string | RegExp)[]
  not?: string[]
  /** Lines of the state at the end. */
  state?: string[]
  notState?: string[]
}

export const url = 'kernel_url=http://[fd00:9::1]:8000/k'
/** The boot server. */
export const server = `require('net').createServer(s => s.end()).listen(8000, '::', () => console.log('ready'))`
export const names = [
  '--dhcp-option=option6:dns-server,[fd00:9::53]',
  '--dhcp-option=option6:domain-search,lab.example',
]
export const dnsmasq = (...words: string[]): Pick<Node6, 'dnsmasq' | 'script'> => ({
  dnsmasq: ['--port=0', '--enable-ra', ...words],
  script: server,
})

export const kea = (
  options: object[] = [],
  pools: object[] = [{ pool: 'fd00:9::aa - fd00:9::aa' }],
): object => ({
  'interfaces-config': { interfaces: ['lan'] },
  'server-id': { type: 'EN', 'enterprise-id': 2495, identifier: '87ABEF7A5BB545', persist: false },
  'lease-database': { type: 'memfile', persist: false },
  'valid-lifetime': 60,
  'preferred-lifetime': 50,
  subnet6: [
    {
      subnet: 'fd00:9::/64',
      interface: 'lan',
      pools,
      'option-data': [
        { name: 'dns-servers', data: 'fd00:9::53, fd00:9::54' },
        { name: 'domain-search', data: 'kea.example' },
        ...options,
      ],
    },
  ],
  loggers: [{ name: 'kea-dhcp6', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
})

/**
 * A DHCPv6 server by hand: it answers a Solicit by an Advertise and all else by a Reply, with `options`, JavaScript that gives
 * the options, or undefined for no answer. It has the client's identifier `client`, the association's `id`, the message's
 * `type` (1 Solicit, 3 Request, 5 Renew, 6 Rebind), how many of that type have come (`count`); `ia(id, ADDRESS, SECONDS…)`
 * makes an association, `status(CODE)` a status code.
 * @param server its own identifier in the same way
 */
export const byHand = (options: string, server = 'option(2, own)'): Pick<Node6, 'script'> => ({
  script: `
    const socket = require('dgram').createSocket('udp6')
    const option = (code, data) => { const b = Buffer.alloc(4); b.writeUInt16BE(code); b.writeUInt16BE(data.length, 2); return Buffer.concat([b, data]) }
    const bytes = address => Buffer.from(address, 'hex')
    const own = bytes('0003000102090000070f')
    const status = code => option(13, Buffer.from([0, code]))
    const address = (text, seconds) => { const l = Buffer.alloc(8); l.writeUInt32BE(seconds); l.writeUInt32BE(seconds, 4); return option(5, Buffer.concat([bytes(text), l])) }
    const association = (id, ...inside) => option(3, Buffer.concat([id, Buffer.alloc(8), ...inside]))
    const ia = (id, ...given) => association(id, ...given.flatMap((each, at) => typeof each === 'string' ? [address(each, given[at + 1])] : []))
    const counts = []
    socket.on('message', (message, peer) => {
      const given = {}
      for (let at = 4; at + 4 <= message.length; at += 4 + message.readUInt16BE(at + 2)) given[message.readUInt16BE(at)] = message.subarray(at + 4, at + 4 + message.readUInt16BE(at + 2))
      const id = (given[3] ?? Buffer.alloc(4)).subarray(0, 4)
      const client = given[1]
      const type = message[0]
      const count = counts[type] = (counts[type] ?? 0) + 1
      const answer = ${options.includes('return') ? `(() => { ${options} })()` : `[${options}]`}
      if (answer === undefined) return
      socket.send(Buffer.concat([Buffer.from([type === 1 ? 2 : 7]), message.subarray(1, 4), ${server}, ...answer]), peer.port, peer.address)
    })
    socket.bind(547, () => { socket.addMembership('ff02::1:2', '::%lan'); console.log('ready') })
    require('net').createServer(s => s.end()).listen(8000, '::')`,
})

let lab: Promise<Ipv6Lab> | undefined
/** All of them side by side: they wait for most of the time. */
let ends: Promise<NodeEnd[]> | undefined

export const stopLab = async (): Promise<void> => (await lab)?.stop()

/** @param summary what is told of a console, beside the lines that it must have */
export function ipv6Rows(rows: Ipv6Row[], summary?: (console: string[]) => string): HostileInput[] {
  const endOf = async (number: number): Promise<NodeEnd> => {
    lab ??= Ipv6Lab.start(rows)
    const started = await lab
    ends ??= Promise.all(rows.map((_, index) => started.run(index)))
    return (await ends)[number] as NodeEnd
  }
  return rows.map(({ input, expected, has, not = [], state = [], notState = [] }, number) => ({
    input,
    expected,
    run: 'namespaces' as const,
    async see() {
      const { console, state: seen } = await endOf(number)
      const all = `${console.join('\n')}\n${seen.join('\n')}`
      for (const line of has) {
        const isThere = (each: string) => (typeof line === 'string' ? each === line : line.test(each))
        assert.ok(console.some(isThere), `lacks '${line}':\n${all}`)
      }
      for (const text of not) assert.not.ok(all.includes(text), `has '${text}':\n${all}`)
      for (const line of state)
        assert.ok(
          seen.some(each => each.startsWith(line)),
          `lacks '${line}':\n${all}`,
        )
      for (const line of notState)
        assert.not.ok(
          seen.some(each => each.startsWith(line)),
          `has '${line}':\n${all}`,
        )
      return summary?.(console) ?? has.join('; ')
    },
  }))
}
