/** What a run of `publish` has begun and not finished: a list that locks the publication, and tells the next run what a killed one left. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { appendFile, link, lstat, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { makeFolder } from '../host/files/whole-file.ts'

/** A process, told apart from a later one of the same number, on this machine or another that shares the folder. */
interface Run {
  host: string
  boot: string
  pid: number
  /** Ticks after the machine's start. */
  started: string
}

const hex = () => randomBytes(4).toString('hex')
const listName = (name: string) => `.publish.${name}.unfinished`
const isList = (name: string) => /^\.publish\..+\.unfinished$/.test(name)

/** A path that nothing has yet, for what takes the place of another path when it is whole. */
const besidePath = (path: string): string => `${path}.${hex()}.tmp`
const isBeside = (path: string) => /\.[\da-f]{8}\.tmp$/.test(path)

/** Another machine's run is taken for dead after a day (milliseconds): whether it lives cannot be seen from here. */
const longestRun = 24 * 3600 * 1000

/** The list of one run, beside what it publishes. What it begins is written there first. */
export class Unfinished {
  /** The folder that the web server shows. */
  readonly served: string
  /** What is published there. */
  readonly name: string
  readonly #path: string

  private constructor(served: string, name: string, path: string) {
    this.served = served
    this.name = name
    this.#path = path
  }

  /**
   * Takes away what dead runs left in the folder, and begins the list of this one.
   * @throws CommandError while another run publishes the same
   */
  static async begin(folder: string, name: string): Promise<Unfinished> {
    const root = resolve(folder)
    makeFolder(root)
    await removeUnfinished(root)
    const path = join(root, listName(name))
    // With its first line in it from the first moment on.
    const written = join(root, listName(hex()))
    await writeFile(written, `${JSON.stringify(thisRun())}\n`, { flag: 'wx' })
    try {
      await link(written, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const { host, pid } =
        parsed<Run>((await readFile(path, 'utf8').catch(() => '')).split('\n')[0] ?? '') ?? {}
      throw new CommandError(
        `${name} is being published to ${folder} already, by process ${pid ?? '?'} on ${host ?? '?'}`,
        'wait until that is done; runs with other names do not disturb each other',
      )
    } finally {
      await rm(written, { force: true })
    }
    return new Unfinished(folder, name, path)
  }

  /** Where something may be begun that takes the place of a path when it is whole. */
  async beside(path: string): Promise<string> {
    const beside = besidePath(path)
    await appendFile(this.#path, `${JSON.stringify(resolve(beside))}\n`)
    return beside
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}

/** Takes away what runs that have died left in a folder, and nothing else, whatever it is called. */
export async function removeUnfinished(folder: string): Promise<void> {
  const root = resolve(folder)
  for (const name of (await readdir(root).catch(() => [])).filter(isList)) {
    const list = join(root, name)
    if ((await readRun(list)).isAlive) continue
    // Out of the way of others that do the same; one that has begun a new list meanwhile gets it back.
    const taken = join(root, listName(hex()))
    await rename(list, taken).catch(() => {})
    const { isAlive, paths } = await readRun(taken)
    if (isAlive) await link(taken, list).catch(() => {})
    else for (const path of paths) await removeBegun(root, path)
    await rm(taken, { force: true })
  }
}

async function readRun(list: string): Promise<{ isAlive: boolean; paths: string[] }> {
  const [first = '', ...lines] = (await readFile(list, 'utf8').catch(() => '')).split('\n').filter(Boolean)
  const paths = lines.map(line => parsed<string>(line)).filter(path => typeof path === 'string')
  return { isAlive: await isRunning(parsed<Run>(first), list), paths }
}

async function removeBegun(root: string, path: string): Promise<void> {
  if (!path.startsWith(root + sep) || !isBeside(path)) return
  const found = await lstat(path).catch(() => undefined)
  // Folders are begun in the publication's own folder, hidden.
  const isFolder = found?.isDirectory() === true && dirname(path) === root
  if (isFolder || found?.isFile() || found?.isSymbolicLink()) await rm(path, { recursive: isFolder })
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
  if (run?.host === undefined) return false
  if (run.host !== hostname()) {
    const written = await stat(list).catch(() => undefined)
    return written !== undefined && Date.now() - written.mtimeMs < longestRun
  }
  return run.boot === boot() && startOf(run.pid) === run.started
}
