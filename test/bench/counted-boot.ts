import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { startMachine } from '../../generator/qemu/virtual-machine.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { memoryOf } from '../support/process-memory.ts'
import { isDhcpAnswer, packetsOf } from './boot-moments.ts'
import type { BootSetUp } from './boot-times.ts'
import type { Bench } from './own-image.ts'

/** A boot on a clock that counts instructions, one a nanosecond: what else this machine does makes no difference. */
export interface CountedBoot {
  /** Milliseconds from power-on to the first request; undefined for an image that knows no HTTP. */
  request: number | undefined
  /** Milliseconds from power-on to the last answer of the DHCP server. */
  lease: number
  /** Bytes of memory that the machine had touched by then: the firmware, the kernel, the image, unpacked and not, and programs. */
  memory: number
}

/** A machine's clock at power-on: a full quarter of an hour, in whatever time zone QEMU counts. */
const clock = '2027-01-01T00:00:00'

/** Boots a machine until it has asked the server, or where it never will, until it has an address. */
export async function countedBoot({ folder }: Bench, setUp: BootSetUp): Promise<CountedBoot> {
  const work = mkdtempSync(join(folder, 'counted-'))
  const packets = join(work, 'packets')
  const origin = await startOrigin({ folder: work })
  const machine = await startMachine({
    ...{ kernel: setUp.kernel, initrd: setUp.initrd, packets, clock },
    append: setUp.append(`http://${hostFromGuest}:${origin.port}`),
    ...{ counted: true, sharedMemory: true, memory: 2048, limit: 600 },
  })
  try {
    let over = false
    machine.end.finally(() => {
      over = true
    })
    const arrived = () =>
      setUp.asks ? origin.requests.length > 0 : setUp.hasAddress?.test(machine.console()) === true
    while (!over && !arrived()) await new Promise(resolve => setTimeout(resolve, 20))
    if (over) throw new Error(`${setUp.initrd} never asked\n${machine.console()}`)
    const memory = memoryOf(machine.pid, 'RssShmem') * 1024
    await machine.stop()
    const sent = packetsOf(readFileSync(packets))
    return {
      request: sent.find(({ frame }) => frame.includes('GET '))?.at,
      lease: sent.findLast(({ frame }) => isDhcpAnswer(frame))?.at ?? Number.NaN,
      memory,
    }
  } finally {
    await machine.stop()
    await origin.close()
    rmSync(work, { recursive: true })
  }
}
