// What becomes of a lease: the address is another machine's, the way to the server dies, the servers change their mind.
import type { NodeLab, Server, Switch } from './node-lab.ts'
import { dhcpServers, type NodeRow, runNodeRows } from './node-rows.ts'
import { dnsmasq, iscDhcpd, kea, type Network } from './real-servers.ts'

type Start = (lab: NodeLab, at: Switch, network: Network) => Promise<Server>
const servers: [string, Start, RegExp][] = [
  ['dnsmasq', dnsmasq, /DHCPDECLINE/],
  ['Kea', kea, /DHCP4_DECLINE_LEASE|DHCPDECLINE/],
  ['ISC dhcpd', iscDhcpd, /DHCPDECLINE/],
]
const range: [string, string] = ['10.9.8.1', '10.9.8.99']
const otherRange: [string, string] = ['10.9.9.1', '10.9.9.99']
const url = 'kernel_url=http://10.9.0.1:8001/k'
const url8000 = 'kernel_url=http://10.9.0.1:8000/k'
const now = { seconds: 0 }

/** Asks for the lease anew after so many seconds, beside what the node does. */
const renewAfter = (seconds: number) => `(sleep ${seconds}; kill -USR1 "$(cat /run/udhcpc.eth0.pid)") & `

/** An address that is in use. */
const inUse: NodeRow[] = [
  ...servers.map(
    ([name, start, told]): NodeRow => ({
      input: `${name} gives an address that another machine has`,
      expected: 'it is declined, and the next one is used',
      async run(lab) {
        const at = await lab.switch()
        lab.neighbour(at, '10.9.8.1')
        const server = await start(lab, at, { range: ['10.9.8.1', '10.9.8.2'], looks: false })
        await lab.web(at, now)
        const end = await lab.run({ cards: [at], append: url })
        if (told.test(server.log())) end.console.push(`${name} was told`)
        return end
      },
      has: [
        'eth0: another machine has 10.9.8.1: declined, and another one asked for',
        'DHCP gave ip=10.9.8.2/16',
        'goes on with eth0',
        `${name} was told`,
      ],
      state: ['inet 10.9.8.2/16'],
    }),
  ),
  {
    input: 'two cards on one network with one client identifier (rd.net.dhcp.client-id), and so one address',
    expected: "our own kernel's answer for it is no other machine's: nothing is declined",
    async run(lab) {
      const at = await lab.switch()
      const server = await dnsmasq(lab, at, { range, looks: false })
      await lab.web(at, now)
      const append = `${url} ip=eth0:dhcp ip=eth1:dhcp rd.net.dhcp.client-id=01:02:03`
      const end = await lab.run({ cards: [at, at], append, after: 'sleep 3' })
      if (!/DHCPDECLINE/.test(server.log())) end.console.push('nothing was declined')
      return end
    },
    has: ['goes on with eth', 'nothing was declined'],
    not: ['another machine has'],
  },
]

/** Powers a node with two cards on; the second has a server as soon as the boot goes by the first. */
async function withSecondWay(
  lab: NodeLab,
  append: string,
  happens: (first: Switch, second: Switch) => Promise<void>,
  manner: { seconds: number } | 'mute' = now,
) {
  const [first, second] = await Promise.all([lab.switch(), lab.switch()])
  await Promise.all([dnsmasq(lab, first, { range }), lab.web(first, manner), lab.web(second, now)])
  const before = manner === 'mute' ? '' : 'while nc -z -w 1 10.9.0.1 8001; do sleep 1; done'
  const node = lab.powerOn({ cards: [first, second], append, downloads: true, before })
  await node.said('goes on with eth0')
  await happens(first, second)
  await dnsmasq(lab, second, { range: otherRange })
  return node.end
}

