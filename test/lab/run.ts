// A swarm on this machine: N hosts in network namespaces with shaped links, each with the shipped /init's own download
// stage under the packed BusyBox. Root, no container around it.
//
//   node --import tsx test/lab/run.ts --nodes 16 --size 64M --rate 50mbit --method swarm --runs 3
//
// Rates are each way. `complete` is when the file was there, `stage ends` when the node would boot on (after seeding).
// Copies are bytes on the origin's cable over the file's; `payload` those by the servers' own books. Below 10 % idle
// the machine was the limit: choose lower rates.
import { Command, Option } from 'commander'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { type LabCase, type Method, methods, type RackSign, rackSigns } from './case.ts'
import { fullReport, oneLine } from './report.ts'
import { runCase } from './run-case.ts'
import { bitsOf, bytesOf, cutOf, secondsOf } from './units.ts'

interface RunOptions extends Omit<LabCase, 'originRate' | 'racks'> {
  racks?: number
  rackBy: RackSign
  uplink?: number
  originRate?: number
  runs: number
  trackerNever?: boolean
  json?: boolean
  logs?: string
}

const program = new Command('test/lab/run.ts')
  .option('--nodes <n>', 'how many', Number, 4)
  .option('--size <size>', 'of the file, such as 64M', bytesOf, 2 ** 23)
  .option('--rate <rate>', "of each node's link", bitsOf, 50e6)
  .option('--origin-rate <rate>', "of the origin's link; default: the nodes'", bitsOf)
  .addOption(new Option('--method <method>', 'how nodes fetch').choices(methods).default('swarm' as Method))
  .option('--aria2c <path>', 'another build for the nodes, and the origin')
  .option('--origin-aria2c <path>', 'another build for the origin')
  .option('--node-options <words>', 'more words for aria2c on the nodes; they win')
  .option('--origin-options <words>', 'more words for aria2c on the origin; they win')
  .option('--parameters <words>', "more for the nodes' kernel command line, such as seed_time=0")
  .option('--url <url>', 'what url= names; {} stands for http://ORIGIN')
  .option('--piece-length <size>', 'of the torrent', bytesOf)
  .option('--web-seed', "the torrent names the file's HTTP address")
  .option('--stagger <seconds>', "from a node's start to the next one's", secondsOf)
  .option('--slow-node <rate>', "of the first node's link", bitsOf)
  .option('--cut <share@seconds>', 'pull cables, such as 25%@5', cutOf)
  .option('--die <seconds>', "when the last node's power goes off", secondsOf)
  .option('--rack2 <rate>', 'the second half of the nodes is behind such an uplink', bitsOf)
  .option('--racks <n>', 'the nodes stand in so many racks', Number)
  .addOption(
    new Option('--rack-by <sign>', 'a prefix for each rack; or one for all, and what tells racks apart')
      .choices(rackSigns)
      .default('prefix' as RackSign),
  )
  .option('--uplink <rate>', 'of each rack', bitsOf)
  .option('--waves <seconds>', "from a rack's start to the next one's", secondsOf)
  .option('--tracker-late <seconds>', 'when the tracker comes up', secondsOf)
  .option('--tracker-never', 'there is no tracker')
  .option(
    '--origin-gone-after-one-copy',
    "the origin's cable is pulled when the nodes together have all pieces",
  )
  .option('--opentracker', "Debian's opentracker in place of the tracker of serve")
  .option('--wrong-origin', "the origin's file has wrong bytes in each piece")
  .option('--liar', 'one more machine seeds the torrent with wrong data')
  .option('--unseeded', 'the origin seeds nothing: it has the web server and the tracker')
  .option('--logs <folder>', 'keeps the consoles there')
  .option('--runs <n>', 'how often', Number, 1)
  .option('--limit <seconds>', 'after which a run has failed', secondsOf, 300)
  .option('--json', 'results as JSON, one line for each run')

program.parse()
const given = program.opts<RunOptions & { rack2?: number; originGoneAfterOneCopy?: boolean }>()
const { runs, json, logs, rack2, racks, rackBy, uplink, originGoneAfterOneCopy, trackerNever, ...rest } =
  given
const lab: LabCase = {
  ...rest,
  originRate: rest.originRate ?? rest.rate,
  ...(rack2 === undefined ? {} : { secondRack: rack2 }),
  ...(racks === undefined ? {} : { racks: { count: racks, uplink: uplink ?? rest.rate, by: rackBy } }),
  ...(originGoneAfterOneCopy === true ? { originGone: true } : {}),
  ...(trackerNever === true ? { trackerLate: Number.POSITIVE_INFINITY } : {}),
}

// Leaving takes the lab away.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

try {
  for (let run = 1; run <= runs; run += 1) {
    const result = await runCase(lab, logs === undefined ? {} : { logs })
    if (json === true) process.stdout.write(`${JSON.stringify({ lab, result })}\n`)
    else process.stdout.write(`${run === 1 ? fullReport(lab, result) : oneLine(result)}\n`)
    if (!result.complete) process.exitCode = 1
  }
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
