/** One run of a fuzz target (libFuzzer), in a process of its own. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  /** What the sanitizer or libFuzzer says, or nothing where all went well. */
  finding?: string
  /** Inputs that were run. */
  runs: number
  /** Edges of the program that were reached. */
  edges: number
}

/** The inputs that are kept for a target: those of its findings, and small ones that reach far. */
export const keptInputs = (name: string): string =>
  fileURLToPath(new URL(`inputs/${name}`, import.meta.url))

/** MB of memory that one input may take, and seconds. */
const [memory, seconds] = [1024, 10]

/**
 * Runs the kept inputs, then new ones made from them.
 * @param time seconds; 0: the kept inputs alone
 * @param findings a folder that gets the input of a finding
 * @param corpus a folder for the inputs that reach something new; without it they are thrown away
 */
export async function runTarget(
  name: string,
  program: string,
  time: number,
  findings: string,
  corpus?: string,
): Promise<Outcome> {
  const kept = keptInputs(name)
  const folder = corpus ?? mkdtempSync(join(tmpdir(), `aria2-initrd-fuzz-${name}-`))
  mkdirSync(folder, { recursive: true })
  mkdirSync(findings, { recursive: true })
  const options = [
    `-max_total_time=${time}`,
    `-rss_limit_mb=${memory}`,
    `-timeout=${seconds}`,
    `-artifact_prefix=${join(findings, `${name}-`)}`,
    '-max_len=65536',
    '-print_final_stats=1',
    '-detect_leaks=0',
    ...(time === 0 ? ['-runs=0'] : []),
  ]
  const dictionary = fileURLToPath(new URL(`dictionaries/${name}`, import.meta.url))
  if (existsSync(dictionary)) options.push(`-dict=${dictionary}`)
  const inputs = existsSync(kept) && readdirSync(kept).length > 0 ? [kept] : []
  try {
    return await run(program, [...options, folder, ...inputs])
  } finally {
    if (corpus === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function run(program: string, words: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        ...process.env,
        ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=0',
        UBSAN_OPTIONS: 'print_stacktrace=1',
      },
    })
    let text = ''
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      // The last lines have the figures, and a finding is never longer.
      if (text.length > 400_000) text = text.slice(-200_000)
    })
    child.on('error', reject)
    child.on('close', (status, signal) => {
      const last = (pattern: RegExp) => Number([...text.matchAll(pattern)].at(-1)?.[1] ?? 0)
      const figures = { runs: last(/^#(\d+)\s/gm), edges: last(/ cov: (\d+) /g) }
      if (status === 0) resolve(figures)
      else resolve({ ...figures, finding: findingIn(text, signal) })
    })
  })
}

/** From the first line that names the fault. */
function findingIn(text: string, signal: NodeJS.Signals | null): string {
  const at = text.search(/^.*(runtime error|ERROR: |terminate called|Assertion )/m)
  return at === -1 ? `${text.slice(-2000)}\n(signal ${signal})` : text.slice(at, at + 6000)
}
