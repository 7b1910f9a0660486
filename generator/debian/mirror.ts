import { CommandError } from '../command-error.ts'
import type { Progress } from '../progress.ts'
import { runCommand } from '../run-command.ts'
import { debianKeyring } from './keyring.ts'
import { debianRelease } from './release.ts'

/** Suites that lie on a mirror of all of Debian; security updates and other people's packages have others. */
const debianSuites = /^(oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)$/

/**
 * The Debian mirror that this machine's apt uses, as a URL; read, never changed.
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
      `add a line such as 'deb MIRROR ${debianRelease} main' to /etc/apt/sources.list`,
    )
  }
  return mirror
}

/** A line for sources.list: the release on this machine's mirror, trusted by Debian's keys and no others. */
export async function sourceLine(
  kind: 'deb' | 'deb-src',
  release: string,
  progress: Progress,
): Promise<string> {
  return `${kind} [signed-by=${await debianKeyring(progress)}] ${await machineMirror()} ${release} main`
}
