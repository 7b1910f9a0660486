import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { startMachine } from '../../generator/qemu/virtual-machine.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { median } from './table.ts'

/** Milliseconds after power-on. */
export interface BootTimes {
  /** The kernel has unpacked the image and starts its /init. */
  init: number
  /** The server on the network has its first request; undefined for an image that knows no HTTP. */
  request: number | undefined
  /** The console has shown that the network has an address; undefined for an image that does not say so. */
  address: number | undefined
}

export interface BootSetUp {
  kernel: string
  initrd: string
  /** The kernel parameters, given the address of an HTTP server. */
  append: (server: string) => string
  /** What the console shows when there is an address. */
  hasAddress?: RegExp
  /** Whether it will ask the server for something. */
  asks: boolean
}

/** Boots a machine until it has asked the server, or where it never will, until it has an address. */
async function bootOnce({ kernel, initrd, append, hasAddress, asks }: BootSetUp): Promise<BootTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
  const origin = await startOrigin({ folder })
  const start = performance.now()
  const since = () => performance.now() - start
  const machine = await startMachine({
    kernel,
    initrd,
    append: append(`http://${hostFromGuest}:${origin.port}`),
    // Others' images need more than ours to be unpacked in.
    memory: 2048,
    limit: 180,
  })
  try {
    const initStarts = machine.waitFor('Run /init as init process').then(since)
    const addressIsThere =
      hasAddress === undefined ? Promise.resolve(undefined) : machine.waitFor(hasAddress).then(since)
    // Whoever awaits them below sees the failure.
    for (const moment of [initStarts, addressIsThere]) moment.catch(() => {})
    let request: number | undefined
    let over = false
    machine.end.finally(() => {
      over = true
    })
    while (asks && !over && request === undefined) {
      if (origin.requests.length > 0) request = since()
      else await new Promise(resolve => setTimeout(resolve, 5))
    }
    if (asks && request === undefined) throw new Error(`${initrd} never asked\n${machine.console()}`)
    return { init: await initStarts, address: await addressIsThere, request }
  } finally {
    await machine.stop()
    await origin.close()
    rmSync(folder, { recursive: true })
  }
}

/** The medians of several boots. */
export async function bootTimes(setUp: BootSetUp, runs: number): Promise<BootTimes> {
  const boots: BootTimes[] = []
  for (let run = 0; run < runs; run += 1) boots.push(await bootOnce(setUp))
  const medianOf = (moment: 'address' | 'request') => {
    const times = boots.flatMap(boot => boot[moment] ?? [])
    return times.length === 0 ? undefined : median(times)
  }
  return {
    init: median(boots.map(boot => boot.init)),
    address: medianOf('address'),
    request: medianOf('request'),
  }
}

/** A boot of an image of ours: it asks for a file that is not there, once. */
export const ownBoot = (kernel: string, initrd: string): BootSetUp => ({
  kernel,
  initrd,
  append: server => `kernel_url=${server}/absent retries=1 on_failure=poweroff failure_delay=0`,
  hasAddress: /network: eth0: DHCP gave/,
  asks: true,
})
