/** What Debian's changelog of a source package says was fixed. */
import { runCommand } from '../host/processes/run-command.ts'

/** The entries above that of a version: those of the versions after it. */
export function entriesAfter(
  changelog: string,
  version: string,
): { version: string; date: string; text: string }[] {
  const entries = [...changelog.matchAll(/^\S+ \((\S+)\) [^\n]*;[^\n]*\n([\s\S]*?)^ -- .*> {2}(.*)$/gm)]
  const all = entries.map(([, each = '', text = '', date = '']) => ({ version: each, date, text }))
  const end = all.findIndex(each => each.version === version)
  // A version that is not in it: the newest entry alone is sure to be news.
  return all.slice(0, end === -1 ? 1 : end)
}

/**
 * The security fixes since a version, such as `3.5.7-1~deb13u3 of 25 Nov 2026: CVE-2026-1, CVE-2026-2`; versions without
 * any are left out.
 * @param tar a source package's `.debian.tar.xz`
 */
export async function namedFixes(tar: string, since: string): Promise<string[]> {
  const { status, stdout } = await runCommand('tar', ['-xOf', tar, 'debian/changelog'])
  if (status !== 0) return []
  return entriesAfter(stdout, since).flatMap(({ version, date, text }) => {
    const names = [...new Set(text.match(/\bCVE-\d{4}-\d+\b/g) ?? [])].sort()
    if (names.length === 0) return []
    const day = new Date(date).toUTCString().slice(5, 16)
    return [`${version} of ${day}: ${names.join(', ')}`]
  })
}
