// Images that do without some parts: the smallest, with drivers for the cards of one list alone, and one that keeps what a torrent needs. What is left out is refused by name.
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import { partNames } from '../../generator/stages/api/parts.ts'
import { declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

/** The list of a machine with the card that QEMU has here. */
const hardware = fileURLToPath(new URL('../image/machines/lspci-n.txt', import.meta.url))
const smallest = await startSite({ without: partNames, hardware: [hardware] })
const swarm = await startSite({ without: ['static-address', 'debug'] })
await swarm.publish('both', ['vmlinuz', 'initrd.img'])
test.after(async () => {
  await smallest.close()
  await swarm.close()
})

const second = 'console=ttyS0 quiet no_timer_check'
/** Seconds. A machine without KVM may be slow. */
const limit = 400
const next = `next_kernel_params="${second}"`

declareBoots(test, smallest, [
  {
    name: 'the smallest boots over HTTP, both files with their digests, and says what it lacks',
    append:
      `kernel_url=${smallest.url('vmlinuz')} initrd_url=${smallest.url('initrd.img')} ` +
      `kernel_sha=${smallest.digest('sha256', 'vmlinuz')} initrd_sha=${smallest.digest('sha256', 'initrd.img')} ` +
      `${next} seed_time=3 break=network debug on_failure=shell`,
    ...{ second, limit },
    has: [
      /verify: .*kernel.*digest holds/,
      /verify: .*initrd.*digest holds/,
      'seed_time= is not in this image: built --without bittorrent',
      'break= is not in this image: built --without rescue-shell',
      'debug is not in this image: built --without debug',
      'on_failure=shell is not in this image: built --without rescue-shell',
    ],
  },
])

declareBoots(test, swarm, [
  {
    name: 'a torrent, with the images that lack static addresses and debug',
    append: `url=${swarm.url('both.torrent')} seed_time=0 debug ${next}`,
    ...{ second, limit },
    has: ['debug is not in this image: built --without debug', /fetching .*both\.torrent/],
  },
])

test.run()
