import type { Interface, Ipv6 } from '../../generator/simulator/world.ts'
import { kernel } from '../support/payload.ts'
import { both, failed, scenario } from './scenario.ts'

const autoconfigured: Ipv6 = { router: '', address: 'fd00::5/64', dns: ['fd00::53'], search: ['lab.example'] }
const managed: Ipv6 = { router: 'managed other', dhcp6: { address: 'fd00::99', dns: ['fd00::54'] } }
const network = (ipv6: Ipv6, given: Partial<Interface> = { dhcp: 'no answer' }) => ({
  network: [{ name: 'eth0', ...given, ipv6 }],
})
const literal = 'http://[fd00::1]:8000/k'

export const ipv6Scenarios = [
  scenario('a network without IPv4', 'kexec', both, network(autoconfigured)),
  scenario('a network without IPv4, DHCPv6 for all', 'kexec', both, network(managed)),
  scenario(
    'DHCPv6 for the rest',
    'kexec',
    both,
    network({ ...autoconfigured, router: 'other', dhcp6: { dns: ['fd00::54'] } }),
  ),
  scenario('both families', 'kexec', both, network(autoconfigured, {})),
  scenario('both families, the server has an IPv6 address', 'kexec', `kernel_url=${literal}`, {
    ...network(autoconfigured, {}),
    serve: { [literal]: kernel },
  }),
  scenario('both families, the server has an IPv4 address', 'kexec', 'kernel_url=http://10.0.2.2/k', {
    ...network(autoconfigured, { dhcpAfter: 10 }),
    serve: { 'http://10.0.2.2/k': kernel },
  }),
  scenario('no server answers by IPv6', 'kexec', `${both} ip=auto6`, {
    ...network({ ...autoconfigured, reaches: 'nothing' }),
  }),
  scenario('two routers, the second leads to the server', 'kexec', `kernel_url=${literal}`, {
    network: [
      { name: 'eth0', dhcp: 'no answer', ipv6: { ...autoconfigured, reaches: 'nothing' } },
      { name: 'eth1', dhcp: 'no answer', linkAfter: 3, ipv6: managed },
    ],
    serve: { [literal]: kernel },
  }),
  ...['auto6', 'eth0:either6', 'any', 'eth0:dhcp ip=eth0:auto6', ':::::eth0:dhcp,dhcp6'].map(form =>
    scenario(`ip=${form}`, 'kexec', `${both} ip=${form}`, network({ ...autoconfigured, ...managed })),
  ),
  ...['dhcp6', 'eth0:dhcp,dhcp6', 'eth0:dhcp6:1400:02:00:00:00:00:07'].map(form =>
    scenario(
      `ip=${form}, no router`,
      'kexec',
      `${both} ip=${form}`,
      network({ dhcp6: { address: 'fd00::99' } }),
    ),
  ),
  scenario('ip=link6', 'kexec', 'kernel_url=http://[fe80::1%25eth0]/k ip=link6', {
    ...network({}),
    serve: { 'http://[fe80::1%25eth0]/k': kernel },
  }),
  scenario('ip=auto6 without a router', failed, `${both} ip=auto6 rd.net.timeout.ipv6auto=7`, network({})),
  scenario('ip=link6 without IPv6', failed, `${both} ip=link6`),
  scenario('DHCPv6 does not answer', failed, `${both} rd.net.timeout.dhcp=7`, network({ router: 'managed' })),
  scenario('DHCPv6 refuses', failed, `${both} rd.net.timeout.dhcp=7`, {
    ...network({ router: 'managed', dhcp6: { refuses: 'the DHCPv6 server has no address to give' } }),
  }),
  scenario('what the hook does not take', 'kexec', both, {
    ...network({ ...autoconfigured, notes: ["'$(canary) * -x' is not taken: no domain"] }),
  }),
  ...[
    '[fd00::5]::[fd00::1]:64:node5:eth0:none:[fd00::53]:[fd00::54]',
    '[fd00::5]',
    '[fd00::5]:[fd00::6]:::n:eth0:none:9000',
    '[fd00::5]::[fe80::1]:128::eth0:none:10.0.0.53:[fd00::53] ip=[fd00::5]::[fe80::1]:128::eth0:none',
    '[fd00::5]:::64::eth0:none ip=10.0.0.5::10.0.0.1:24::eth0:none nameserver=[fd00::53],fe80::1%eth0,::1',
  ].map(form => scenario(`ip=${form}`, 'kexec', `${both} ip=${form}`, network({}))),
  ...[
    '[fd00::5]:::129::eth0:none',
    '[fd00::5]:::08::eth0:none',
    '[fd00::5::1]:::64::eth0:none',
    '[$(canary)*]:::64::eth0:none',
    '[fd00::5:::64::eth0:none',
    '[fd00::5]::[ff02::1]:64::eth0:none',
    '[fd00::5]:[-x]::128::eth0:none',
    'fd00::5::fd00::1:64::eth0:none',
  ].map(form => scenario(`ip=${form}`, failed, `${both} ip=${form}`, network({}))),
  scenario(
    'two fixed addresses, the second leads to the server',
    'kexec',
    `kernel_url=${literal} ip=[fd00::5]::[fd00::2]:64::eth0:none ip=[fd00:1::5]::[fe80::1]:64::eth1:none`,
    {
      network: [
        { name: 'eth0', dhcp: 'no answer', ipv6: { reaches: 'nothing' } },
        { name: 'eth1', dhcp: 'no answer', ipv6: {} },
      ],
      serve: { [literal]: kernel },
    },
  ),
  scenario('another machine has the address', failed, `${both} ip=[fd00::5]:::64::eth0:none`, {
    ...network({ duplicates: true }),
  }),
]
