/** Whole boots on networks without IPv4, in machines of QEMU with Debian's generic kernel, as rows of README.md. */
import * as assert from 'uvu/assert'
import { bootMachine } from '../../generator/qemu/virtual-machine.ts'
import type { HostileInput } from '../hostile/inputs.ts'
import { Ipv6Lab, type Node6 } from '../hostile/ipv6-lab.ts'
import { givenParameters } from '../support/given-parameters.ts'
import { summary } from './node-rows.ts'
import { type Site, startSite } from './site.ts'

interface Boot {
  input: string
  expected: string
  dnsmasq: string[]
  has: RegExp[]
}

const second = 'console=ttyS0 quiet no_timer_check'
/** The kernel by a name that has an IPv6 address alone, the initrd by the address itself. */
const files =
  'kernel_url=http://boot.lab.example:8000/vmlinuz initrd_url=http://[fd00:9::1]:8000/initrd.img ' +
  `next_kernel_params="${second}"`
/** A router, and the name server of the site. */
const router = [
  '--enable-ra',
  '--host-record=boot.lab.example,fd00:9::1',
  '--dhcp-option=option6:dns-server,[fd00:9::1]',
]

const boots: Boot[] = [
  {
    input: 'dnsmasq: router advertisements with RDNSS, the kernel by a name that has an AAAA record alone',
    expected: 'the second kernel runs',
    dnsmasq: [...router, '--dhcp-range=fd00:9::,ra-only,64,1h'],
    has: [/IPv6 address fd00:9::5054:ff:fe00:60\/64/],
  },
  {
    input: 'dnsmasq: addresses by DHCPv6 alone (flag M), the same name',
    expected: 'the second kernel runs',
    dnsmasq: [...router, '--dhcp-range=fd00:9::aa,fd00:9::aa,64,1h'],
    has: [/asking DHCPv6 \(stateful\)/, /IPv6 address fd00:9::aa\/128/],
  },
]

interface Place {
  site: Site
  lab: Ipv6Lab
}
let place: Promise<Place> | undefined

async function makePlace(): Promise<Place> {
  const site = await startSite({ kernel: 'linux-image-amd64' })
  const nodes: Node6[] = boots.map(({ dnsmasq }, number) => ({
    tap: `tap${number}`,
    dnsmasq,
    serve: [site.folder, '--bind', '::'],
  }))
  return { site, lab: await Ipv6Lab.start(nodes) }
}

export async function stopBoots(): Promise<void> {
  const made = await place
  made?.lab.stop()
  await made?.site.close()
}

async function consoleOf(number: number): Promise<string> {
  place ??= makePlace()
  const { site, lab } = await place
  const { console } = await bootMachine({
    ...site.image,
    append: `quiet ${files} retries=1 on_failure=poweroff failure_delay=1`,
    nics: [{ network: { tap: `tap${number}` }, mac: `52:54:00:00:00:6${number}` }],
    namespace: lab.farEnd(number),
    limit: 150,
  })
  return console
}

/** The boots as rows; both machines run at a time. */
export function ipv6Boots(): HostileInput[] {
  let consoles: Promise<string>[] | undefined
  return boots.map(({ input, expected, has }, number) => ({
    input,
    expected,
    run: 'QEMU',
    async see() {
      consoles ??= boots.map((_, index) => consoleOf(index))
      const console = (await consoles[number]) as string
      assert.is(givenParameters(console, second), second, console)
      for (const pattern of has) assert.match(console, pattern)
      assert.not.match(console, /DHCP gave|no name server|is kept/)
      const lines = console.split('\n').filter(line => /^(aria2-initrd: network|second kernel): /.test(line))
      return summary(lines.map(line => line.replace('aria2-initrd: network: ', '')))
    },
  }))
}
