// Machines from power-on to their second kernel: the card's own ROM (iPXE), DHCP, stage one, swarm, kexec.
//   node --import tsx test/lab/power-on/run.ts --nodes 8
import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { CommandError } from '../../../generator/host/console/command-error.ts'
import { terminalProgress } from '../../../generator/host/console/progress.ts'
import { cpuBound, ticks } from '../measure.ts'
import { bytesOf, secondsOf } from '../units.ts'
import { runScenario } from './namespace.ts'
import { makeSite } from './site.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    /** MiB for each machine. */
    memory: { type: 'string', default: '384' },
    /** A file of random bytes that the torrent holds beside kernel and initrd; 0 is none. */
    ballast: { type: 'string', default: '32M' },
    /** What the server may send, as tc writes it. */
    rate: { type: 'string', default: '50mbit' },
    /** Seconds from power-on until the DHCP server runs. */
    'dhcp-late': { type: 'string', default: '0' },
    /** Seconds until machines are switched off. */
    limit: { type: 'string', default: '400' },
    /** A folder for the consoles. */
    logs: { type: 'string' },
  },
})

/** A share in percent. */
const percent = (share: number) => `${Math.round(share * 100)} %`

// So that what is to be done at the end of this process is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

try {
  const nodes = Number(values.nodes)
  const { folder, dnsmasq, torrent, size, aria2c } = await makeSite(
    { ballast: bytesOf(values.ballast) },
    terminalProgress(),
  )
  if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true })
  const [load = 0] = loadavg()
  const before = ticks()
  const report = await runScenario(
    {
      ...{ folder, dnsmasq, torrent, size, aria2c, rate: values.rate },
      nodes: Array.from({ length: nodes }, () => ({})),
      memory: Number(values.memory),
      dhcpLate: secondsOf(values['dhcp-late']),
      limit: secondsOf(values.limit),
      ...(values.logs === undefined ? {} : { logs: values.logs }),
    },
    'stderr',
  )
  const after = ticks()
  const idle = (after.idle - before.idle) / (after.all - before.all)
  const judgement = idle < cpuBound ? ': these machines waited for processors, not for the network' : ''
  process.stdout.write(`${table(report)}\n\n`)
  process.stdout.write(`Load before ${load.toFixed(1)}; processors idle ${percent(idle)}${judgement}.\n`)
  if (report.nodes.some(({ reached }) => reached.kernel === undefined)) process.exitCode = 1
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
