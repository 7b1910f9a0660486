// `npm run bench`: sizes and times of what this checkout makes, and of what else there is, on this machine.
//   npm run bench                     all of it
//   npm run bench -- compression      only some: commands, images, hardware, startup, compression, peers, network, reports, handover, storm,
//                                     fleet, large, swarm
//   SIZES_GIB=4 npm run bench -- large    one file of 4 GiB; without it one of 8 GiB, too: 50 GB of disk
//   PAYLOAD_MIB=64 STEP_MIB=16 npm run bench -- handover    a smaller initrd than 300 MiB, finer
//   KERNELS=linux-image-amd64,netboot npm run bench -- images
//                                     these kernels; compression and peers with the first of them
//   RUNS=1 npm run bench              each once; else the median of three is told
// Times mean little on a busy machine: its load is printed beside them.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { kvmUsable } from '../../generator/qemu/accelerator.ts'
import { provideQemu } from '../../generator/qemu/qemu.ts'
import { readResults } from '../lab/bench/store.ts'
import { verdicts } from '../lab/bench/targets.ts'
import { fleetRows } from './fleet.ts'
import { handoverRows } from './handover.ts'
import { largeRows } from './large.ts'
import { networkRows } from './network.ts'
import { type Bench, commandRows, imageRows } from './own-image.ts'
import { peerRows } from './peers.ts'
import { reportRows } from './reports.ts'
import { compressionRows, hardwareRows } from './stage-one.ts'
import { startupRows } from './startup.ts'
import { stormRows } from './storm.ts'
import { printTable } from './table.ts'

const defaultKernels = 'linux-image-amd64,linux-image-cloud-amd64'
const kernels = (process.env.KERNELS ?? defaultKernels).split(',')
const [kernel = ''] = kernels

const parts: Record<string, { title: string; rows: (bench: Bench) => Promise<string[][]> }> = {
  commands: { title: 'commands', rows: bench => commandRows(bench, kernels) },
  images: { title: 'images, seconds after power-on', rows: bench => imageRows(bench, kernels) },
  startup: {
    title: `${kernel}, where the time goes: milliseconds of a machine that does one instruction a nanosecond`,
    rows: bench => startupRows(bench, kernel),
  },
  hardware: {
    title: `${kernel}, stage one of a machine with one model of card (build --hardware)`,
    rows: bench => hardwareRows(bench, kernel),
  },
  compression: {
    title: `${kernel}, seconds; machines do one instruction a nanosecond`,
    rows: bench => compressionRows(bench, kernel),
  },
  peers: {
    title: `network initramfs for ${kernel}, seconds after power-on of a machine that does one instruction a nanosecond`,
    rows: bench => peerRows(bench, kernel),
  },
  network: {
    title: `${kernel}, seconds from /init's first line, or from the server's start where it is late`,
    rows: bench => networkRows(bench, kernel),
  },
  reports: { title: 'reports, milliseconds of a boot in a namespace, without its kernel', rows: reportRows },
  handover: { title: 'from files to the next system', rows: handoverRows },
  storm: { title: '10,000 nodes that ask within a second, clients on this machine', rows: stormRows },
  fleet: { title: "the fleet's page, 1,000 nodes that change twice a second", rows: fleetRows },
  large: { title: 'large files, a swarm of four nodes with folders on disk', rows: largeRows },
  swarm: {
    title: 'swarm, as test/lab has measured it (npm run bench:swarm measures anew)',
    rows: async () => verdicts(readResults()).map(({ name, target, measured }) => [name, target, measured]),
  },
}

const wanted = process.argv.slice(2)
const unknown = wanted.find(word => parts[word] === undefined)
if (unknown !== undefined) {
  process.stderr.write(`there is no part '${unknown}': take ${Object.keys(parts).join(', ')}\n`)
  process.exit(2)
}

const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const progress = terminalProgress()
const bench = { folder, runs: Number(process.env.RUNS ?? 3), progress }
await provideQemu(progress)
for (const [name, { title, rows }] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const found = await rows(bench)
  printTable(`${title} (load ${loadavg()[0]?.toFixed(1)})`, found)
}
process.stdout.write(
  `\nmedian of ${bench.runs} runs; boots ${kvmUsable() ? 'with KVM' : 'emulated, without KVM'}\n`,
)
