import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { sourceLine } from '../../debian/mirror.ts'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import { type Recipe, recipeFile, recipeFiles } from './recipes.ts'

/** What the recipes need on top of Debian's smallest installation. */
const packages = [
  'autoconf',
  'automake',
  'autopoint',
  'bzip2',
  'file',
  'g++',
  'gcc',
  'gettext',
  'libc6-dev',
  'libtool',
  'linux-libc-dev',
  'make',
  'musl-tools',
  'patch',
  'perl',
  'pkgconf',
  'xz-utils',
]

/** Nobody reads manuals in there. */
const leftOut = ['doc', 'info', 'locale', 'man'].map(name => `path-exclude=/usr/share/${name}/*`)

/** Names the build root's content as far as the project decides it: the release and the packages asked for. */
export function buildRootKey(release: string): string {
  const text = [release, ...packages, ...leftOut].join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Package and version of everything in dpkg's status file. */
export function installedPackages(status: string): Record<string, string> {
  const entries = status.split('\n\n').flatMap(paragraph => {
    const name = paragraph.match(/^Package: (.+)$/m)?.[1]
    const version = paragraph.match(/^Version: (.+)$/m)?.[1]
    return name === undefined || version === undefined ? [] : [[name, version] as const]
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Runs a command with root's rights over the build root's files: as root as it is, else in a user namespace. */
function asRoot(words: string[], log?: string, mounts = true) {
  const unshare = [
    'unshare',
    ...(process.getuid?.() === 0 ? [] : ['--map-root-user', '--map-auto']),
    ...(mounts ? ['--mount'] : []),
    '--',
  ]
  const [command = 'true', ...rest] = process.getuid?.() === 0 && !mounts ? words : [...unshare, ...words]
  return runCommand(command, rest, { env: { ...process.env, LC_ALL: 'C' }, ...(log ? { log } : {}) })
}

/** A Debian of the pinned release, unpacked to build in; made once, kept as a tar file. */
export class BuildRoot {
  private constructor(
    /** Where it is unpacked; its owner removes it with `remove`. */
    readonly folder: string,
    /** Every package in it and its version. */
    readonly tools: Record<string, string>,
    /** Whether /dev and /proc of the machine can be mounted into it (not inside `docker build`). */
    readonly mounts: boolean,
  ) {}

  /**
   * Unpacks the build root of a release, made by mmdebstrap when the cache does not have it yet.
   * @param cache where the tar file is kept
   * @param work a folder on the same disk, for the unpacked one
   */
  static async open(release: string, cache: string, work: string, progress: Progress): Promise<BuildRoot> {
    const { tar, tools } = await provideTar(release, cache, progress)
    mkdirSync(work, { recursive: true })
    const folder = mkdtempSync(join(work, 'root-'))
    const mounts = (await asRoot(['true'])).status === 0
    const words = [
      'tar',
      '-xpf',
      tar,
      '-C',
      folder,
      '--numeric-owner',
      ...(mounts ? ['--exclude=./dev/*'] : []),
    ]
    const { status, output } = await asRoot(words, undefined, mounts)
    const root = new BuildRoot(folder, tools, mounts)
    if (status !== 0) {
      await root.remove()
      throw new CommandError(
        `the build root could not be unpacked in ${work}:\n${lastLines(output, 4)}`,
        'free some space there (a build takes about 2 GB), or set XDG_CACHE_HOME to a disk that has it',
      )
    }
    mkdirSync(join(folder, 'build/prefix'), { recursive: true })
    return root
  }

  /** Makes a release's build root although the cache has one. @returns its packages and their versions */
  static async makeAnew(release: string, cache: string, progress: Progress): Promise<Record<string, string>> {
    return (await makeTar(release, cache, progress)).tools
  }

  /** Puts the source files into the root, under their own names. */
  addSources(paths: Map<string, string>): void {
    const folder = join(this.folder, 'build/sources')
    mkdirSync(folder, { recursive: true })
    for (const [name, path] of paths) copyFileSync(path, join(folder, name))
  }

  /** Puts what a library's recipe left where later recipes look for it. */
  addLibrary(result: string): void {
    cpSync(join(result, 'build/prefix'), join(this.folder, 'build/prefix'), { recursive: true })
  }

  /** Runs a recipe; its output goes to the log. @returns the folder with what it left */
  async run(recipe: Recipe, log: string): Promise<string> {
    const recipesFolder = join(this.folder, 'build/recipes')
    mkdirSync(recipesFolder, { recursive: true })
    for (const file of recipeFiles(recipe)) {
      writeFileSync(join(recipesFolder, basename(file)), readFileSync(recipeFile(file)))
    }
    const enter = [
      'set -e',
      ...(this.mounts ? ['mount --rbind /dev "$1/dev"', 'mount --rbind /proc "$1/proc"'] : []),
      'exec chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/build "RECIPE=$2" sh "/build/recipes/$2.sh"',
    ].join('\n')
    const { status, output } = await asRoot(
      ['sh', '-c', enter, 'enter', this.folder, recipe.name],
      log,
      this.mounts,
    )
    if (status !== 0) {
      const full = /No space left on device/.test(output)
      throw new CommandError(
        `${recipe.step.replace(/ \(.*/, '')} failed (whole log: ${log}); it ends with\n${lastLines(output)}`,
        full
          ? 'free some space (a build takes about 2 GB), or set XDG_CACHE_HOME to a disk that has it'
          : 'run it again; if it fails the same way, this is a bug in aria2-initrd: report it with the log',
      )
    }
    return join(this.folder, 'build/out', recipe.name)
  }

  remove(): Promise<unknown> {
    return remove(this.folder)
  }

  /** Removes what interrupted builds left in the work folder; only for whoever holds the build lock. */
  static async removeLeftovers(work: string): Promise<void> {
    if (existsSync(work)) await remove(work)
  }
}

/** Removes an unpacked root; never what is mounted in it, should a mount ever be left there. */
async function remove(folder: string): Promise<void> {
  const words = ['rm', '-rf', '--one-file-system', folder]
  if (process.getuid?.() === 0) await runCommand('rm', words.slice(1))
  else await asRoot(words)
}

function tarFolder(release: string, cache: string): string {
  return join(cache, `${release}-${buildRootKey(release)}`)
}

async function provideTar(release: string, cache: string, progress: Progress) {
  const folder = tarFolder(release, cache)
  return existsSync(join(folder, 'packages.json')) ? tarIn(folder) : makeTar(release, cache, progress)
}

function tarIn(folder: string): { tar: string; tools: Record<string, string> } {
  const tools = JSON.parse(readFileSync(join(folder, 'packages.json'), 'utf8'))
  return { tar: join(folder, 'root.tar'), tools }
}

async function makeTar(release: string, cache: string, progress: Progress) {
  await ensurePrograms(
    [
      { program: 'mmdebstrap', package: 'mmdebstrap', why: 'make the build root' },
      // Without root the build root's users are mapped by these.
      ...(process.getuid?.() === 0
        ? []
        : [{ program: 'newuidmap', package: 'uidmap', why: 'build without root' }]),
    ],
    progress,
  )
  progress.step(`making the build root: Debian ${release} with compilers (30 s)`)
  mkdirSync(cache, { recursive: true })
  const fresh = mkdtempSync(join(cache, 'new-'))
  const words = [
    '--quiet',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    ...leftOut.map(option => `--dpkgopt=${option}`),
    release,
    join(fresh, 'root.tar'),
    await sourceLine('deb', release, progress),
  ]
  const { status, output } = await runCommand('mmdebstrap', words)
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    throw new CommandError(
      `the build root could not be made:\n${lastLines(output)}`,
      "see that there is space on the disk and that the machine's apt works, then try again",
    )
  }
  const tools = await runCommand('tar', ['-xOf', join(fresh, 'root.tar'), './var/lib/dpkg/status'])
  writeFileSync(join(fresh, 'packages.json'), `${JSON.stringify(installedPackages(tools.stdout), null, 2)}\n`)
  const folder = tarFolder(release, cache)
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
  return tarIn(folder)
}
