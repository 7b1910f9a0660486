import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CommandError } from '../console/command-error.ts'
import type { Progress } from '../console/progress.ts'
import { requireSpace } from '../files/free-space.ts'
import { type CommandResult, lastLines, runCommand } from '../processes/run-command.ts'
import { type Mirrors, sourceLine } from './mirror.ts'

/** What the lists of one kind and what apt makes of them take, at the most. */
const spaceNeeded = 150_000_000

/** Lists older than this are fetched again: a release gets updates, and mirrors drop what they replace. */
const freshFor = 24 * 60 * 60 * 1000

export type PackageKind = 'source' | 'binary'

/** What apt wrote as the reason, without the progress before it. */
export function aptReason(output: string): string {
  const errors = output.split('\n').filter(line => line.startsWith('E: '))
  return errors.length > 0 ? errors.map(line => line.slice(3)).join('\n') : lastLines(output, 4)
}

/** Whether apt complains of this mirror, and not only of one whose address begins like it. */
const blames = (reason: string, mirror: string) =>
  reason.includes(`${mirror}/`) || reason.includes(`${mirror} `)

/** The releases whose lists apt has fetched: by the suite that was asked for, and what each says of itself. */
async function signedReleases(state: string) {
  const folder = join(state, 'lists')
  const names = await readdir(folder).catch(() => [])
  const releases = names.map(async name => {
    const suite = /_dists_([^_]+)_InRelease$/.exec(name)?.[1]
    if (suite === undefined) return []
    const text = await readFile(join(folder, name), 'utf8')
    return [{ suite, field: (key: string) => new RegExp(`^${key}: (.+)$`, 'm').exec(text)?.[1] }]
  })
  return (await Promise.all(releases)).flat()
}

/**
 * Debian signs all of its releases with the same keys, and apt only warns where a mirror gives another one than was asked for.
 * @param state where apt put the lists
 * @param from the mirror of each suite
 * @returns what is wrong
 */
async function otherSuite(state: string, from: Record<string, string>): Promise<string | undefined> {
  const signed = await signedReleases(state)
  const other = signed.find(({ suite, field }) => ![field('Codename'), field('Suite')].includes(suite))
  return (
    other && `${from[other.suite]} has ${other.field('Codename') ?? 'no name'} in the place of ${other.suite}`
  )
}

/**
 * The signed package lists of a release and of its security updates, and apt with a state of its own to read them: the
 * machine's stays untouched.
 */
export class PackageLists {
  /** Whether this process has fetched them: then there are no newer ones to hope for. */
  #fetched = false

  constructor(
    readonly release: string,
    readonly kind: PackageKind,
    /** Where they are kept between runs; appears only when they are whole. */
    readonly folder: string,
    readonly mirrors: () => Promise<Mirrors>,
    readonly offline: boolean,
  ) {}

  /** For how long they have been here, in milliseconds; undefined when they are not. */
  async age(): Promise<number | undefined> {
    const time = (await stat(join(this.folder, 'sources.list')).catch(() => undefined))?.mtimeMs
    return time === undefined ? undefined : Date.now() - time
  }

  /** When they were fetched, where that is less than a day ago. */
  async freshSince(): Promise<Date | undefined> {
    const age = await this.age()
    return age !== undefined && age < freshFor ? new Date(Date.now() - age) : undefined
  }

  /** Sees to it that they are no older than a day; where the mirror does not answer, older ones are better than none. */
  async open(progress: Progress): Promise<void> {
    const age = await this.age()
    if (age !== undefined && (this.offline || age < freshFor)) return
    try {
      await this.refresh(progress)
    } catch (error) {
      if (age === undefined) throw error
      const days = Math.floor(age / freshFor)
      const when = days === 1 ? 'yesterday' : `${days} days ago`
      progress.step(`${(error as Error).message}; going on with the lists of ${when}`)
    }
  }