/** Two cards with a lease each, both with a router and name servers; what the next try of a download would have. */
async function withTwoLeases(lab: NodeLab, words: string) {
  const [first, second] = await Promise.all([lab.switch(), lab.switch()])
  await Promise.all([
    dnsmasq(lab, first, { range, router: '10.9.0.66', nameServers: ['10.9.0.53'], search: ['a.example'] }),
    dnsmasq(lab, second, { range: otherRange, router: '10.9.0.77', nameServers: ['10.9.0.54'] }),
  ])
  const after = 'sleep 4; write_resolver "$(cat /run/aria2-initrd/name-servers)"'
  return lab.run({ cards: [first, second], append: `${url8000} ${words}`, after })
}

const both: NodeRow[] = [
  {
    input: 'ip=eth0:dhcp ip=eth1:dhcp, both with a router and a name server',
    expected: 'the default route of the first counts, name servers add up',
    run: lab => withTwoLeases(lab, 'ip=eth0:dhcp ip=eth1:dhcp'),
    has: ['goes on with eth'],
    state: [
      'default via 10.9.0.66 dev eth0 metric 100',
      'default via 10.9.0.77 dev eth1 metric 200',
      'search a.example',
      'nameserver 10.9.0.53',
      'nameserver 10.9.0.54',
    ],
  },
  {
    input: 'the same with bootdev=eth1 and nameserver=10.9.0.52',
    expected: 'the default route of eth1 counts, name servers add up',
    run: lab => withTwoLeases(lab, 'ip=eth0:dhcp ip=eth1:dhcp bootdev=eth1 nameserver=10.9.0.52'),
    has: ['goes on with eth'],
    state: [
      'default via 10.9.0.77 dev eth1 metric 100',
      'default via 10.9.0.66 dev eth0 metric 200',
      'nameserver 10.9.0.52',
      'nameserver 10.9.0.53',
      'nameserver 10.9.0.54',
    ],
  },
]

/** A way that dies between the lease and the first byte. */
const ways: NodeRow[] = [
  {
    input:
      'the boot server of the lease takes connections and says nothing more; a second card has one that answers',
    expected: 'the lease is given up for that of the second card, and the download goes on there',
    run: lab => withSecondWay(lab, url, async () => {}, 'mute'),
    has: [
      'eth0: the boot server has fallen silent; the other interfaces are asked',
      'eth1: DHCP gave ip=10.9.9.',
      'has all',
    ],
    state: ['inet 10.9.9.'],
    notState: ['inet 10.9.8.'],
  },
  {
    input: 'the same, with ip=eth0:dhcp ip=eth1:dhcp',
    expected: 'the same',
    run: lab => withSecondWay(lab, `${url} ip=eth0:dhcp ip=eth1:dhcp`, async () => {}, 'mute'),
    has: ['eth0: the boot server has fallen silent', 'eth1: DHCP gave ip=10.9.9.', 'has all'],
  },
  {
    input:
      'router and servers behind the first card die between lease and first byte; a second card has others',
    expected: 'the lease of the second card, and the download there',
    run: lab =>
      withSecondWay(lab, url, async first => {
        first.setDown()
      }),
    has: ['eth0: the boot server has fallen silent', 'eth1: DHCP gave ip=10.9.9.', 'has all'],
    state: ['inet 10.9.9.'],
  },
  {
    input: 'one card, and its boot server says nothing to the first try',
    expected: 'the lease is kept, and the next try has the file',
    async run(lab) {
      const at = await lab.switch()
      await dnsmasq(lab, at, { range })
      const mute = await lab.web(at, 'mute')
      const node = lab.powerOn({ cards: [at], append: url, downloads: true })
      await node.said('retrying in')
      await mute.stop()
      await lab.web(at, now)
      return node.end
    },
    has: ['timed out', 'has all'],
    not: ['other interfaces are asked', 'given up'],
  },
]

