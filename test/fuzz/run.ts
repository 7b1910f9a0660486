// Long runs: node --import tsx test/fuzz/run.ts [--seconds 1800] [--keep FOLDER] [TARGET…]
// All targets run side by side. FOLDER (test/fuzz/corpus, not in git) gets what they find out, for the next run.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideFuzzers } from './fuzzers.ts'
import { runTarget } from './run-target.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '1800' }, keep: { type: 'string' } },
})
const keep = values.keep ?? fileURLToPath(new URL('corpus', import.meta.url))
const programs = await provideFuzzers(terminalProgress())
const wanted = [...programs].filter(([name]) => positionals.length === 0 || positionals.includes(name))
await Promise.all(
  wanted.map(async ([name, program]) => {
    const outcome = await runTarget(
      name,
      program,
      Number(values.seconds),
      join(keep, 'findings'),
      join(keep, name),
    )
    process.stdout.write(`${name}: ${outcome.runs} inputs, ${outcome.edges} edges\n${outcome.finding ?? ''}`)
    if (outcome.finding !== undefined) process.exitCode = 1
  }),
)
