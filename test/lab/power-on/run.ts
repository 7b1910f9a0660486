// Machines from power-on to their second kernel: the card's own ROM (iPXE), DHCP, stage one, swarm, kexec.
//   node --import tsx test/lab/power-on/run.ts --nodes 8
import { mkdirSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { CommandError } from '../../../generator/command-error.ts'
import { terminalProgress } from '../../../generator/progress.ts'
import { runScenario } from './namespace.ts'
import { makeSite } from './site.ts'
import { table } from './table.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '8' },
    /** MiB for each machine. */
    memory: { type: 'string', default: '384' },
    /** MiB of random bytes that the torrent holds beside kernel and initrd. */
    ballast: { type: 'string', default: '32' },
    /** What the server may send, as tc writes it. */
    rate: { type: 'string', default: '100mbit' },
    'dhcp-late': { type: 'string', default: '0' },
    /** Seconds until machines are switched off. */
    limit: { type: 'string', default: '400' },
    /** A folder for the consoles. */
    logs: { type: 'string' },
  },
})

try {
  const site = await makeSite({ ballast: Number(values.ballast) * 1024 ** 2 }, terminalProgress())
  if (values.logs !== undefined) mkdirSync(values.logs, { recursive: true })
  const load = loadavg()[0] ?? 0
  const { folder, torrent, size, aria2c, script } = site
  const report = await runScenario(
    {
      ...{ folder, torrent, size, aria2c },
      nodes: Array.from({ length: Number(values.nodes) }, () => ({ script })),
      memory: Number(values.memory),
      rate: values.rate,
      dhcpLate: Number(values['dhcp-late']),
      limit: Number(values.limit),
      ...(values.logs === undefined ? {} : { logs: values.logs }),
    },
    'stderr',
  )
  process.stdout.write(`${table(report)}\nload before: ${load.toFixed(1)}\n`)
  if (report.nodes.some(({ reached }) => reached.kernel === undefined)) process.exitCode = 1
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
