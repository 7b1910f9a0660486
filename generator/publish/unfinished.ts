/** Which files a run of `publish` has begun and not finished, so that the next run can take away what a killed one left. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { appendFile, lstat, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve, sep } from 'node:path'

/** A process, told apart from a later one of the same number, on this machine or another that shares the folder. */
interface Run {
  host: string
  boot: string
  pid: number
  /** Ticks after the machine's start. */
  started: string
}

const nameOf = (hex: string) => `.publish.${hex}.unfinished`
const isName = (name: string) => /^\.publish\.[\da-f]{8}\.unfinished$/.test(name)
/** As `Staging` names what is not in its place yet. */
const isBeside = (path: string) => /\.[\da-f]{8}\.tmp$/.test(path)

/** Another machine's run is taken for dead after a day (milliseconds): whether it lives cannot be seen from here. */
const longestRun = 24 * 3600 * 1000

/** The list of one run, beside what it publishes. It is written before the files are. */
export class Unfinished {
  readonly #folder: string
  readonly #path: string
  #begun = false

  constructor(folder: string) {
    this.#folder = resolve(folder)
    this.#path = join(this.#folder, nameOf(randomBytes(4).toString('hex')))
  }

  /** The folder must be there. */
  async add(path: string): Promise<void> {
    if (!this.#begun) await writeFile(this.#path, `${JSON.stringify(thisRun())}\n`, { flag: 'wx' })
    this.#begun = true
    await appendFile(this.#path, `${JSON.stringify(resolve(path))}\n`)
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    if (this.#begun) await rm(this.#path, { force: true })
    this.#begun = false
  }
}

/** Takes away what runs that have died left in a folder, and nothing else, whatever it is called. */
export async function removeUnfinished(folder: string): Promise<void> {
  const root = resolve(folder)
  for (const name of (await readdir(root).catch(() => [])).filter(isName)) {
    const list = join(root, name)
    const [first = '', ...paths] = (await readFile(list, 'utf8')).split('\n').filter(Boolean)
    if (await isRunning(parsed<Run>(first), list)) continue
    for (const line of paths) {
      const path = parsed<string>(line)
      if (typeof path !== 'string' || !path.startsWith(root + sep) || !isBeside(path)) continue
      const found = await lstat(path).catch(() => undefined)
      if (found?.isFile()) await rm(path)
    }
    await rm(list)
  }
}

function parsed<Value>(line: string): Value | undefined {
  try {
    return JSON.parse(line) as Value
  } catch {
    // Cut off when the machine was.
    return undefined
  }
}

const boot = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

function startOf(pid: number): string | undefined {
  try {
    // After the name in brackets, which may hold blanks; field 22 of proc(5).
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')[19]
  } catch {
    return undefined
  }
}

const thisRun = (): Run => ({
  host: hostname(),
  boot: boot(),
  pid: process.pid,
  started: startOf(process.pid) ?? '',
})

async function isRunning(run: Run | undefined, list: string): Promise<boolean> {
  if (run === undefined) return false
  if (run.host !== hostname()) return Date.now() - (await stat(list)).mtimeMs < longestRun
  return run.boot === boot() && startOf(run.pid) === run.started
}
