/** A machine on the other end of a machine's cables: a switch that knows bonds and VLANs, by Debian's kernel. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import type { Nic } from '../../generator/qemu/qemu-words.ts'
import { type Machine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import type { Site } from './site.ts'

export interface Partner {
  nics: Nic[]
  /** Lines of shell that set it up, with the image's programs. */
  setUp: string
  /** A line of shell that succeeds when enough was seen; each second it is run again. */
  enough: string
}

/** Paths of the sockets of so many cables: for the machine's cards, and for its partner's. */
export function cables(count: number, model: string): { nics: Nic[]; partnerNics: Nic[] } {
  const folder = mkdtempSync(join(tmpdir(), 'cables-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const ends = Array.from({ length: count }, (_, cable) => [
    join(folder, `${cable}-here`),
    join(folder, `${cable}-there`),
  ]) as [string, string][]
  const mac = (side: number, cable: number) => `52:54:00:00:0${side}:0${cable}`
  return {
    nics: ends.map(([local, remote], cable) => ({ network: { local, remote }, model, mac: mac(1, cable) })),
    partnerNics: ends.map(([here, there], cable) => ({
      network: { local: there, remote: here },
      model,
      mac: mac(2, cable),
    })),
  }
}

export async function startPartner(site: Site, { nics, setUp, enough }: Partner): Promise<Machine> {
  const script = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

modprobe -a e1000 bonding 8021q
${setUp}
echo 'partner: ready'
until ${enough}; do sleep 1; done
echo 'partner: enough'
while :; do sleep 60; done
`
  const entry = { kind: 'file', path: 'partner', mode: 0o755, content: Buffer.from(script) } as const
  const initrd = join(site.folder, '..', `partner-${script.length}`)
  writeFileSync(initrd, Buffer.concat([readFileSync(site.image.initrd), await writeNewc([entry])]))
  const machine = await startMachine({
    kernel: site.image.kernel,
    initrd,
    append: 'quiet rdinit=/partner',
    nics,
    limit: 240,
  })
  await machine.waitFor('partner: ready')
  return machine
}
