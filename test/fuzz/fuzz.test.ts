// aria2's parsers of what others send, under sanitizers: each target runs its kept inputs, then new ones for
// FUZZ_SECONDS (10), as many targets side by side as there are cores.
import { mkdtempSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { needs } from '../support/needs.ts'
import { fuzzPrograms } from '../support/requirements.ts'
import { provideFuzzers, targetNames } from './fuzzers.ts'
import { type Outcome, runTarget } from './run-target.ts'

const time = Number(process.env.FUZZ_SECONDS ?? 10)
const findings = mkdtempSync(join(tmpdir(), 'aria2-initrd-findings-'))
const declare = needs(
  test,
  Object.fromEntries(fuzzPrograms.map(({ program, package: name }) => [program, name])),
)

let started: Promise<Map<string, Promise<Outcome>>> | undefined

/** Starts all targets at the first call: so many at once as there are cores. */
function outcomes(): Promise<Map<string, Promise<Outcome>>> {
  started ??= provideFuzzers(terminalProgress()).then(programs => {
    const lanes = Array.from({ length: availableParallelism() }, (): Promise<unknown> => Promise.resolve())
    const results = [...programs].map(([name, program], index): [string, Promise<Outcome>] => {
      const lane = index % lanes.length
      const result = (lanes[lane] ?? Promise.resolve()).then(() => runTarget(name, program, time, findings))
      lanes[lane] = result.catch(() => {})
      return [name, result]
    })
    return new Map(results)
  })
  return started
}

for (const name of targetNames) {
  declare(`fuzz: ${name}`, async () => {
    const outcome = await (await outcomes()).get(name)
    assert.is(outcome?.finding, undefined, `${outcome?.finding}\nthe input is in ${findings}`)
    assert.ok((outcome?.runs ?? 0) > 0, 'nothing was run')
  })
}

test.run()
