import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { ensurePrograms } from '../host/debian/host-packages.ts'
import { unpackWords } from '../host/debian/unpack-packages.ts'
import { lastLines, runCommand } from '../host/processes/run-command.ts'
import type { Lock } from './lock.ts'
import { type Recipe, recipeFile, recipeFiles } from './recipes.ts'

/** Nobody reads manuals in there. */
const leftOut = ['doc', 'info', 'locale', 'man'].map(name => `./usr/share/${name}`)

/** What installing would link: Debian lets an administrator choose among alternatives, the newest by default. */
const alternatives: Record<string, RegExp> = {
  aclocal: /^aclocal-[\d.]+$/,
  automake: /^automake-[\d.]+$/,
  awk: /^mawk$/,
  'c++': /^g\+\+$/,
  cc: /^gcc$/,
}

/** What programs get in /dev where nothing can be mounted; character devices 1:N, by the kernel's devices.txt. */
const devices = { null: 3, zero: 5, full: 7, random: 8, urandom: 9 }

/** Names the build root's content. */
export function buildRootKey({ release, tools }: Lock): string {
  const digests = Object.values(tools).flatMap(({ files }) => files.map(({ sha256 }) => sha256))
  const text = [release, ...digests.sort(), ...leftOut, ...Object.keys(alternatives)].join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** How a command comes to root's rights over the build root's files. */
interface Way {
  /** What the command follows. */
  words: string[]
  /** Whether /dev and /proc of the machine can be mounted into the build root. */
  mounts: boolean
  /** The build root is where we are: there is nothing to be removed. */
  isOwn?: boolean
}

const isRoot = process.getuid?.() === 0
const asItIs: Way = { words: isRoot ? [] : ['unshare', '--map-root-user', '--'], mounts: false }

const mounting: Way[] = [
  ...(isRoot ? [{ words: ['unshare', '--mount', '--'], mounts: true }] : []),
  // For root, too: in a container it may be allowed to mount in a user namespace of its own alone.
  { words: ['unshare', '--map-root-user', '--mount', '--'], mounts: true },
]

/** The first way that mounts; in a container of Docker's none does. */
async function findWay(): Promise<Way> {
  for (const way of mounting) {
    if ((await asRoot(way, ['true'])).status === 0) return way
  }
  return asItIs
}

function asRoot({ words }: Way, command: string[], options: { log?: string; signal?: AbortSignal } = {}) {
  const [program = 'true', ...rest] = [...words, ...command]
  return runCommand(program, rest, { env: { ...process.env, LC_ALL: 'C' }, ...options })
}

/**
 * The files of Debian packages with compilers, to build in. They are unpacked and not installed: what runs there needs no
 * package's scripts, no dpkg and no users.
 */
export class BuildRoot {
  private constructor(
    /** Where it is unpacked; its owner removes it with `remove`. */
    readonly folder: string,
    readonly way: Way,
    readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Unpacks a build root.
   * @param debs the paths of its packages
   * @param work a folder for it
   * @param signal ends what runs in it
   */
  static async open(
    debs: string[],
    work: string,
    progress: Progress,
    signal?: AbortSignal,
  ): Promise<BuildRoot> {
    await ensurePrograms([{ program: 'dpkg-deb', package: 'dpkg', why: 'unpack the build root' }], progress)
    progress.step('making the build root: Debian with compilers')
    mkdirSync(work, { recursive: true })
    const root = new BuildRoot(mkdtempSync(join(work, 'root-')), await findWay(), signal)
    await root.#unpack(debs)
    if (!root.way.mounts) await root.#makeDevices()
    return root
  }

  /** Unpacks a build root that is to be the root of a container, which has /dev and /proc without our doing. */
  static async unpack(debs: string[], folder: string, progress: Progress): Promise<void> {
    progress.step('unpacking the build root: Debian with compilers')
    mkdirSync(folder, { recursive: true })
    await new BuildRoot(folder, asItIs, undefined).#unpack(debs)
  }

  /** The build root that is this process's own root. */
  static own(): BuildRoot {
    return new BuildRoot('/', { ...asItIs, isOwn: true }, undefined)
  }

  async #unpack(debs: string[]): Promise<void> {
    const { folder, way, signal } = this
    const options = signal === undefined ? {} : { signal }
    const { status, output } = await asRoot(way, unpackWords(folder, debs, leftOut), options)
    if (status !== 0) {
      await this.remove()
      throw new CommandError(
        `the build root could not be unpacked in ${dirname(folder)}:\n${lastLines(output, 4)}`,
        'free some space there (a build takes about 2 GB), or set XDG_CACHE_HOME to a disk that has it',
      )
    }
    this.#link()
    mkdirSync(join(folder, 'build/prefix'), { recursive: true })
  }

  async #makeDevices(): Promise<void> {
    const made = Object.entries(devices).map(([name, minor]) => `mknod -m 666 "$0/dev/${name}" c 1 ${minor}`)
    const words = ['sh', '-c', ['set -e', ...made].join('\n'), this.folder]
    const { status, output } = await asRoot(this.way, words)
    if (status === 0) return
    await this.remove()
    throw new CommandError(
      `the build root needs /dev, and here nothing can be mounted and no device made:\n${lastLines(output, 1)}`,
      'allow the container one of them, such as --cap-add=MKNOD, or build outside of it',
    )
  }

  #link(): void {
    const bin = join(this.folder, 'usr/bin')
    const programs = readdirSync(bin)
    for (const [name, choice] of Object.entries(alternatives)) {
      const target = programs
        .filter(program => choice.test(program))
        .sort()
        .at(-1)
      if (target !== undefined && !programs.includes(name)) symlinkSync(target, join(bin, name))
    }
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
      // What a recipe leaves has the same modes whoever builds.
      'umask 022',
      ...(this.way.mounts ? ['mount --rbind /dev "$1/dev"', 'mount --rbind /proc "$1/proc"'] : []),
      'root=$1 recipe=$2',
      'shift 2',
      'exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/build "RECIPE=$recipe" \\',
      '    sh "/build/recipes/$recipe.sh" "$@"',
    ].join('\n')
    const { status, output } = await asRoot(
      this.way,
      ['sh', '-c', enter, 'enter', this.folder, recipe.name, ...(recipe.words ?? [])],
      this.signal === undefined ? { log } : { log, signal: this.signal },
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

  async remove(): Promise<void> {
    if (!this.way.isOwn) await remove(this.folder)
  }

  /** Removes what interrupted builds left in the work folder; only for whoever holds the build lock. */
  static async removeLeftovers(work: string): Promise<void> {
    if (existsSync(work)) await remove(work)
  }
}

/** Removes an unpacked root; never what is mounted in it, should a mount ever be left there. */
async function remove(folder: string): Promise<void> {
  const words = ['rm', '-rf', '--one-file-system', folder]
  // As whoever unpacked it: the mapping of a user namespace is the same each time.
  await asRoot(asItIs, words)
}
