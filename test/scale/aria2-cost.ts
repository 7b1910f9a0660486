// What aria2c takes of a processor for a byte that it fetches from a seeder, over the loopback. generator/scale/physical.ts has what
// came out, and what the seeder took by its own /proc/PID/stat meanwhile.
//   node --import tsx test/scale/aria2-cost.ts [MIB] [KIB-OF-A-PIECE]
import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { makeTorrent } from '../../generator/publish/torrent.ts'
import { startTracker } from '../../generator/serve/tracker.ts'
import { swarmPeers } from '../../generator/stages/fetch/swarm-profile.ts'
import { startSeeder } from '../support/seeder.ts'

const [mebibytes, pieceKib] = [Number(process.argv[2] ?? 1024), Number(process.argv[3] ?? 1024)]
const work = mkdtempSync('/dev/shm/aria2-cost-')
process.on('exit', () => rmSync(work, { recursive: true, force: true }))
const { aria2c } = await provideBinaries(terminalProgress())
mkdirSync(join(work, 'node'))
writeFileSync(join(work, 'payload'), randomFillSync(Buffer.alloc(mebibytes * 2 ** 20)))
const tracker = await startTracker({ host: '127.0.0.1' })
const torrent = join(work, 'payload.torrent')
const pieceLength = pieceKib * 1024
const announce = [tracker.url]
writeFileSync(
  torrent,
  await makeTorrent({ files: [join(work, 'payload')], name: 'payload', announce, pieceLength }),
)

/** Seconds of a processor that a program has had (proc_pid_stat(5)); 0 when it has ended. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}

const seeder = await startSeeder({
  ...{ aria2c: aria2c.path, torrent, folder: work, tracker: tracker.url, address: '127.0.0.1' },
})
const began = Date.now()
const node = spawn(
  aria2c.path,
  [
    ...[
      '--no-conf',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--disk-cache=16M',
    ],
    ...['--bt-cooperative=true', `--bt-max-peers=${swarmPeers}`, '--file-allocation=none', '--seed-time=0'],
    ...[`--dir=${join(work, 'node')}`, torrent],
  ],
  { stdio: 'ignore' },
)
let spent = 0
const watch = setInterval(() => {
  spent = Math.max(spent, processorTime(node.pid ?? 0))
}, 20)
await new Promise(resolve => node.on('exit', resolve))
clearInterval(watch)
const seconds = (Date.now() - began) / 1000
process.stdout.write(
  `${mebibytes} MiB in pieces of ${pieceKib} KiB: ${seconds.toFixed(2)} s; the node ${(mebibytes / spent).toFixed(0)} MiB for a second of a core\n`,
)
await seeder.close()
await tracker.close()
