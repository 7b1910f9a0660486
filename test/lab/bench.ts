// The swarm benchmark, `npm run bench:swarm`: runs what is missing in results.json, then writes tables and charts into
// test/lab/README.md. Each run is stored as it ends, so that it may be stopped and started again. Root, a quiet machine;
// all of it takes about two hours.
//
//   npm run bench:swarm -- --list                     the cases, and how many of their runs are there
//   npm run bench:swarm -- --only 'scale/swarm/*'     some of them
//   npm run bench:swarm -- --only disturbed/cut --again
//   npm run bench:swarm -- --draw                     tables and charts from what is there
import { availableParallelism, release } from 'node:os'
import { Command } from 'commander'
import { CommandError } from '../../generator/command-error.ts'
import { benchCases } from './bench/cases.ts'
import { drawPage } from './bench/page.ts'
import { currentVersions, readResults, storedRun, writeResults } from './bench/store.ts'
import { oneLine } from './report.ts'
import { runCase } from './run-case.ts'

const program = new Command('bench:swarm')
  .option('--only <pattern>', 'cases whose name begins so; * is any text')
  .option('--runs <n>', 'runs of each case, instead of its own number', Number)
  .option('--again', 'forgets what is there of these cases')
  .option('--draw', 'runs nothing')
  .option('--list', 'lists the cases')
program.parse()
const options = program.opts<{
  only?: string
  runs?: number
  again?: boolean
  draw?: boolean
  list?: boolean
}>()

const start = (options.only ?? '')
  .split('*')
  .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  .join('.*')
const chosen = benchCases.filter(({ id }) => new RegExp(`^${start}`).test(id))
const results = readResults(`${availableParallelism()} processors, Linux ${release().replace(/-.*/, '')}`)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130))

/** How many runs of a case are there; those of another definition of it do not count. */
function there(id: string, lab: unknown): number {
  const stored = results.cases[id]
  return stored !== undefined && JSON.stringify(stored.lab) === JSON.stringify(lab) ? stored.runs.length : 0
}

async function measure(): Promise<void> {
  const versions = await currentVersions()
  for (const { id, lab, runs } of chosen) {
    const wanted = options.runs ?? runs
    if (options.again === true || there(id, lab) === 0) delete results.cases[id]
    for (let run = there(id, lab) + 1; run <= wanted; run += 1) {
      process.stderr.write(`${id}, run ${run} of ${wanted}\n`)
      const result = await runCase(lab)
      process.stderr.write(`  ${oneLine(result)}\n`)
      const stored = results.cases[id] ?? { lab, versions, runs: [] }
      stored.runs.push(storedRun(result))
      results.cases[id] = { ...stored, versions }
      writeResults(results)
    }
  }
}

try {
  if (chosen.length === 0)
    throw new CommandError(`no case begins with '${options.only}'`, '--list tells the names')
  if (options.list === true)
    for (const { id, lab, runs } of chosen) process.stdout.write(`${id}  ${there(id, lab)} of ${runs}\n`)
  else {
    if (options.draw !== true) await measure()
    drawPage(results)
  }
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
