import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import type { LockedFile } from './lock.ts'

/** A file that the archive offers. */
export interface ArchiveFile extends LockedFile {
  url: string
}

/** Debian's public keys: what makes the package lists, and with them every digest, trustworthy. */
export const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Suites that lie on a mirror of all of Debian; security updates and other people's packages have others. */
const debianSuites = /^(oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)$/

/**
 * The Debian mirror that this machine's apt uses, as a URL.
 * The project names none itself: a site's own mirror or proxy is right where the site has one.
 */
export async function machineMirror(): Promise<string> {
  // Not `apt-get indextargets`: it says nothing while apt has no package lists, as in a container.
  const { stdout } = await runCommand('apt-get', ['update', '--print-uris'])
  const sites = [...stdout.matchAll(/^'(.+)\/dists\/([^/']+)\/InRelease'/gm)]
    .filter(([, , suite]) => debianSuites.test(suite ?? ''))
    .map(([, site]) => site ?? '')
  const mirror = sites.find(site => /\/debian\/?$/.test(site)) ?? sites[0]
  if (mirror === undefined) {
    throw new CommandError(
      "this machine's apt knows no Debian mirror",
      "add a line such as 'deb MIRROR trixie main' to /etc/apt/sources.list",
    )
  }
  return mirror
}

/** A release of Debian through apt, with a state of its own: the machine's package lists and cache stay untouched. */
export class DebianArchive {
  readonly #options: string[]
  #updated = false

  private constructor(
    readonly release: string,
    readonly mirror: string,
    folder: string,
  ) {
    const set = {
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::Cache': join(folder, 'cache'),
      'Dir::Etc::sourcelist': join(folder, 'sources.list'),
      'Dir::Etc::sourceparts': '/dev/null',
      // As root apt would fetch as another user, who may not enter a cache in root's home.
      'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
      'Acquire::Languages': 'none',
      'Acquire::Retries': '3',
    }
    this.#options = Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true })
    mkdirSync(join(folder, 'cache', 'archives', 'partial'), { recursive: true })
    const source = `[signed-by=${keyring}] ${mirror} ${release} main\n`
    writeFileSync(join(folder, 'sources.list'), `deb ${source}deb-src ${source}`)
  }

  /** @param folder where apt's state for this is kept */
  static async open(release: string, folder: string, progress: Progress): Promise<DebianArchive> {
    await ensurePrograms(
      [
        { program: 'apt-get', package: 'apt', why: "fetch Debian's packages" },
        { program: keyring, package: 'debian-archive-keyring', why: "trust Debian's package lists" },
      ],
      progress,
    )
    return new DebianArchive(release, await machineMirror(), folder)
  }

  #apt(...words: string[]) {
    // apt leaves out what lies in its current folder already, so it is asked in an empty one.
    const cwd = mkdtempSync(join(tmpdir(), 'aria2-initrd-'))
    return runCommand('apt-get', [...this.#options, '-q', ...words], {
      cwd,
      env: { ...process.env, LC_ALL: 'C' },
      // apt's own limits leave one gap: with a full disk its store method was seen to hang for ever.
      signal: AbortSignal.timeout(300_000),
    }).finally(() => rmSync(cwd, { recursive: true, force: true }))
  }

  /** Fetches the release's package lists, once. */
  async update(progress: Progress): Promise<void> {
    if (this.#updated) return
    progress.step(`reading the package lists of Debian ${this.release}`)
    const { status, output } = await this.#apt('update', '--error-on=any')
    if (status !== 0) {
      throw new CommandError(
        `the package lists of Debian ${this.release} could not be fetched from ${this.mirror}:\n${lastLines(output)}`,
        "see that the network is up and that the machine's apt-get update works, then try again",
      )
    }
    this.#updated = true
  }

  /** The files of a package, of the newest version or of the one that is named; empty when there is none. */
  async files(kind: 'source' | 'binary', name: string, version?: string): Promise<ArchiveFile[]> {
    const wanted = version === undefined ? name : `${name}=${version}`
    const { stdout } = await this.#apt(kind === 'source' ? 'source' : 'download', '--print-uris', wanted)
    const lines = stdout.matchAll(/^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/gm)
    return [...lines]
      .map(([, url = '', file = '', size, sha256 = '']) => ({ url, name: file, size: Number(size), sha256 }))
      .filter(({ name: file }) => !/\.(dsc|asc)$/.test(file))
  }

  /** The newest version of a package that the release has, or undefined. */
  async newestVersion(kind: 'source' | 'binary', name: string): Promise<string | undefined> {
    const { stdout } = await runCommand('apt-cache', [
      ...this.#options,
      kind === 'source' ? 'showsrc' : 'show',
      name,
    ])
    const paragraphs = stdout.split('\n\n').filter(text => new RegExp(`^Package: ${name}$`, 'm').test(text))
    const versions = paragraphs.flatMap(text => text.match(/^Version: (\S+)$/m)?.[1] ?? [])
    let newest: string | undefined
    for (const version of versions) {
      const { status } =
        newest === undefined
          ? { status: 0 }
          : await runCommand('dpkg', ['--compare-versions', version, 'gt', newest])
      if (status === 0) newest = version
    }
    return newest
  }
}
