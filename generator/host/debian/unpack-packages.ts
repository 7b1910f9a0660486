import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CommandError } from '../console/command-error.ts'
import { lastLines, runCommand } from '../processes/run-command.ts'
import type { DebianArchive } from './archive.ts'
import { findFiles } from './find-files.ts'

/**
 * The command that unpacks packages into a folder: installs nothing, runs no package's scripts, and makes all files those
 * of who runs it.
 * @param debs their paths; base-files is best among them, since it has the links of a merged /usr
 * @param leftOut paths in the packages, such as `./usr/share/doc`
 */
export function unpackWords(folder: string, debs: string[], leftOut: string[] = []): string[] {
  const isFirst = (deb: string) => /(^|-)base-files_/.test(basename(deb))
  const one = `set -e; dpkg-deb --fsys-tarfile "$1" |
    tar -xpf - -C "$0" --no-same-owner --keep-directory-symlink ${leftOut.map(path => `--exclude=${path}`).join(' ')}`
  // The links come first and alone: the others go through them.
  const all = `set -e; umask 022; root=$1; shift
    while [ "$1" != -- ]; do sh -c '${one}' "$root" "$1"; shift; done; shift
    printf '%s\\0' "$@" | xargs -0 -r -n 1 -P 2 sh -c '${one}' "$root"`
  const [first, rest] = [debs.filter(isFirst), debs.filter(deb => !isFirst(deb))]
  return ['sh', '-c', all, 'sh', folder, ...first, '--', ...rest]
}

/**
 * Fetches packages and unpacks them; nothing is installed, no package's scripts run.
 * @param folder gets what is in them as a whole, or is not made; one that another caller has just made stays
 * @param versions those of the packages, by their names
 * @param what they are, to complete `… could not be fetched`
 * @throws CommandError when one cannot be had or is broken
 */
export async function unpackPackages(
  folder: string,
  archive: DebianArchive,
  versions: Record<string, string>,
  what: string,
): Promise<void> {
  const debs = [...(await archive.debs(versions)).values()]
  mkdirSync(dirname(folder), { recursive: true })
  const fresh = mkdtempSync(join(dirname(folder), `new-${basename(folder)}-`))
  try {
    const wanted = debs.map(deb => ({ ...deb, to: join(fresh, 'packages', deb.name) }))
    const [missing] = await findFiles(wanted, archive, `${what} (${debs.length} packages)`)
    const root = join(fresh, 'root')
    mkdirSync(root)
    const places = wanted.map(({ to }) => to)
    const { status, output } = await runCommand('env', unpackWords(root, places))
    if (missing !== undefined || status !== 0) {
      const reason = missing?.reason ?? lastLines(output)
      throw new CommandError(`${what} could not be fetched:\n${reason}`, "see that the machine's apt works")
    }
    if (!existsSync(folder)) renameSync(root, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
