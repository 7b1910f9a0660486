import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'uvu'
import { needs } from '../support/needs.ts'
import type { CaseResult, LabCase } from './case.ts'
import { runCase } from './run-case.ts'

/** Declares a test that wants a lab; skipped by name where there can be none. */
export function needsLab(suite: Test, programs: Record<string, string> = {}): ReturnType<typeof needs> {
  const declare = needs(
    suite,
    { ip: 'iproute2', tc: 'iproute2', unshare: 'util-linux', setpriv: 'util-linux', ...programs },
    true,
  )
  if (process.getuid?.() !== 0 || spawnSync('unshare', ['--net', '--mount', 'true']).status === 0)
    return declare
  return name => {
    process.stdout.write(`SKIPPED ${name}: needs the right to make network namespaces\n`)
    suite.skip(name)
  }
}

/** A small swarm, quick enough for a test. */
const small: LabCase = {
  nodes: 4,
  size: 2 ** 21,
  rate: 50e6,
  originRate: 50e6,
  method: 'swarm',
  parameters: 'seed_time=1',
  limit: 120,
}

export interface Played {
  result: CaseResult
  /** What a node said, by its name. */
  console: (node: string) => string
}

async function play(changes: Partial<LabCase>): Promise<Played> {
  const logs = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-test-'))
  try {
    const result = await runCase({ ...small, ...changes }, { logs })
    const consoles = new Map(result.nodes.map(({ name }) => [name, readFileSync(join(logs, name), 'utf8')]))
    return { result, console: node => consoles.get(node) ?? '' }
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
}

/** Small swarms wait more than they compute: so many at once. */
const most = 3
const running: Promise<unknown>[] = []

/** Declares a test of what comes of a case; several cases run at the same time. */
export function playCase(
  declare: ReturnType<typeof needs>,
  name: string,
  changes: Partial<LabCase>,
  check: (played: Played) => void,
): void {
  // What is skipped is not to run either.
  if (declare !== test) {
    declare(name, () => {})
    return
  }
  const played = (running.at(-most) ?? Promise.resolve()).then(() => play(changes))
  // One that fails is told by its own test, and holds nobody up.
  running.push(played.catch(() => {}))
  declare(name, async () => check(await played))
}
