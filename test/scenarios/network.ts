import { kernel } from '../support/payload.ts'
import { about, both, failed, scenario } from './scenario.ts'

const network = (given: object = {}) => ({ network: [{ name: 'eth0', ...given }] })

const lateCard = (line: string) =>
  scenario(`a late card: ${line}`, 'kexec', `${both} ${line}`, {
    network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01', appearsAfter: 3 }],
  })

export const networkScenarios = [
  scenario('an interface that appears late', 'kexec', both, network({ appearsAfter: 3 })),
  scenario('no interface, and no card', failed, `${both} rd.net.timeout.iflink=2`, { network: [] }),
  scenario(
    'a card without a driver',
    failed,
    `${both} rd.net.timeout.iflink=1`,
    network({ hasNoDriver: true }),
  ),
  scenario('a timeout of 0', failed, `${both} rd.net.timeout.iflink=0`, { network: [] }),
  scenario('radio and loopback do not count', failed, `${both} rd.net.timeout.iflink=1`, {
    network: [
      { name: 'wlan0', is: 'radio' },
      { name: 'lo', is: 'virtual' },
    ],
  }),
  scenario('no link', failed, `${both} rd.net.timeout.carrier=2`, network({ linkAfter: 'never' })),
  scenario('a link after 4 s', 'kexec', both, network({ linkAfter: 4 })),
  scenario('the link is on the second interface', 'kexec', both, {
    network: [{ name: 'eth0', linkAfter: 'never' }, { name: 'eth1' }],
  }),
  scenario('the lease is on the second interface', 'kexec', both, {
    network: [{ name: 'eth0', dhcp: 'no answer' }, { name: 'eth1' }],
  }),
  scenario('seven silent cards before the right one', 'kexec', both, {
    network: [
      ...Array.from({ length: 7 }, (_, n) => ({ name: `eth${n}`, dhcp: 'no answer' as const })),
      { name: 'eth7' },
    ],
  }),
  scenario('a second card that appears late has the lease', 'kexec', both, {
    network: [
      { name: 'eth0', dhcp: 'no answer' },
      { name: 'eth1', appearsAfter: 3 },
    ],
  }),
  scenario('a card without its firmware beside a good one', 'kexec', both, {
    network: [
      { name: 'eth0', failsUp: 'ip: ioctl 0x8914 failed: No such file or directory' },
      { name: 'eth1' },
    ],
    kernelLog: '[1.2] e100 0000:00:03.0 eth0: Failed to load firmware "$(canary) *"\n[1.3] eth0: other\n',
  }),
  scenario('a lease that leads nowhere, and one that does not', 'kexec', both, {
    network: [{ name: 'eth0', reaches: 'nothing' }, { name: 'eth1' }],
  }),
  scenario('no lease leads to the server', 'kexec', 'kernel_url=http://10.0.2.2:8000/k retries=2', {
    network: [
      { name: 'eth0', reaches: 'gateway' },
      { name: 'eth1', reaches: 'nothing' },
    ],
    serve: { 'http://10.0.2.2:8000/k': kernel },
  }),
  ...['', 'ip=eth0:dhcp ip=eth1:dhcp', 'ip=eth1:dhcp', 'ip=10.0.0.5:::24::eth0:none'].map(line =>
    scenario(
      `the server falls silent before the first byte: '${line}'`,
      'kexec',
      `kernel_url=http://10.0.2.2/k ${line}`,
      {
        network: [{ name: 'eth0' }, { name: 'eth1' }],
        serve: { 'http://10.0.2.2/k': [{ status: 2 }, { status: 6 }, { status: 1 }, kernel] },
      },
    ),
  ),
  scenario('the port of the server is closed', 'kexec', both, network({ reaches: 'host' })),
  scenario('two that are named, one without a cable', 'kexec', `${both} ip=eth0:dhcp ip=eth1:dhcp`, {
    network: [{ name: 'eth0' }, { name: 'eth1', linkAfter: 'never' }],
  }),
  scenario('two that are named, the second is right', 'kexec', `${both} ip=eth0:dhcp ip=eth1:dhcp`, {
    network: [{ name: 'eth0', reaches: 'nothing' }, { name: 'eth1' }],
  }),
  scenario(
    'what a DHCP server is told',
    'kexec',
    `${both} rd.net.dhcp.client-id=01:2:ff rd.net.dhcp.vendor-class="$(canary) * -x" rd.net.dhcp.retry=2`,
    {
      files: {
        '/sys/class/dmi/id/product_uuid': '00112233-4455-6677-8899-AABBCCDDEEFF\n',
        '/sys/firmware/efi/fw_platform_size': '64\n',
      },
    },
  ),
  scenario('a client identifier of any text', 'kexec', `${both} rd.net.dhcp.client-id="$(canary) * -x"`),
  scenario('no card, with devices that may be one', failed, `${both} rd.net.timeout.iflink=1`, {
    network: [{ name: 'eth0', hasNoDriver: true }],
    kernelLog: '[1.2] bnx2 0000:00:03.0: Direct firmware load for x failed\n',
    files: {
      '/sys/bus/usb/devices/1-1/idVendor': '0b95\n',
      '/sys/bus/usb/devices/1-1/idProduct': '1790\n',
      '/sys/bus/usb/devices/1-1:1.0/bInterfaceClass': 'ff\n',
      '/sys/bus/usb/devices/usb1/bDeviceClass': '09\n',
    },
  }),
  scenario(
    'a proxy',
    'kexec',
    `${both} aria2_options=--all-proxy=http://10.0.0.3:3128`,
    network({ reaches: 'nothing' }),
  ),
  scenario('no DHCP answer', failed, `${both} rd.net.timeout.dhcp=10`, network({ dhcp: 'no answer' })),
  scenario('a port that forwards after 20 s', 'kexec', both, network({ dhcpAfter: 20 })),
  scenario('an interface that cannot be set up', failed, both, {
    network: [{ name: 'eth0', failsUp: 'ip: RTNETLINK answers: Operation not permitted' }],
  }),
  scenario('BOOTIF chooses', 'kexec', `${both} BOOTIF=01-52-54-00-BE-EF-01`, {
    network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }],
  }),
  scenario('BOOTIF that none has', 'kexec', `${both} BOOTIF=01-aa-bb-cc-dd-ee-ff`),
  scenario('BOOTIF without dashes', 'kexec', `${both} BOOTIF=525400123456`),
  scenario('BOOTIF with a newline and a dash at its end', 'kexec', `${both} BOOTIF="01-52\n-54-"`),
  ...['01:52:54:00:BE:EF:01', '52-54-00-be-ef-01', '52:54:00:be:ef:01', '01-', '-', '$(canary)'].map(form =>
    scenario(`BOOTIF=${form}`, 'kexec', `${both} BOOTIF=${form}`, {
      network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }],
    }),
  ),
  scenario('BOOTIF of an InfiniBand port', 'kexec', `${both} BOOTIF=20-f4-52-14-03-00-8d-e3-01`, {
    network: [
      { name: 'eth0' },
      { name: 'ib0', address: '00:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:8d:e3:01' },
    ],
  }),
  ...[
    '::::n:BOOTIF:dhcp',
    'BOOTIF:dhcp',
    '10.0.0.5:10.0.0.2:10.0.0.1:255.255.255.0',
    'eth0:dhcp:1500:02:00:00:00:00:07',
    'eth1:dhcp:1400',
    '10.0.0.5:10.0.0.6::32::eth0:none',
    '10.0.0.5:10.0.0.6:::n:eth0:none:9000:02:00:00:00:00:07',
    '10.0.0.5::10.0.0.1:24::eth0:none::10.0.0.54:10.0.0.55',
    '10.0.0.5::10.0.0.1:24::eth0:none ip=10.0.1.5::10.0.1.1:24::eth1:none ip=10.0.0.5::10.0.0.1:24::eth0:none',
    ':::::eth0:off',
  ].map(form =>
    scenario(`ip=${form}`, 'kexec', `${both} ip=${form} BOOTIF=01-52-54-00-be-ef-01`, {
      network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }],
    }),
  ),
  ...['ibft', 'eth0:link-local', '::::n:eth0:bootp', '10.0.0.5:x::24', 'eth0:dhpc'].map(form =>
    scenario(`ip=${form}`, failed, `${both} ip=${form}`),
  ),
  ...[
    'ifname=eth0:52:54:00:be:ef:01 ip=eth0:dhcp',
    'ifname=net0:52:54:00:be:ef:01 ifname=x ip=net0:dhcp',
    'vlan=vlan0005:eth1 ip=vlan0005:dhcp',
    'vlan=eth1.5:eth1',
    'bond=bond0:eth0,eth1:mode=802.3ad,miimon=100:9000 vlan=bond0.12:bond0 ip=10.0.0.5::10.0.0.1:24::bond0.12:none',
    'bond=bond0:eth0.5,eth1.5 vlan=eth0.5:eth0 vlan=eth1.5:eth1 ip=bond0:dhcp',
    'bond=',
    'rd.route=10.8.0.0/16:10.0.2.2 rd.route=[fd00:8::]/32:[fe80::1]:eth0 rd.route=10.9.0.0/16:10.99.0.1:eth9 rd.route=$(canary)',
    'bootdev=eth1 hostname=node7 nameserver=10.0.0.53,fd00::53,*',
    'hostname=$(canary)',
  ].map(line =>
    scenario(line, 'kexec', `${both} ${line}`, {
      network: [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }],
    }),
  ),
  ...[
    'vlan=x:eth0',
    'vlan=eth7.5:eth7',
    'vlan=$(canary)5:eth0',
    'bond=bond0:eth7',
    'bond=bond0:*',
    'bond=bond0:eth0:$(canary)',
  ].map(line => scenario(line, failed, `${both} ${line}`)),
  ...about(
    'interface-names',
    ['enp1s0f1', 'ens4f1', 'eno7', 'enx525400beef01', 'enp9s0'].map(name =>
      scenario(`ip=${name}:dhcp`, name === 'enp9s0' ? failed : 'kexec', `${both} ip=${name}:dhcp`, {
        network: [
          { name: 'eth0' },
          {
            name: 'eth1',
            address: '52:54:00:be:ef:01',
            device: '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1/virtio1',
          },
        ],
        files: {
          '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1/acpi_index': '7\n',
          '/sys/bus/pci/slots/4/address': '0000:01:00\n',
        },
      }),
    ),
  ),
  ...[
    'rd.driver.blacklist=e1000e,virtio_net rd.driver.pre=x rd.driver.post=$(canary),-r',
    'rd.ethtool=*',
  ].map(line => scenario(line, 'kexec', `${both} ${line}`, { network: [{ name: 'eth0', driver: 'tg3' }] })),
  ...about(
    'foreign-parameters',
    ['bridge=$(canary)', 'team=x', 'rd.znet=*'].map(line => scenario(line, failed, `${both} ${line}`)),
  ),
  ...[
    'ifname=eth0:52:54:00:be:ef:01 ip=eth0:dhcp',
    'bond=bond0:eth0,eth1 vlan=bond0.5:bond0',
    'vlan=eth1.5:eth1 ip=10.0.0.5:::24::eth1.5:none',
  ].map(line => lateCard(line)),
  ...about('interface-names', [lateCard('ip=enp0s4:dhcp')]),
  ...(['nothing', 'server'] as const).flatMap(reaches =>
    ['ip=10.0.1.5::10.0.1.1:24::eth1:none', 'ip=eth1:dhcp'].map(second =>
      scenario(
        `a fixed address that reaches ${reaches}, and ${second}`,
        'kexec',
        `${both} ip=10.0.0.5::10.0.0.1:24::eth0:none ${second}`,
        {
          network: [
            { name: 'eth0', reaches },
            { name: 'eth1', linkAfter: 1 },
          ],
        },
      ),
    ),
  ),
  scenario('rd.bootif=0', 'kexec', `${both} BOOTIF=01-aa-bb-cc-dd-ee-ff rd.bootif=0`),
  scenario(
    'a static address with all its fields',
    'kexec',
    `${both} ip=10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53:10.0.0.54`,
  ),
  scenario('a static address alone', 'kexec', `${both} ip=10.0.0.5:::24`),
  scenario('a static address with an MTU', 'kexec', `${both} ip=10.0.0.5:::24::eth0:none:9000`),
  scenario('a static address without a netmask', failed, `${both} ip=10.0.0.5::10.0.0.1`),
  scenario('a static address that ip refuses', failed, `${both} ip=10.0.0.500:::24::eth0:none`),
  scenario('a gateway that ip refuses', failed, `${both} ip=10.0.0.5::-x:24::eth0:none`),
  scenario('a device that is not there', failed, `${both} ip=eth9:dhcp rd.net.timeout.carrier=1`),
  scenario('ip=off', 'kexec', `${both} ip=off`),
  scenario('ip=DEV:dhcp', 'kexec', `${both} ip=eth0:dhcp`),
  scenario('two ip=', 'kexec', `${both} ip=10.0.0.5:::24::eth0:none ip=eth1:dhcp`, {
    network: [{ name: 'eth0' }, { name: 'eth1' }],
  }),
  scenario(
    'name servers of all kinds',
    'kexec',
    `${both} nameserver=10.0.0.53 nameserver=fd00::53 nameserver="x y" nameserver= nameserver=*`,
  ),
  scenario('rd.peerdns=0', 'kexec', `${both} nameserver=10.0.0.53 rd.peerdns=0`),
  scenario('a server that refuses its own offers', failed, `${both} rd.net.timeout.dhcp=6`, {
    network: [
      {
        name: 'eth0',
        dhcp: 'refuses',
        dhcpNotes: ["the server refuses the address that it has offered: 'x'"],
      },
    ],
  }),
  scenario('the second server does not refuse', 'kexec', both, {
    network: [{ name: 'eth0', dhcp: 'refuses' }, { name: 'eth1' }],
  }),
  scenario('a lease of which something is not taken', 'kexec', both, {
    network: [
      { name: 'eth0', dhcpNotes: ["the router '0.0.0.0' is not taken: x", "the MTU '$(canary)' * -x"] },
    ],
  }),
  ...['modprobe', 'ip', 'aria2c', 'kexec'].map(command =>
    scenario(`${command} never ends`, failed, `${both} rd.net.timeout.iflink=0 retries=1`, {
      broken: [{ command, hangs: true }],
      until: 20_000,
    }),
  ),
  ...['255.0.255.0', '33', 'a.b', '0', '31'].map(mask =>
    scenario(
      `a netmask of ${mask}`,
      mask === '31' ? 'kexec' : failed,
      `${both} ip=10.0.0.5:::${mask}::eth0:none`,
    ),
  ),
  scenario('a gateway outside', failed, `${both} ip=10.0.0.5::10.0.1.1:24::eth0:none`),
  scenario('a gateway outside of a /32', 'kexec', `${both} ip=10.0.0.5::10.0.1.1:32::eth0:none`),
  scenario('an address that is none', failed, `${both} ip=127.0.0.1:::8::eth0:none`),
  scenario('the broadcast address', failed, `${both} ip=10.0.0.255:::24::eth0:none`),
  scenario('a host name that is code', 'kexec', `${both} ip=10.0.0.5:::24:$(canary):eth0:none`),
  scenario('ip= of 1,500 characters', failed, `${both} ip=${'x*'.repeat(750)}`),
  scenario('ip= without a value', 'kexec', `${both} ip=`),
  scenario('a lease with hostile options', 'kexec', both, {
    network: [
      {
        name: 'eth0',
        dhcp: { ip: '10.0.0.9/24', hostname: '`canary` * -x' },
        dhcpNotes: ['\'"\\n $(canary)'],
      },
    ],
  }),
]