  /** Fetches them anew, unless this process has done so. @returns whether they were fetched now */
  async refresh(progress: Progress): Promise<boolean> {
    if (this.#fetched) return false
    const { release, kind, folder } = this
    if (this.offline) {
      throw new CommandError(
        `nothing is fetched, and the cache has no lists of the ${kind} packages of Debian ${release}`,
        'run aria2-initrd fetch where there is a network',
      )
    }
    requireSpace(dirname(folder), spaceNeeded, `keeping the package lists of Debian ${release}`)
    const { main, security } = await this.mirrors()
    const beside = await mkdtemp(`${folder}-`)
    try {
      progress.step(`fetching the package lists of Debian ${release}`)
      let reason = ''
      for (const mirror of main) {
        const failed = await this.#fetchFrom(beside, mirror, security, progress)
        if (failed === undefined) {
          await this.#replace(beside)
          this.#fetched = true
          return true
        }
        reason = failed
      }
      throw new CommandError(
        `the package lists of Debian ${release} could not be fetched: ${reason}`,
        "see that the network is up and that the machine's apt-get update works, or name a mirror: --mirror URL",
      )
    } finally {
      await rm(beside, { recursive: true, force: true })
    }
  }

  /** The release, and its security updates where a mirror has them. @returns why it could not be */
  async #fetchFrom(
    state: string,
    mirror: string,
    security: string[],
    progress: Progress,
  ): Promise<string | undefined> {
    const { release, kind } = this
    const type = kind === 'source' ? 'deb-src' : 'deb'
    const line = await sourceLine(type, mirror, release, progress)
    let reason: string | undefined
    for (const other of [...security, undefined]) {
      const fixes = other && [await sourceLine(type, other, `${release}-security`, progress)]
      await rm(join(state, 'lists'), { recursive: true, force: true })
      await mkdir(join(state, 'lists/partial'), { recursive: true })
      await writeFile(join(state, 'sources.list'), [line, ...(fixes ?? []), ''].join('\n'))
      const from = { [release]: mirror, [`${release}-security`]: other ?? '' }
      const { status, output } = await this.#apt(state, 'apt-get', ['update', '--error-on=any'])
      const failed = status === 0 ? await otherSuite(state, from) : aptReason(output)
      if (failed === undefined) {
        if (other === undefined && reason !== undefined) {
          progress.step(`without the list of security updates: ${reason}`)
        }
        return undefined
      }
      reason = failed
      if (blames(reason, mirror)) return reason
    }
    return reason
  }

  /** Puts new lists in the place of the old ones, which other processes may be reading. */
  async #replace(fresh: string): Promise<void> {
    const old = `${fresh}-old`
    await rename(this.folder, old).catch(error => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(fresh, this.folder).catch(error => {
      // Another process was quicker: its lists are as new.
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error
    })
    await rm(old, { recursive: true, force: true })
  }

  /** When Debian signed each list, by its suite: `trixie`, `trixie-security`; empty where there are none. */
  async dates(): Promise<Record<string, Date>> {
    const signed = await signedReleases(this.folder)
    const dated = signed.flatMap(({ suite, field }) => {
      const date = field('Date')
      return date === undefined ? [] : [[suite, new Date(date)] as const]
    })
    return Object.fromEntries(dated)
  }

  /** Runs one of apt's programs on these lists. */
  run(program: 'apt-get' | 'apt-cache', ...words: string[]): Promise<CommandResult> {
    return this.#apt(this.folder, program, words)
  }

  #apt(state: string, program: string, words: string[]): Promise<CommandResult> {
    const settings = {
      'Dir::State': state,
      'Dir::State::status': '/dev/null',
      'Dir::Cache': state,
      // Reading the lists takes apt a second each time; what it made of them takes none.
      'Dir::Cache::pkgcache': 'packages.bin',
      'Dir::Cache::srcpkgcache': '',
      'Dir::Etc::sourcelist': join(state, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferences': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
      // Only what Debian signed, whatever the machine's own settings put up with.
      'Acquire::AllowInsecureRepositories': 'false',
      'Acquire::AllowWeakRepositories': 'false',
      'Acquire::AllowDowngradeToInsecureRepositories': 'false',
      'APT::Architecture': 'amd64',
      'APT::Update::Post-Invoke-Success': '',
      // As root apt would fetch as another user, who may not enter a cache in somebody's home.
      ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    // apt leaves out what lies in its current folder already, so it is asked in an empty one.
    const cwd = mkdtempSync(join(tmpdir(), 'aria2-initrd-'))
    return runCommand(program, ['-q', ...options, ...words], {
      cwd,
      // apt's own limits leave one gap: with a full disk its store method was seen to hang for ever.
      signal: AbortSignal.timeout(300_000),
    }).finally(() => rmSync(cwd, { recursive: true, force: true }))
  }
}
