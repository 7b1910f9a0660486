// The swarm benchmark, `npm run bench:swarm`: runs what is missing in results.json, then writes tables and charts into
// test/lab/README.md. Each run is stored as it ends, so that it may be stopped and started again; those of another /init
// or aria2c are run anew. Root, a quiet machine; all of it takes an hour and a quarter.
//
//   npm run bench:swarm -- --list                     the cases, and how many of their runs are there
//   npm run bench:swarm -- --only 'scale/swarm/*'     some of them
//   npm run bench:swarm -- --only disturbed/cut --again
//   npm run bench:swarm -- --draw                     tables and charts from what is there
import { availableParallelism, release } from 'node:os'
import { Command } from 'commander'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { type BenchCase, benchCases } from './bench/cases.ts'
import { drawPage } from './bench/page.ts'
import { currentVersions, isOf, readResults, storedRun, writeResults } from './bench/store.ts'
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

/** Plain HTTP waits for its link: so many of its cases side by side leave the processors idle, as their rows tell. */
const httpAtATime = 6
// Each lab tidies up when this process ends.
process.setMaxListeners(10 * httpAtATime)

async function measure(): Promise<void> {
  const versions = await currentVersions()
  const isThere = ({ id, lab }: BenchCase) => options.again !== true && isOf(results.cases[id], lab, versions)
  // What is to be measured anew stays until there is something in its place.
  const outdated = new Set(chosen.filter(each => !isThere(each)).map(({ id }) => id))
  const waiting = chosen.flatMap(each => {
    const there = outdated.has(each.id) ? 0 : (results.cases[each.id]?.runs.length ?? 0)
    return Array.from({ length: Math.max(0, (options.runs ?? each.runs) - there) }, () => each)
  })
  const isHttp = ({ lab }: BenchCase) => lab.method.startsWith('http')
  const once = async ({ id, lab }: BenchCase): Promise<void> => {
    const result = await runCase(lab)
    process.stderr.write(`${id}: ${oneLine(result)}\n`)
    const earlier = outdated.delete(id) ? [] : (results.cases[id]?.runs ?? [])
    results.cases[id] = { lab, versions, runs: [...earlier, storedRun(result)] }
    writeResults(results)
  }
  for (const each of waiting.filter(each => !isHttp(each))) await once(each)
  // The longest first, so that none of them is left over at the end.
  const http = waiting.filter(isHttp).sort((a, b) => fluidTime(b) - fluidTime(a))
  const next = async (): Promise<void> => {
    const each = http.shift()
    if (each === undefined) return
    await once(each)
    await next()
  }
  await Promise.all(Array.from({ length: httpAtATime }, next))
}

/** Seconds that plain HTTP takes at the least. */
const fluidTime = ({ lab: { nodes, size, originRate } }: BenchCase): number => (nodes * size * 8) / originRate

try {
  if (chosen.length === 0)
    throw new CommandError(`no case begins with '${options.only}'`, '--list tells the names')
  if (options.list === true)
    for (const { id, runs } of chosen)
      process.stdout.write(`${id}  ${results.cases[id]?.runs.length ?? 0} of ${runs}\n`)
  else {
    if (options.draw !== true) await measure()
    drawPage(results)
  }
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
