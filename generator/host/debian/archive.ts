import { join, posix } from 'node:path'
import { CommandError } from '../console/command-error.ts'
import type { Progress } from '../console/progress.ts'
import { cacheFolder } from '../files/cache-folder.ts'
import { runCommand } from '../processes/run-command.ts'
import type { ArchiveOptions } from './archive-options.ts'
import { ensurePrograms } from './host-packages.ts'
import { knownMirrors, type Mirrors } from './mirror.ts'
import { aptReason, type PackageKind, PackageLists } from './package-lists.ts'

/** A file of a package, as Debian's signed package lists name it. */
export interface PackageFile {
  name: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
  /** In hex: what a snapshot archive calls the file. */
  sha1?: string
}

/** A file that the mirror has. */
export interface ArchiveFile extends PackageFile {
  url: string
}

/** Where mirrors have a file, such as `pool/main/z/zlib`, by its address at one of them. */
export const poolFolder = (url: string): string =>
  /\/(pool\/.+)\/[^/]+$/.exec(decodeURIComponent(url))?.[1] ?? ''

/** A binary package as the lists describe it. */
export interface DebianPackage {
  name: string
  version: string
  /** Names that it depends on, without versions and alternatives. */
  depends: string[]
}

type Field = (key: string) => string

/** The paragraphs that apt printed, each as what reads a field of it. */
function paragraphs(output: string): Field[] {
  return output
    .split('\n\n')
    .map(text => (key: string) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? '')
}

/**
 * A release of Debian, through apt: the machine's mirror, proxy and programs, but sources, lists and state of its own.
 * The lists are kept in the cache and are at most a day old, where the mirror answers.
 */
export class DebianArchive {
  readonly #lists: Record<PackageKind, PackageLists>
  readonly #opened = new Map<PackageKind, Promise<void>>()
  #mirrors: Promise<Mirrors> | undefined

  private constructor(
    readonly release: string,
    readonly progress: Progress,
    readonly options: ArchiveOptions,
  ) {
    const lists = (kind: PackageKind) => {
      const folder = join(cacheFolder(), 'debian', release, kind)
      return new PackageLists(release, kind, folder, () => this.mirrors(), options.offline ?? false)
    }
    this.#lists = { source: lists('source'), binary: lists('binary') }
  }

  /** Fetches nothing yet: the lists come when something is asked of them. */
  static async open(
    release: string,
    progress: Progress,
    options: ArchiveOptions = {},
  ): Promise<DebianArchive> {
    const why = "fetch Debian's packages"
    await ensurePrograms([{ program: 'apt-get', package: 'apt', why }], progress)
    return new DebianArchive(release, progress, options)
  }

  /** Whether there are lists of this kind, of whatever age. */
  async hasLists(kind: PackageKind): Promise<boolean> {
    return (await this.#lists[kind].age()) !== undefined
  }

  /** When the lists were fetched, while they are young enough that nobody would fetch them again; undefined otherwise. */
  freshSince(kind: PackageKind): Promise<Date | undefined> {
    return this.#lists[kind].freshSince()
  }

  /** When Debian signed the lists that are here, by suite. Nothing is fetched. */
  listDates(kind: PackageKind): Promise<Record<string, Date>> {
    return this.#lists[kind].dates()
  }

  async #read(kind: PackageKind): Promise<PackageLists> {
    const lists = this.#lists[kind]
    const opening = this.#opened.get(kind) ?? lists.open(this.progress)
    this.#opened.set(kind, opening)
    await opening
    return lists
  }

  /**
   * Fetches the newest lists, for one who did not find in them what should be there.
   * @returns false when this process has the newest already: asking again would be in vain
   */
  refresh(kind: PackageKind): Promise<boolean> {
    return this.#lists[kind].refresh(this.progress)
  }

  /** Where Debian is found from here. */
  mirrors(): Promise<Mirrors> {
    this.#mirrors ??= knownMirrors(this.options)
    return this.#mirrors
  }

  /** What the lists say of each version of a binary package, the newest first. */
  async versions(name: string): Promise<DebianPackage[]> {
    const lists = await this.#read('binary')
    const { stdout } = await lists.run('apt-cache', 'show', '--', name)
    return paragraphs(stdout)
      .filter(field => field('Package') === name) // apt takes a name with * for a pattern
      .map(field => ({
        name,
        version: field('Version'),
        depends: field('Depends')
          .split(',')
          .map(one => one.trim().split(/[ |]/)[0] ?? ''),
      }))
  }

