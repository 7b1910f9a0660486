/** Whose parameter a name is: ours, of the kernel or of others, or ours misspelt. */
import { distance } from 'fastest-levenshtein'
import { declaredParameters } from '../simulator/boot-program.ts'

/** Names of the kernel, of dracut and of services that are a letter or two from one of ours. */
const others = new Set(
  'root ro rw init initrd quiet console panic splash loglevel ip6 ipv6 dhcp vga mem mce rd rdinit resume nfs nfsroot video iommu nr_cpus maxcpus isolcpus hugepages selinux apparmor audit nomodeset net.ifnames biosdevname ds nid xname url_proxy debugpat'.split(
    ' ',
  ),
)

/** Of the network names of dracut.cmdline(7), those that set up something; /init may not know them. */
const dracutNetwork = new Set(
  'ip nameserver vlan bond bridge team ifname bootdev BOOTIF rd.route rd.neednet rd.peerdns rd.bootif rd.znet'.split(
    ' ',
  ),
)

const ourNames = (): string[] => declaredParameters().flatMap(({ name, aliases }) => [name, ...aliases])

export const isOurs = (name: string): boolean => ourNames().includes(name)

/** Whether dracut would set up something by this name, and /init does not. */
export const isForeignNetwork = (name: string): boolean =>
  !isOurs(name) &&
  name !== 'rd.neednet' &&
  (dracutNetwork.has(name) || name.startsWith('rd.net.')) &&
  misspelt(name) === undefined

/** The name of ours that was probably meant; undefined where the name is ours or somebody else's. */
export function misspelt(name: string): string | undefined {
  if (isOurs(name) || others.has(name) || dracutNetwork.has(name)) return undefined
  const plain = (text: string) => text.toLowerCase().replaceAll('-', '_')
  const near = ourNames()
    .map(ours => ({ ours, letters: distance(plain(name), plain(ours)) }))
    .sort((a, b) => a.letters - b.letters)[0]
  if (near === undefined) return undefined
  const most = near.ours.length < 4 ? 0 : near.ours.length < 7 ? 1 : 2
  return near.letters <= most ? near.ours : undefined
}
