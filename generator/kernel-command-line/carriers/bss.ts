import type { Carrier } from './carrier.ts'
import { ipxe, ipxeJoins, ipxeObjection } from './ipxe.ts'

/** What BSS adds where the params have no such name yet; the values are of the usual length. */
const additions = [
  'xname=x3000c0s17b3n0',
  'nid=100000',
  'bss_referral_token=00000000-0000-0000-0000-000000000000',
  'BOOTIF=01-02-00-00-00-00-01',
  'ds=nocloud-net;s=http://boot.cluster.example/cloud-init/',
]

/** OpenCHAMI's boot script service: it writes the params on the line `kernel` of an iPXE script. */
export const bss: Carrier = {
  name: 'bss',
  place: 'in the field "params" of the boot parameters, as a JSON string',
  longest: ipxe.longest,
  ownInitrd: 'BSS sets initrd=initrd itself',
  objection(word) {
    if (word.includes('initrd')) return 'BSS deletes from the first "initrd" to the next blank'
    if (/(^|[ "])(metal\.server=|root=live:)s3:\/\//.test(word)) {
      return 'BSS puts a signed address in place of s3://, and nobody can tell now how long that is'
    }
    return ipxeObjection(word)
  },
  write: words => words.join(' '),
  deliver(text) {
    const given = text.split(' ')
    const added = additions.filter(
      addition => !given.some(word => word.startsWith(addition.slice(0, addition.indexOf('=') + 1))),
    )
    let line = text
    const start = line.indexOf('initrd')
    if (start !== -1) {
      const end = line.indexOf(' ', start)
      line = line.slice(0, start) + (end === -1 ? '' : line.slice(end))
    }
    return {
      before: 'initrd=initrd',
      line: ipxeJoins(line.replace(/^ +| +$/g, '')),
      after: added.join(' '),
    }
  },
}
