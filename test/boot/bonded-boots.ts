import type { CardBoot } from './card-boots.ts'
import { cables } from './partner.ts'

/** 802.3ad looks at a card's speed, which virtio has none of. */
const model = 'e1000'

/** Nobody has a server there: that the connection is refused shows that packets go both ways. */
const files = 'kernel_url=http://10.5.0.1/k'
const refused = /[Cc]onnection refused/
const last = /boot failed/

const lacp = cables(2, model)
const below = cables(2, model)

const bond = (options: string, ...links: string[]) =>
  `ip link add name bond0 type bond
for option in ${options}; do echo "\${option#*=}" >"/sys/class/net/bond0/bonding/\${option%%=*}"; done
for link in ${links.join(' ')}; do ip link set dev $link down; ip link set dev $link master bond0; done
ip link set dev bond0 up`

export const bondedBoots: CardBoot[] = [
  {
    input: 'a VLAN on a bond of mode 802.3ad with MTU 1400; the partner is a Linux bond of the same mode',
    expected: 'both links in one aggregator; packets go both ways',
    files,
    append:
      'bond=bond0:eth0,eth1:mode=802.3ad,miimon=100,lacp_rate=fast,xmit_hash_policy=layer3+4:1400 ' +
      'vlan=bond0.5:bond0 ip=10.5.0.2:::24::bond0.5:none',
    nics: lacp.nics,
    partner: {
      nics: lacp.partnerNics,
      setUp: `${bond('mode=802.3ad miimon=100 lacp_rate=fast', 'eth0', 'eth1')}
ip link add link bond0 name bond0.5 type vlan id 5
ip addr add 10.5.0.1/24 dev bond0.5
ip link set dev bond0.5 up`,
      enough:
        'grep -q "Number of ports: 2" /proc/net/bonding/bond0 && ' +
        'grep -q "Partner Mac Address: 52:54:00:00:01:0" /proc/net/bonding/bond0 && echo "partner: both ports in the aggregator of 52:54:00:00:01"',
    },
    has: [
      'bond0: a bond of eth0,eth1',
      'bond0.5: VLAN 5 on bond0',
      refused,
      'partner: both ports in the aggregator',
    ],
    last,
  },
  {
    input: 'a bond (active-backup) of two VLANs',
    expected: 'packets go both ways',
    files,
    append:
      'vlan=eth0.5:eth0 vlan=eth1.5:eth1 bond=bond0:eth0.5,eth1.5:mode=active-backup,miimon=100 ' +
      'ip=10.5.0.2:::24::bond0:none',
    nics: below.nics,
    partner: {
      nics: below.partnerNics,
      setUp: `for link in eth0 eth1; do
    ip link set dev $link up
    ip link add link $link name $link.5 type vlan id 5
done
${bond('mode=active-backup miimon=100', 'eth0.5', 'eth1.5')}
ip addr add 10.5.0.1/24 dev bond0`,
      enough: 'true',
    },
    has: ['bond0: a bond of eth0.5,eth1.5', refused],
    last,
  },
]
