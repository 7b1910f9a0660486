import { join, posix } from 'node:path'
import { cacheFolder } from '../cache-folder.ts'
import { ensurePrograms } from '../host-packages.ts'
import type { Progress } from '../progress.ts'
import { runCommand } from '../run-command.ts'
import { machineMirror } from './mirror.ts'
import { type PackageKind, PackageLists } from './package-lists.ts'

/** A file of a package, as Debian's signed package lists name it. */
export interface PackageFile {
  name: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
}

/** A file that the mirror has. */
export interface ArchiveFile extends PackageFile {
  url: string
}

/** A binary package as the lists describe it. */
export interface DebianPackage {
  name: string
  version: string
  /** Names that it depends on, without versions and alternatives. */
  depends: string[]
}

/**
 * A release of Debian, through apt: the machine's mirror, proxy and programs, but sources, lists and state of its own.
 * The lists are kept in the cache and are at most a day old, where the mirror answers.
 */
export class DebianArchive {
  readonly #lists: Record<PackageKind, PackageLists>
  readonly #opened = new Map<PackageKind, Promise<void>>()
  #mirror: Promise<string> | undefined

  private constructor(
    readonly release: string,
    readonly progress: Progress,
  ) {
    const lists = (kind: PackageKind) =>
      new PackageLists(release, kind, join(cacheFolder(), 'debian', release, kind))
    this.#lists = { source: lists('source'), binary: lists('binary') }
  }

  /** Fetches nothing yet: the lists come when something is asked of them. */
  static async open(release: string, progress: Progress): Promise<DebianArchive> {
    const why = "fetch Debian's packages"
    await ensurePrograms([{ program: 'apt-get', package: 'apt', why }], progress)
    return new DebianArchive(release, progress)
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

  /** The address below which `pool/` lies, without a slash at its end. */
  mirror(): Promise<string> {
    this.#mirror ??= machineMirror().then(address => address.replace(/\/+$/, ''))
    return this.#mirror
  }

  /** What the lists say of a binary package's newest version, or undefined. */
  async describe(name: string): Promise<DebianPackage | undefined> {
    const lists = await this.#read('binary')
    const { status, stdout } = await lists.run('apt-cache', 'show', '--no-all-versions', '--', name)
    const field = (key: string) => stdout.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? ''
    // apt takes a name with * for a pattern.
    if (status !== 0 || field('Package') !== name) return undefined
    const depends = field('Depends')
      .split(',')
      .map(one => one.trim().split(/[ |]/)[0] ?? '')
    return { name, version: field('Version'), depends }
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
    const { stdout } = await lists.run('apt-cache', 'show', '--no-all-versions', '--', ...names)
    const found = stdout.split('\n\n').flatMap(paragraph => {
      const field = (key: string) => paragraph.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1] ?? ''
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

  /** The newest version of a package that the release has, or undefined. */
  async newestVersion(kind: PackageKind, name: string): Promise<string | undefined> {
    const lists = await this.#read(kind)
    const { stdout } = await lists.run('apt-cache', kind === 'source' ? 'showsrc' : 'show', name)
    const paragraphs = stdout.split('\n\n').filter(text => text.split('\n').includes(`Package: ${name}`))
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
