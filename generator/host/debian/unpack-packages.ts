import { basename } from 'node:path'

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
