/** The packed aria2c, called as /init calls it, against a server that means harm. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { boot } from '../support/boots.ts'
import { watchMemory } from '../support/process-memory.ts'
import type { HostileInput } from './inputs.ts'

const { aria2c } = await provideBinaries(silent)

/** The options that the stages give for such parameters, without those that name places. */
export const optionsFor = (parameters: string): string[] =>
  (boot(parameters).trace.find(([name]) => name === 'aria2c') ?? []).filter(
    word => word.startsWith('--') && !/^--(dir|log|bt-lpd-interface)=/.test(word),
  )

const stageOptions = optionsFor('kernel_url=http://s/k')

export interface Aria2cRun {
  /** The exit status, or the name of the signal that ended it. */
  status: number | NodeJS.Signals
  /** What it wrote to the console. */
  console: string
  /** Its log file. */
  log: string
  /** The most memory that it had, in KiB: VmHWM, looked at 20 times a second. */
  peak: number
  seconds: number
  /** The files that it left, as paths below its folder, with their sizes. */
  files: Record<string, number>
}

function filesUnder(folder: string): Record<string, number> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Object.fromEntries(
    entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => [path.slice(folder.length + 1), readFileSync(path).length])
      .sort(),
  )
}

/** The most that a run may take before it is ended: the machine must not suffer from a test that fails. */
const mostMemory = 512 * 1024

/** Runs it until it ends. @param words options after those of the stages, and what to fetch */
export function runAria2c(...words: string[]): Promise<Aria2cRun> {
  const folder = mkdtempSync(join(tmpdir(), 'hostile-aria2c-'))
  const [files, log] = [join(folder, 'files'), join(folder, 'log')]
  const started = Date.now()
  const child = spawn(aria2c.path, [...stageOptions, `--dir=${files}`, `--log=${log}`, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
  })
  const peak = watchMemory(child, mostMemory)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('latin1').on('data', chunk => {
      text += chunk
    })
  return new Promise(resolve =>
    child.on('close', (status, signal) => {
      const run = {
        status: status ?? signal ?? 'SIGKILL',
        console: text,
        log: existsSync(log) ? readFileSync(log, 'latin1') : '',
        peak: peak(),
        seconds: (Date.now() - started) / 1000,
        files: existsSync(files) ? filesUnder(files) : {},
      }
      rmSync(folder, { recursive: true, force: true })
      resolve(run)
    }),
  )
}

/** What a run ended with: the status, and the last cause in its log, as /init reads it. Numbers of the moment are named. */
export function outcome({ status, log }: Aria2cRun): string {
  const cause = log.split('errorCode=').slice(1).at(-1)?.split('\n')[0]?.replace(/^\d+ /, '')
  const words = cause === undefined ? '' : `: ${cause}`
  return `${status}${words}`
    .replace(/127\.0\.0\.1:\d+/g, 'SERVER')
    .replace(/has \d+ MiB/, 'has ROOM MiB')
    .replace(/CUID#\d+/, 'CUID#N')
    .replace(/speed: \d+/, 'speed: N')
    .replace(/length=\d+/, 'length=N')
    .replace(/\S*\/hostile-aria2c-\w+\//, 'FOLDER/')
}

export interface Aria2cInput {
  input: string
  expected: string
  /** Options after those of the stages: limits made short where the limit itself is what is tried. */
  options?: string[]
  address: string
  /** What the outcome must be like. */
  outcome: RegExp
  /** The most memory in MiB; 48 when left out. */
  memory?: number
  /** The most time in seconds; 15 when left out: only what hangs takes longer. */
  seconds?: number
  /** Looks at more, and may say more. */
  also?: (run: Aria2cRun) => string
}

/** No more at a time than the machine can serve in the time that each of them has. */
const slots = 12
let taken = 0
const waiting: (() => void)[] = []

async function inSlot<Value>(act: () => Promise<Value>): Promise<Value> {
  if (taken < slots) taken += 1
  else await new Promise<void>(resolve => waiting.push(resolve))
  try {
    return await act()
  } finally {
    const next = waiting.shift()
    if (next === undefined) taken -= 1
    else next()
  }
}

function judge(input: Aria2cInput, run: Aria2cRun): string {
  const seen = outcome(run)
  const told = `${input.input}: ${seen}\n${run.console.slice(0, 4000)}`
  assert.type(run.status, 'number', told)
  assert.ok(Number(run.status) < 128, told)
  assert.match(seen, input.outcome, told)
  const memory = (input.memory ?? 48) * 1024
  assert.ok(run.peak <= memory, `${told}\n${run.peak} KiB of memory, at most ${memory}`)
  const seconds = input.seconds ?? 15
  assert.ok(run.seconds <= seconds, `${told}\n${run.seconds} s, at most ${seconds}`)
  // Whatever was sent: nothing on the console or in the log but printable ASCII, and not much of it.
  for (const text of [run.console, run.log]) {
    assert.not.match(text, /[^ -~\n\r\t]/, told)
    assert.ok(text.length < 40_000, `${told}\n${text.length} bytes were written`)
  }
  const more = input.also?.(run) ?? ''
  return more === '' ? seen : `${seen}; ${more}`
}

/** Runs all of them side by side, from now on; each test waits for its own. */
export function aria2cInputs(inputs: Aria2cInput[]): HostileInput[] {
  return inputs.map(input => {
    const run = inSlot(() => runAria2c(...(input.options ?? []), input.address))
    return {
      input: input.input,
      expected: input.expected,
      run: 'aria2c',
      see: async () => judge(input, await run),
    }
  })
}
