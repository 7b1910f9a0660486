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
  return reasons.length === 0 ? test : skipped(test, `needs ${reasons.join(', ')}`)
}

/**
 * The same for what costs too much for every run: a word of `npm test -- WORD` must ask for it.
 * @param cost what it costs, for the reason that is told
 */
export function askedFor<Context>(test: uvu.Test<Context>, word: string, cost: string): Declare<Context> {
  // test/run.ts hands its words on.
  const asked = process.env.TESTS_ASKED_FOR?.split(' ').includes(word) ?? false
  return asked ? test : skipped(test, `npm test -- ${word} runs it: ${cost}`)
}

function skipped<Context>(test: uvu.Test<Context>, reason: string): Declare<Context> {
  return name => {
    // test/run.ts collects these lines and lists them at the end.
    process.stdout.write(`SKIPPED ${name}: ${reason}\n`)
    test.skip(name)
  }
}