  /** The newest version of each of these binary packages that the lists name, and the suite that has it. */
  async newestOf(names: string[]): Promise<Map<string, { version: string; suite: string }>> {
    const lists = await this.#read('binary')
    const { stdout } = await lists.run('apt-cache', 'show', '--no-all-versions', '--', ...names)
    return new Map(
      paragraphs(stdout).map(field => {
        const suite = field('Filename').startsWith('pool/updates/')
          ? `${this.release}-security`
          : this.release
        return [field('Package'), { version: field('Version'), suite }]
      }),
    )
  }

  /** What the lists say of a binary package's newest version, or undefined. */
  async describe(name: string): Promise<DebianPackage | undefined> {
    return (await this.versions(name))[0]
  }

  /**
   * The newest version of each binary package and of all that they depend on, by name. @throws CommandError where apt
   * cannot find them all
   */
  async closure(names: string[]): Promise<Record<string, string>> {
    const lists = await this.#read('binary')
    const words = ['--simulate', '--no-install-recommends', '-o', 'Debug::NoLocking=true']
    const { status, stdout, output } = await lists.run('apt-get', 'install', ...words, ...names)
    const found = [...stdout.matchAll(/^Inst (\S+) \((\S+) /gm)].map(
      ([, name = '', version = '']) => [name, version] as const,
    )
    if (status !== 0 || found.length === 0) {
      throw new CommandError(
        `Debian ${this.release} does not have all of what programs are built with: ${aptReason(output)}`,
        "see that the machine's apt works, then try again",
      )
    }
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /**
   * The source packages that a binary package was made from: its own, and those that it was built with and holds a part
   * of, as a signed kernel does (`Built-Using`). Empty when the lists lack that version.
   */
  async sourcesOf(name: string, version: string): Promise<{ name: string; version: string }[]> {
    const lists = await this.#read('binary')
    const { status, stdout } = await lists.run('apt-cache', 'show', '--', `${name}=${version}`)
    if (status !== 0) return []
    const field = (key: string) => stdout.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? ''
    const [own = name, ownVersion = version] = field('Source')
      .split(/[ ()]+/)
      .filter(Boolean)
    const parts = [...field('Built-Using').matchAll(/([^\s,]+) \(= ([^)]+)\)/g)]
    return [
      { name: own, version: ownVersion },
      ...parts.map(([, part = '', partVersion = '']) => ({ name: part, version: partVersion })),
    ]
  }

  /**
   * The .deb of each package in just that version, and the folder where mirrors have it; those that the lists lack are
   * left out.
   */
  async debs(versions: Record<string, string>): Promise<Map<string, PackageFile & { folder: string }>> {
    const lists = await this.#read('binary')
    const names = Object.keys(versions).sort()
    const { stdout } = await lists.run('apt-cache', 'show', '--', ...names)
    const found = paragraphs(stdout).flatMap(field => {
      const [name, path, sha256] = [field('Package'), field('Filename'), field('SHA256')]
      if (sha256 === '' || versions[name] !== field('Version')) return []
      const deb = {
        name: posix.basename(path),
        folder: posix.dirname(path),
        size: Number(field('Size')),
        sha256,
      }
      return [[name, deb] as const]
    })
    return new Map(found)
  }

  /** The files of a package, of the newest version or of the one that is named; empty when there is none. */
  async files(kind: PackageKind, name: string, version?: string): Promise<ArchiveFile[]> {
    const lists = await this.#read(kind)
    const wanted = version === undefined ? name : `${name}=${version}`
    const verb = kind === 'source' ? 'source' : 'download'
    const { stdout } = await lists.run('apt-get', verb, '--print-uris', wanted)
    const lines = stdout.matchAll(/^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$/gm)
    return [...lines]
      .map(([, url = '', file = '', size, sha256 = '']) => ({ url, name: file, size: Number(size), sha256 }))
      .filter(({ name: file }) => !/\.(dsc|asc)$/.test(file))
  }

  /** The versions of a package that the release and its security updates have, the newest first. */
  async allVersions(kind: PackageKind, name: string): Promise<string[]> {
    const lists = await this.#read(kind)
    const { stdout } = await lists.run('apt-cache', kind === 'source' ? 'showsrc' : 'show', '--', name)
    const found = paragraphs(stdout).filter(field => field('Package') === name)
    const sorted: string[] = []
    for (const version of new Set(found.map(field => field('Version')))) {
      let place = 0
      for (const other of sorted) {
        const { status } = await runCommand('dpkg', ['--compare-versions', version, 'lt', other])
        if (status !== 0) break
        place += 1
      }
      sorted.splice(place, 0, version)
    }
    return sorted
  }

  /** The newest version of a package that the release has, or undefined. */
  async newestVersion(kind: PackageKind, name: string): Promise<string | undefined> {
    return (await this.allVersions(kind, name))[0]
  }
}
