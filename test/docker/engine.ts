import { spawnSync } from 'node:child_process'
import type { Test } from 'uvu'

type Declare = (name: string, callback: () => void | Promise<void>) => void

/** Skips tests by name. @param needed what they need and is not here */
export const skipped =
  (test: Test, needed: string): Declare =>
  name => {
    // test/run.ts collects these lines and lists them at the end.
    process.stdout.write(`SKIPPED ${name}: needs ${needed}\n`)
    test.skip(name)
  }

/** For tests that need a Docker engine that answers; without one they are skipped by name. */
export function needsEngine(test: Test): Declare {
  const { status } = spawnSync('docker', ['info'], { stdio: 'ignore' })
  const reasons = status === 0 ? [] : ['a running Docker engine (apt-get install docker.io)']
  if (process.getuid?.() !== 0) reasons.push('root')
  return reasons.length === 0 ? test : skipped(test, reasons.join(', '))
}

/** Words of every build here, so that the layers are built once. */
export const locked = ['--network', 'host', '--build-arg', 'ARCHIVE_OPTIONS=--locked']
