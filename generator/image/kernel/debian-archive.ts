import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { findProgram } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { type Outcome, runProgram } from './run-program.ts'

/** The Debian release that kernels come from; the machine may run another one. */
export const release = 'trixie'

/** A package as apt's signed lists describe it. */
export interface DebianPackage {
  name: string
  version: string
  /** Names that it depends on, without versions and alternatives. */
  depends: string[]
  sha256: string
  size: number
}

/** Lists older than this are fetched again: the release gets security updates, and mirrors drop what they replace. */
const listsAge = 24 * 60 * 60 * 1000

const debianSuites = /^(oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)$/
const keyrings = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
]

function lastLine(outcome: Outcome): string {
  const lines = outcome.stderr.trim().split('\n')
  return (lines.findLast(line => line.startsWith('E: ')) ?? lines.at(-1) ?? '').replace(/^E: /, '')
}

/** The mirror that this machine's own apt uses for Debian; read, never changed. */
async function mirror(): Promise<string> {
  const { stdout } = await runProgram('apt-get', ['update', '--print-uris'])
  for (const [, site, suite] of stdout.toString().matchAll(/^'(.*)\/dists\/([^/']+)\/InRelease'/gm)) {
    if (site !== undefined && debianSuites.test(suite ?? '')) return site
  }
  throw new CommandError(
    "this machine's apt knows no Debian mirror to take the kernel from",
    'add Debian to the sources of apt, or name a kernel that is here: --kernel-root DIR',
  )
}

/**
 * Debian's archive of the pinned release, through apt but beside the machine's own apt state: own lists, own sources,
 * the machine's mirror, proxy and trusted keys. Signatures and digests are checked by apt.
 */
export class DebianArchive {
  readonly #state: string

  private constructor(state: string) {
    this.#state = state
  }

  /** Opens the archive with lists that are no older than a day, or with older ones when the mirror does not answer. */
  static async open(progress: Progress): Promise<DebianArchive> {
    if (findProgram('apt-get') === undefined) {
      throw new CommandError(
        'apt-get is not here, so no kernel can be fetched',
        'name a kernel: --kernel-root DIR',
      )
    }
    const state = join(cacheFolder(), `apt-${release}`)
    const fetched = (await stat(join(state, 'lists')).catch(() => undefined))?.mtimeMs
    if (fetched !== undefined && Date.now() - fetched < listsAge) return new DebianArchive(state)

    progress.step(`fetching the package lists of Debian ${release}`)
    await mkdir(cacheFolder(), { recursive: true })
    const beside = await mkdtemp(`${state}-`)
    try {
      const fresh = new DebianArchive(beside)
      await fresh.#update(await mirror())
      await rm(state, { recursive: true, force: true })
      await rename(beside, state)
      return new DebianArchive(state)
    } catch (error) {
      await rm(beside, { recursive: true, force: true })
      if (fetched === undefined) throw error
      progress.step(
        `${(error as Error).message}; going on with the lists of ${new Date(fetched).toDateString()}`,
      )
      return new DebianArchive(state)
    }
  }

  async #update(site: string): Promise<void> {
    const keyring = keyrings.find(existsSync)
    const trust = keyring === undefined ? '' : `[signed-by=${keyring}] `
    await mkdir(join(this.#state, 'lists/partial'), { recursive: true })
    await writeFile(join(this.#state, 'sources.list'), `deb ${trust}${site} ${release} main\n`)
    const outcome = await this.#apt('apt-get', 'update', '-o', 'APT::Update::Error-Mode=any')
    if (outcome.status !== 0) {
      throw new CommandError(
        `cannot fetch the package lists of Debian ${release}: ${lastLine(outcome)}`,
        'check the network and apt-get update, or name a kernel that is here: --kernel-root DIR',
      )
    }
  }

  #apt(program: string, ...words: string[]): Promise<Outcome> {
    return this.#aptIn(undefined, program, ...words)
  }

  #aptIn(folder: string | undefined, program: string, ...words: string[]): Promise<Outcome> {
    const settings = {
      'Dir::State': this.#state,
      'Dir::State::status': '/dev/null',
      'Dir::Cache': join(this.#state, 'cache'),
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
      'Dir::Etc::sourcelist': join(this.#state, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      'Dir::Etc::preferencesparts': '/dev/null',
      'Acquire::Languages': 'none',
      'APT::Architecture': 'amd64',
      'APT::Update::Post-Invoke-Success': '',
      // apt's own user cannot read a cache in somebody's home.
      ...(process.getuid?.() === 0 ? { 'APT::Sandbox::User': 'root' } : {}),
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    return runProgram(program, ['-q', ...options, ...words], folder === undefined ? {} : { folder })
  }

  /** What the lists say of a package. */
  async describe(name: string): Promise<DebianPackage> {
    const outcome = await this.#apt('apt-cache', 'show', '--no-all-versions', '--', name)
    const text = outcome.stdout.toString()
    const field = (key: string) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? ''
    if (outcome.status !== 0 || field('SHA256') === '') {
      throw new CommandError(
        `Debian ${release} has no package ${name}`,
        'kernels are called linux-image-amd64, linux-image-cloud-amd64 or linux-image-VERSION',
      )
    }
    const depends = field('Depends')
      .split(',')
      .map(one => one.trim().split(/[ |]/)[0] ?? '')
    return { name, version: field('Version'), depends, sha256: field('SHA256'), size: Number(field('Size')) }
  }

  /** Fetches the package's file into `folder`; apt has checked its digest when this returns. */
  async download({ name, version }: DebianPackage, folder: string): Promise<void> {
    const outcome = await this.#aptIn(folder, 'apt-get', 'download', `${name}=${version}`)
    if (outcome.status !== 0) {
      throw new CommandError(
        `cannot fetch ${name} ${version}: ${lastLine(outcome)}`,
        `when the mirror has moved on to a newer version: rm -r ${this.#state}, and build again`,
      )
    }
  }
}
