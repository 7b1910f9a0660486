/** Partitions of InfiniBand, from `ib.pkey=DEV.PKEY` (nm-initrd-generator(8)). */
import { after, before, consistsOf, exists, fail, lines, log, writeFile } from '../api/machine.ts'
import { isInterfaceName } from './interface-names.ts'

/** Whether the kernel can make a partition: its pkey is four digits in hex, neither 0000 nor 8000. */
export function isPartition(partition: string): boolean {
  const parent = before(partition, '.')
  const pkey = after(partition, '.')
  if (pkey === '0000' || pkey === '8000') {
    return false
  }
  return isInterfaceName(partition) && parent !== '' && pkey.length === 4 && consistsOf(pkey, '0-9a-f')
}

/** Refuses a partition that cannot be made. */
export function checkPartitions(partitions: string): void {
  for (const partition of lines(partitions)) {
    if (!isPartition(partition)) {
      fail(`ib.pkey=${partition}: expected DEV.PKEY, like ib0.8001`)
    }
  }
}

/**
 * Makes those of some names that are partitions and whose interfaces are there; the kernel calls them as they are called
 * here (ipoib.rst). A VLAN may have such a name, too: no card of Ethernet makes partitions.
 */
export function makePartitions(partitions: string): void {
  for (const partition of lines(partitions)) {
    if (!isPartition(partition)) {
      continue
    }
    const parent = before(partition, '.')
    const pkey = after(partition, '.')
    if (exists(`/sys/class/net/${parent}/create_child`) && !exists(`/sys/class/net/${partition}`)) {
      writeFile(`/sys/class/net/${parent}/create_child`, `0x${pkey}`)
      log(`${partition}: partition ${pkey} of ${parent}`)
    }
  }
}
