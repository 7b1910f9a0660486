import { existsSync } from 'node:fs'
import { CommandError } from '../console/command-error.ts'
import type { Progress } from '../console/progress.ts'
import { runCommand } from '../processes/run-command.ts'
import type { ArchiveOptions } from './archive-options.ts'
import { ensurePrograms } from './host-packages.ts'
import { debianRelease } from './release.ts'

/** Where releases of Debian have had their public keys. */
const keyrings = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
] as const

/**
 * The file with Debian's public keys: what makes the package lists, and with them every digest, trustworthy.
 * @throws CommandError where it is missing and cannot be installed
 */
export async function debianKeyring(progress: Progress): Promise<string> {
  const found = () => keyrings.find(existsSync)
  if (found() === undefined) {
    const why = "trust Debian's package lists"
    await ensurePrograms([{ program: keyrings[1], package: 'debian-archive-keyring', why }], progress)
  }
  return found() ?? keyrings[1]
}

/** Suites that lie on a mirror of all of Debian; security updates and other people's packages have others. */
const debianSuites = /^(oldstable|stable|testing|unstable|sid|bullseye|bookworm|trixie|forky)$/
const securitySuites = /^(oldstable|stable|testing|bullseye|bookworm|trixie|forky)-security$/

/** Where this machine finds Debian; addresses have no slash at their end. */
export interface Mirrors {
  /** Mirrors of the archive, the machine's own first: `dists/trixie` and `pool/main` lie below each. */
  main: string[]
  /** Mirrors of the security updates: `dists/trixie-security` and `pool/updates/main` lie below each. */
  security: string[]
  /** The snapshot archive, where the machine's apt or an option names one. */
  snapshot: string | undefined
}

const bare = (address: string) => address.replace(/\/+$/, '')

/** What the machine's apt would fetch lists from. */
async function aptSites(): Promise<{ site: string; suite: string }[]> {
  // Not `apt-get indextargets`: it says nothing while apt has no package lists, as in a container.
  const { stdout } = await runCommand('apt-get', ['update', '--print-uris'])
  return [...stdout.matchAll(/^'(.+)\/dists\/([^/']+)\/InRelease'/gm)].map(([, site = '', suite = '']) => ({
    site: bare(site),
    suite,
  }))
}

/** Mirrors have the security updates beside the rest, as `debian-security` beside `debian`. */
const beside = (mirror: string) => (/\/debian$/.test(mirror) ? [`${mirror}-security`] : [])

/** An archive of snapshots, by the address of one of them: `…/archive/debian/20261121T091544Z`. */
const snapshotOf = (address: string) =>
  /^(.+)\/archive\/[^/]+\/(?:\d{8}T\d{6}Z|@SNAPSHOTID@)/.exec(address)?.[1]

/** apt knows since version 3 where snapshots of Debian are. */
async function aptSnapshot(): Promise<string | undefined> {
  const { stdout } = await runCommand('apt-config', ['dump', 'Acquire::Snapshots::URI'])
  const addresses = [...stdout.matchAll(/^Acquire::Snapshots::URI::\S*Debian "([^"]+)";$/gm)]
  return addresses.map(([, address = '']) => snapshotOf(address)).find(found => found !== undefined)
}

/**
 * The Debian mirrors of this machine's apt and those that options name; apt's configuration is read, never changed.
 * The project names none itself: a site's own mirror or proxy is right where the site has one.
 * @throws CommandError where neither names any
 */
export async function knownMirrors({
  mirrors = [],
  securityMirror,
  snapshot,
}: ArchiveOptions = {}): Promise<Mirrors> {
  const sites = await aptSites()
  const ofDebian = sites.filter(({ suite }) => debianSuites.test(suite)).map(({ site }) => site)
  const own = ofDebian.find(site => /\/debian$/.test(site)) ?? ofDebian[0]
  const main = [...new Set([...(own === undefined ? [] : [own]), ...mirrors.map(bare)])]
  if (main.length === 0) {
    throw new CommandError(
      "this machine's apt knows no Debian mirror",
      `add a line such as 'deb MIRROR ${debianRelease} main' to /etc/apt/sources.list, or name one: --mirror URL`,
    )
  }
  const security =
    securityMirror === undefined
      ? sites.filter(({ suite }) => securitySuites.test(suite)).map(({ site }) => site)
      : [bare(securityMirror)]
  const ofSource = sites.map(({ site }) => snapshotOf(site)).find(found => found !== undefined)
  return {
    main,
    security: [...new Set([...security, ...main.flatMap(beside)])],
    snapshot: snapshot === undefined ? (ofSource ?? (await aptSnapshot())) : bare(snapshot),
  }
}

/** The Debian mirror that this machine's apt uses. */
export async function machineMirror(): Promise<string> {
  return (await knownMirrors()).main[0] ?? ''
}

/** A line for sources.list, trusted by Debian's keys and no others. */
export async function sourceLine(
  kind: 'deb' | 'deb-src',
  mirror: string,
  suite: string,
  progress: Progress,
): Promise<string> {
  return `${kind} [signed-by=${await debianKeyring(progress)}] ${mirror} ${suite} main`
}
