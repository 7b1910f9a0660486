// DHCP servers as sites run them: dnsmasq, Kea, ISC dhcpd, in network namespaces.
import type { NodeLab, Server, Switch } from './node-lab.ts'
import { dhcpServers, type NodeRow, runNodeRows } from './node-rows.ts'
import { dnsmasq, iscDhcpd, kea, type Network } from './real-servers.ts'

const servers = { dnsmasq, Kea: kea, 'ISC dhcpd': iscDhcpd }
type Start = (lab: NodeLab, at: Switch, network: Network) => Promise<Server>
const pause = (seconds: number) => new Promise(resolve => setTimeout(resolve, seconds * 1000))
const url = 'kernel_url=http://10.9.0.1:8000/k'
const range: [string, string] = ['10.9.8.1', '10.9.8.99']

/** Looks for the address each second for 40 s. */
const watch =
  'left=40; lost=; while [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); ' +
  'ip -4 addr show dev eth0 | grep -q 10.9.8 || lost=yes; done; log "lost: ${lost:-never} in $((40 - left)) looks"'

/** Sends garbage to all clients. */
const garbage = `const { randomBytes, randomInt } = require('node:crypto')
const socket = require('node:dgram').createSocket('udp4')
socket.bind(() => {
  socket.setBroadcast(true)
  setInterval(() => socket.send(randomBytes(randomInt(1, 1400)), 68, '10.9.255.255'), 50)
  console.log('floods')
})`

/** What each of them must be able to do. */
function rowsOf(name: string, start: Start): NodeRow[] {
  // udhcpc has no lease below 30 s, dnsmasq none below 120 s: there it is renewed by hand.
  const seconds = name === 'dnsmasq' ? 120 : 30
  const renew = name === 'dnsmasq' ? 'kill -USR1 "$(cat /run/udhcpc.eth0.pid)"; ' : ''
  return [
    {
      input: `${name}: options 3, 6, 26, 119 and 121, for those who ask`,
      expected: 'all are asked for and used; with 121, 3 is not (RFC 3442)',
      async run(lab) {
        const at = await lab.switch()
        const routes: Network['routes'] = [
          ['10.77.0.0/16', '10.9.0.7'],
          ['0.0.0.0/0', '10.9.0.8'],
        ]
        const search = ['rack.example', 'site.example']
        const network = { range, router: '10.9.0.66', nameServers: ['10.9.0.1'], search, mtu: 1400, routes }
        await start(lab, at, network)
        return lab.run({ cards: [at], append: url })
      },
      has: ['router=10.9.0.8 routes=10.77.0.0/16 10.9.0.7', 'mtu=1400', 'goes on with eth0'],
      state: [
        '10.77.0.0/16 via 10.9.0.7 dev eth0',
        'default via 10.9.0.8',
        'search rack.example site.example',
      ],
      notState: ['10.9.0.66'],
    },
    {
      input: `${name}: a lease of ${seconds} s, ${renew === '' ? '' : 'renewed early, '}a boot of 40 s`,
      expected: 'renewed in time: the address is there all the time',
      async run(lab) {
        const at = await lab.switch()
        const server = await start(lab, at, { range, leaseSeconds: seconds })
        const end = await lab.run({ cards: [at], append: url, after: `sleep 1; ${renew}${watch}` })
        const given = server.log().match(/ACK\b|LEASE_(ALLOC|RENEW|REUSE|EXTEND)/g) ?? []
        if (given.length > 1) end.console.push(`${name} has renewed it`)
        return end
      },
      has: ['lost: never in 40 looks', `${name} has renewed it`],
      state: ['inet 10.9.8.'],
    },
    {
      input: `${name}: is replaced by one that knows no lease and has other addresses`,
      expected: 'a new lease, at the latest when the old one ends; the old address goes',
      async run(lab) {
        const at = await lab.switch()
        const first = await start(lab, at, { range, leaseSeconds: seconds })
        const after = `${renew}sleep 40; cat /run/aria2-initrd/lease.eth0 >&2`
        const node = lab.powerOn({ cards: [at], append: url, after: `sleep 3; ${after}` })
        await node.said('goes on with')
        await first.stop()
        await start(lab, at, { range: ['10.9.9.1', '10.9.9.99'] })
        return node.end
      },
      has: [/^ip=10\.9\.9\./],
      notState: ['inet 10.9.8.'],
    },
  ]
}

/** What more than one of them is asked for, and what comes in between. */
const faults: NodeRow[] = [
  {
    input: 'dnsmasq that starts 20 s after the node',
    expected:
      'its lease at the latest 2 s later, and 3 s for its look whether the address is in use; the console tells what is waited for',
    async run(lab) {
      const at = await lab.switch()
      const node = lab.powerOn({ cards: [at], append: url })
      await pause(20)
      await dnsmasq(lab, at, { range })
      return node.end
    },
    has: [/waiting for DHCP on eth0 \(link up\); \d+ s left/, 'goes on with eth0'],
  },
  {
    input: 'two servers, dnsmasq and Kea, on one network',
    expected: 'one lease, that of the first offer',
    async run(lab) {
      const at = await lab.switch()
      await Promise.all([dnsmasq(lab, at, { range }), kea(lab, at, { range: ['10.9.9.1', '10.9.9.99'] })])
      return lab.run({ cards: [at], append: url, after: 'sleep 2' })
    },
    has: [/DHCP gave ip=10\.9\.[89]\./, 'goes on with eth0'],
  },
  {
    input: 'a server of garbage beside dnsmasq: random bytes to port 68, 20 a second',
    expected: "dnsmasq's lease",
    async run(lab) {
      const at = await lab.switch()
      await Promise.all([
        dnsmasq(lab, at, { range }),
        lab.serve(at, /floods/, process.execPath, '-e', garbage),
      ])
      return lab.run({ cards: [at], append: url })
    },
    has: ['DHCP gave ip=10.9.8.', 'goes on with eth0'],
  },
  {
    input: 'the cable is pulled 1 s after power-on, and is back 6 s later; a server from then on',
    expected: 'asked at once when the link is back',
    async run(lab) {
      const at = await lab.switch()
      const number = lab.plug([at])
      const node = lab.powerOn({ cards: [at], append: url }, number)
      await node.said('asking for an address')
      await pause(1)
      at.setPort(number, 0, 'down')
      await dnsmasq(lab, at, { range })
      await pause(6)
      at.setPort(number, 0, 'up')
      return node.end
    },
    has: [/waiting for a link on eth0/, 'goes on with eth0'],
  },
  {
    input: 'a switch that holds a port back for 30 s (STP, 15 s to listen and 15 s to learn)',
    expected: 'a lease once the port forwards',
    async run(lab) {
      const at = await lab.switch('stp_state', '1', 'forward_delay', '1500')
      await dnsmasq(lab, at, { range })
      return lab.run({ cards: [at], append: url })
    },
    has: ['waiting for DHCP on eth0', 'goes on with eth0'],
  },
]

const rows: NodeRow[] = [
  ...Object.entries(servers).flatMap(([name, start]) => rowsOf(name, start)),
  ...faults,
]

runNodeRows('servers', rows, dhcpServers)