/** A lease that changes while files are fetched. */
const changes: NodeRow[] = [
  {
    input:
      'a lease without name servers; at its renewal, during the download, there is one that knows the server',
    expected: 'the next try asks it',
    async run(lab) {
      const at = await lab.switch()
      await lab.web(at, now)
      const first = await dnsmasq(lab, at, { range })
      const node = lab.powerOn({
        cards: [at],
        append: 'kernel_url=http://boot.example:8001/k',
        downloads: true,
        before: renewAfter(1),
      })
      await node.said('DHCP gave')
      await first.stop()
      const names = ['--port=53', '--address=/boot.example/10.9.0.1', '--no-resolv', '--no-hosts']
      await dnsmasq(lab, at, { range, nameServers: ['10.9.0.1'], search: ['rack.example'] }, ...names)
      return node.end
    },
    has: ['the server name does not resolve', 'has all'],
    state: ['search rack.example', 'nameserver 10.9.0.1'],
  },
  {
    input: 'a server that knows no lease refuses it (NAK) during the download, and gives another address',
    expected: 'the new lease, and the download goes on',
    async run(lab) {
      const at = await lab.switch()
      await lab.web(at, { seconds: 15 })
      const first = await dnsmasq(lab, at, { range })
      const node = lab.powerOn({ cards: [at], append: url, downloads: true, before: renewAfter(4) })
      await node.said('goes on with')
      await first.stop()
      await dnsmasq(lab, at, { range: otherRange })
      return node.end
    },
    has: ['has all'],
    state: ['inet 10.9.9.'],
    notState: ['inet 10.9.8.'],
  },
  {
    input: 'Kea: a lease of 30 s, a download of 45 s',
    expected: 'renewed meanwhile: one request is enough',
    async run(lab) {
      const at = await lab.switch()
      const web = await lab.web(at, { seconds: 45 })
      await kea(lab, at, { range, leaseSeconds: 30 })
      const end = await lab.run({ cards: [at], append: url, downloads: true })
      end.console.push(`${web.log().match(/GET/g)?.length} request`)
      return end
    },
    has: ['has all', /^1 request$/],
    state: ['inet 10.9.8.'],
  },
]

/** Says when a DISCOVER came, and of whom: microseconds since the first, and the end of the hardware address. */
const listener = `const socket = require('node:dgram').createSocket({ type: 'udp4', reuseAddr: true })
socket.on('message', packet => {
  const at = Math.round(performance.now())
  console.log('discover ' + packet.subarray(28, 34).toString('hex') + ' ' + at)
})
socket.bind(67, () => console.log('listens'))`

const nodesTogether = 64

const together: NodeRow[] = [
  {
    input: `${nodesTogether} cards that are set up together, and no server`,
    expected: 'their pauses are from 0.5 to 1 s by chance: those that ask together do not go on together',
    async run(lab) {
      const at = await lab.switch()
      const heard = await lab.serve(at, /listens/, process.execPath, '-e', listener)
      const append = `${url} rd.net.timeout.dhcp=12 retries=1`
      const number = lab.plug(Array.from({ length: nodesTogether }, () => at))
      const end = await lab.run({ cards: [], append }, number)
      const times = new Map<string, number[]>()
      for (const [, mac = '', time] of heard.log().matchAll(/discover (\w+) (\d+)/g))
        times.set(mac, [...(times.get(mac) ?? []), Number(time)])
      const all = [...times.values()]
      const pauses = all.flatMap(each => each.slice(1).map((time, index) => time - (each[index] ?? 0)))
      const tenths = pauses.map(each => Math.floor(each / 100))
      const most = Math.max(...tenths.map(tenth => tenths.filter(other => other === tenth).length))
      const mean = pauses.reduce((sum, each) => sum + each, 0) / pauses.length
      end.console.push(
        `${all.length} cards were heard`,
        `mean pause ${mean >= 650 && mean <= 900 ? 'right' : mean}`,
        `the pauses ${most <= pauses.length * 0.4 ? 'spread' : `are alike: ${most} of ${pauses.length}`}`,
      )
      end.console = end.console.filter(line => !line.startsWith('no DHCP answer'))
      return end
    },
    has: [`${nodesTogether} cards were heard`, 'mean pause right', 'the pauses spread'],
  },
]

runNodeRows('leases', [...changes, ...ways, ...inUse, ...both, ...together], dhcpServers)
