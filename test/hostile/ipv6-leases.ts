/** What becomes of a lease of DHCPv6: renewed, taken back, of a server that has gone. */
import { byHand, type Ipv6Row, kea } from './ipv6-rows.ts'

const first = 'fd0000090000000000000000000000bb'
const second = 'fd0000090000000000000000000000cc'

/** udhcpc6 is told to renew its lease now; so many seconds later what became of it is shown. */
const renew = (seconds: number) => `kill -USR1 "$(cat /run/udhcpc.eth0.ipv6.pid)"; sleep ${seconds}`
/** Looks for the address each second for 40 s. */
const watch =
  'left=40; lost=; while [ "$left" -gt 0 ]; do sleep 1; left=$((left - 1)); ' +
  'ip -6 addr show dev eth0 | grep -q fd00:9: || lost=yes; done; log "lost: ${lost:-never} in 40 looks"'

export const leases: Ipv6Row[] = [
  {
    input: 'Kea: a lease of 30 s, a boot of 40 s',
    expected: 'renewed in time: the address is there all the time',
    parameters: 'ip=dhcp6',
    kea: { ...kea(), 'valid-lifetime': 30, 'preferred-lifetime': 20 },
    after: watch,
    has: ['eth0: IPv6 address fd00:9::aa/128', 'lost: never in 40 looks'],
    state: ['inet6 fd00:9::aa/128'],
  },
  {
    input: 'Kea is replaced by one that knows no lease and has other addresses',
    expected: 'its address from the first Renew on; the old one goes',
    parameters: 'ip=dhcp6',
    kea: { ...kea(), 'valid-lifetime': 30, 'preferred-lifetime': 20 },
    later: { seconds: 6, kea: kea([], [{ pool: 'fd00:9::cc - fd00:9::cc' }]) },
    after: 'sleep 27',
    has: ['eth0: IPv6 address fd00:9::aa/128', 'goes on with eth0'],
    state: ['inet6 fd00:9::cc/128'],
    notState: ['inet6 fd00:9::aa'],
  },
  {
    input: 'DHCPv6: the answer to a Renew takes the address back (0 s) and gives another',
    expected: 'the other is taken, the old one goes',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), type < 5 ? ia(id, '${first}', 600) : ia(id, '${first}', 0, '${second}', 600)`,
    ),
    after: renew(4),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
    state: ['inet6 fd00:9::cc/128'],
    notState: ['inet6 fd00:9::bb'],
  },
  {
    input: 'DHCPv6: the answer to a Renew is NoBinding; it gives another address to those who ask anew',
    expected: 'it is asked anew, and the old address goes',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), type === 5 ? association(id, status(3)) : ia(id, count > 1 ? '${second}' : '${first}', 600)`,
    ),
    after: `${renew(9)}; cat /run/aria2-initrd/told6.eth0`,
    has: ['eth0: IPv6 address fd00:9::bb/128', 'the DHCPv6 server does not know our lease (NoBinding)'],
    state: ['inet6 fd00:9::cc/128'],
    notState: ['inet6 fd00:9::bb'],
  },
  {
    input: 'DHCPv6: the answer to a Renew is UnspecFail',
    expected: 'the address is kept: it is still ours',
    parameters: 'ip=dhcp6',
    ...byHand(`option(1, client), type === 5 ? option(13, Buffer.from([0, 1])) : ia(id, '${first}', 600)`),
    after: renew(5),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
    state: ['inet6 fd00:9::bb/128'],
  },
  {
    input: 'DHCPv6: no answer to a Renew; another server answers the Rebind, with another address',
    expected: 'that is taken, the old one goes',
    parameters: 'ip=dhcp6',
    ...byHand(
      `if (type === 5) return; return [option(1, client), ia(id, ...(type === 6 ? ['${first}', 0, '${second}', 600] : ['${first}', 600]))]`,
      `option(2, type === 6 ? bytes('00030001020900000710') : own)`,
    ),
    after: renew(8),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
    state: ['inet6 fd00:9::cc/128'],
    notState: ['inet6 fd00:9::bb'],
  },
  {
    input: 'DHCPv6: a server that goes after its Advertise, and is there again later',
    expected: 'asked from the start after five Requests',
    parameters: 'ip=dhcp6',
    ...byHand(`if (type === 3 && count <= 5) return; return [option(1, client), ia(id, '${first}', 600)]`),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
  },
  {
    input: 'DHCPv6: Advertises without the identifier of a server, then a right one',
    expected: 'the right one is still heard',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), ia(id, '${first}', 600)`,
      `(type === 1 && count < 3 ? Buffer.alloc(0) : option(2, own))`,
    ),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
  },
  {
    input: 'DHCPv6: NoAddrsAvail in the answer to the first Request',
    expected: 'said; asked from the start 3 s later',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), type === 3 && count === 1 ? association(id, status(2)) : ia(id, '${first}', 600)`,
    ),
    has: [
      'eth0: the DHCPv6 server has no address to give (NoAddrsAvail)',
      'eth0: IPv6 address fd00:9::bb/128',
      'goes on with eth0',
    ],
  },
]
