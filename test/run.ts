// Sees to it that the programs are there that the tests need, then runs every test file in a process of its own, some
// side by side, and ends with the plain line `N passed, N failed, N skipped`.
//   npm test                 everything
//   npm test -- unit lab     the test files whose path holds one of the words
//   UPDATE=1 npm test        rewrites the golden files with what came out
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../generator/host/console/command-error.ts'
import { terminalProgress } from '../generator/host/console/progress.ts'
import { ensurePrograms } from '../generator/host/debian/host-packages.ts'
import { testPrograms } from './support/requirements.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const wanted = process.argv.slice(2)

/**
 * The order of the folders: what is quick and most telling comes first, but for the boots. They take turns, two machines at
 * a time, for as long as most of the others together.
 */
const order = [
  'boot',
  'style',
  'unit',
  'readme',
  'golden',
  'errors',
  'shellcheck',
  'workflows',
  'cli',
  'package',
  'image',
  'docker',
  'anywhere',
  'differential',
]

/** Folders whose files only compute. They give way to those that wait for machines, servers and nodes, and have limits to keep. */
const computes = [
  ...['anyday', 'anywhere', 'cli', 'differential', 'docker', 'errors', 'golden', 'image', 'package'],
  ...['readme', 'shellcheck', 'style', 'unit'],
]

/** Folders whose files share what there is one of, the processors of this machine, Docker's engine or dist/, and take turns. */
const takesTurns = ['boot', 'docker', 'package']

const folderOf = (file: string): string => file.split('/')[1] ?? ''

function rank(file: string): number {
  const index = order.indexOf(folderOf(file))
  return index === -1 ? order.length : index
}

const files = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .map(name => `test/${name}`)
  .filter(name => name.endsWith('.test.ts'))
  .filter(name => wanted.length === 0 || wanted.some(word => name.includes(word)))
  .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b))

const totals = { passed: 0, failed: 0, skipped: 0 }
const skipped: string[] = []
/** The files that failed, and the first lines of what each said: the end of a long log is what people see of it. */
const failed: string[] = []
/** How long each file took, beside others: where a run that grows too long is to be shortened. */
const times: { file: string; seconds: number }[] = []

/** Programs are those of the machine: npm puts the wrappers of its packages before them, one of them called shellcheck. */
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(folder => !folder.endsWith('/node_modules/.bin'))
  .join(delimiter)

/** Some tests run only where a word asks for them. */
const TESTS_ASKED_FOR = wanted.join(' ')

/** Tests talk to this machine alone: nobody asks for ShellCheck's binary. A program on PATH, or WebAssembly, is there. */
const engine = { ARIA2_INITRD_SHELLCHECK: process.env.ARIA2_INITRD_SHELLCHECK ?? 'installed' }

function runFile(file: string): Promise<{ output: string; status: number | null }> {
  return new Promise((resolve, reject) => {
    const priority = computes.includes(folderOf(file)) ? '5' : '0'
    const child = spawn('nice', ['-n', priority, process.execPath, '--import', 'tsx', file], {
      cwd: root,
      env: { ...process.env, PATH: path, FORCE_COLOR: '0', NO_COLOR: '1', TESTS_ASKED_FOR, ...engine },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    // A file that hangs is a failure, not the end of the run. One that is asked for may build a kernel.
    const minutes = wanted.length === 0 ? 40 : 240
    const limit = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000)
    const collect = (chunk: Buffer) => {
      output += chunk.toString()
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('close', status => {
      clearTimeout(limit)
      resolve({ output, status })
    })
  })
}

/** What uvu printed of the first two failures of a file, ten lines each. */
function firstFailures(output: string): string[] {
  return output
    .split(/^(?= +FAIL )/m)
    .slice(1, 3)
    .flatMap(text => text.trimEnd().split('\n').slice(0, 10))
    .filter(line => line.trim() !== '')
}

try {
  // A run of a few files takes the machine as it is, and so does SKIP_MISSING=1: what cannot run is skipped by name.
  if (wanted.length === 0 && process.env.SKIP_MISSING !== '1')
    await ensurePrograms(testPrograms, terminalProgress())
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.stderr.write('      or SKIP_MISSING=1 npm test, which skips what cannot run here\n')
  process.exit(1)
}

/** Takes down what a file that has ended said. What runs side by side is printed one after the other. */
function count(file: string, output: string, status: number | null): void {
  const number = (word: string) => Number(output.match(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'm'))?.[1] ?? 0)
  const [total, passed, skips] = [number('Total'), number('Passed'), number('Skipped')]
  totals.passed += passed
  totals.skipped += skips
  // uvu's total leaves the skipped ones out. A file that died counts as one failure, whatever it printed before.
  const failures = status === 0 ? 0 : Math.max(1, total - passed)
  totals.failed += failures
  if (failures > 0) failed.push(file, ...firstFailures(output))
  for (const line of output.matchAll(/^SKIPPED (.*)$/gm)) skipped.push(line[1] ?? '')
}

/**
 * Folders whose files have the machine for themselves: what swarms do depends on how evenly their nodes get on, and fuzzers
 * keep all processors busy by themselves.
 */
const alone = files.filter(file => ['lab', 'fuzz'].includes(folderOf(file)))
const shared = files.filter(file => !alone.includes(file))
const busy = new Set<string>()

/** Runs one file after the other until none is left that may run now. */
async function runLane(waiting: string[]): Promise<void> {
  for (;;) {
    const next = waiting.findIndex(file => !busy.has(folderOf(file)))
    const [file] = next < 0 ? [] : waiting.splice(next, 1)
    if (file === undefined) return
    const folder = folderOf(file)
    if (takesTurns.includes(folder)) busy.add(folder)
    const began = Date.now()
    const { output, status } = await runFile(file)
    busy.delete(folder)
    const seconds = Math.round((Date.now() - began) / 1000)
    times.push({ file, seconds })
    process.stdout.write(`\n# ${file} (${seconds} s)\n${output}`)
    count(file, output, status)
  }
}

// One more than there are cores, as each waits now and then; machines and swarms want memory, too: no more than four.
await Promise.all(Array.from({ length: Math.min(4, availableParallelism() + 1) }, () => runLane(shared)))
await runLane(alone)

/** The files that took longest, on two lines or three. */
function slowest(): string {
  const longest = times.toSorted((a, b) => b.seconds - a.seconds).slice(0, 12)
  return longest
    .map(({ file, seconds }) => `${file.slice('test/'.length, -'.test.ts'.length)} ${seconds}`)
    .join(', ')
}

if (wanted.length === 0) process.stdout.write(`\nslowest, in seconds: ${slowest()}\n`)
if (skipped.length > 0) process.stdout.write(`\nskipped here:\n${skipped.map(s => `  ${s}\n`).join('')}`)
if (failed.length > 0) process.stdout.write(`\nfailed:\n${failed.map(f => `  ${f}\n`).join('')}`)
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0
