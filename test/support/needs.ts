import type { uvu } from 'uvu'
import { findProgram } from '../../generator/host/debian/host-packages.ts'

type Declare<Context> = (name: string, callback: uvu.Callback<Context>) => void

/** Reads like `needs(test, { 'qemu-system-x86_64': 'qemu-system-x86' })('boots', …)`: program to Debian package. */
export function needs<Context>(
  test: uvu.Test<Context>,
  programs: Record<string, string>,
  root = false,
): Declare<Context> {
  const missing = Object.entries(programs).filter(([program]) => findProgram(program) === undefined)
  const reasons = missing.map(([program, pkg]) => `${program} (apt-get install ${pkg})`)
  if (root && process.getuid?.() !== 0) reasons.push('root')
  if (reasons.length === 0) return test
  return name => {
    // test/run.ts collects these lines and lists them at the end.
    process.stdout.write(`SKIPPED ${name}: needs ${reasons.join(', ')}\n`)
    test.skip(name)
  }
}
