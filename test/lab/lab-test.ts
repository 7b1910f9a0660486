import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'uvu'
import { needs } from '../support/needs.ts'
import type { CaseResult, LabCase } from './case.ts'
import { runCase } from './run-case.ts'

/** Declares a test that wants a lab; skipped by name where there can be none. */
export function needsLab(test: Test, programs: Record<string, string> = {}): ReturnType<typeof needs> {
  const declare = needs(
    test,
    { ip: 'iproute2', tc: 'iproute2', unshare: 'util-linux', setpriv: 'util-linux', ...programs },
    true,
  )
  if (process.getuid?.() !== 0 || spawnSync('unshare', ['--net', '--mount', 'true']).status === 0)
    return declare
  return name => {
    process.stdout.write(`SKIPPED ${name}: needs the right to make network namespaces\n`)
    test.skip(name)
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

/** Runs a case and hands back the nodes' consoles with its result. */
export async function play(
  changes: Partial<LabCase>,
): Promise<{ result: CaseResult; console: (node: string) => string }> {
  const logs = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-test-'))
  try {
    const result = await runCase({ ...small, ...changes }, { logs })
    const consoles = new Map(result.nodes.map(({ name }) => [name, readFileSync(join(logs, name), 'utf8')]))
    return { result, console: node => consoles.get(node) ?? '' }
  } finally {
    rmSync(logs, { recursive: true, force: true })
  }
}
