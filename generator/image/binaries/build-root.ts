import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { lastLines, runCommand } from '../../run-command.ts'
import { type Recipe, recipeFile, recipeFiles } from './recipes.ts'

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
    /** Whether /dev and /proc of the machine can be mounted into it (not inside `docker build`). */
    readonly mounts: boolean,
  ) {}

  /**
   * Unpacks a build root.
   * @param tar what `provideRootTar` made
   * @param work a folder for the unpacked one
   */
  static async open(tar: string, work: string): Promise<BuildRoot> {
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
    const root = new BuildRoot(folder, mounts)
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
