/** Whether Debian has fixed what the lock still names, by the lists that are here: nothing is fetched. */

import { silent } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import { keepResult, keptResult } from '../host/files/kept-record.ts'
import { runCommand } from '../host/processes/run-command.ts'
import { kernelSource, type Lock, lockDigest } from './lock.ts'

/**
 * For each package that is in an image, one that the binary lists have and that is made of the same source in the same
 * version: source lists are ten times as large, and a build needs the binary ones anyway.
 */
const listedAs: Record<string, string> = {
  aria2: 'aria2',
  busybox: 'busybox',
  'c-ares': 'libcares2',
  'ca-certificates': 'ca-certificates',
  expat: 'libexpat1',
  [kernelSource]: kernelSource,
  'kexec-tools': 'kexec-tools',
  openssl: 'libssl3t64',
  zlib: 'zlib1g',
}

/** The C libraries in the programs: source and the tool that the lock names. */
const linked: Record<string, string> = { glibc: 'libc6-dev', musl: 'musl-dev' }

/** A package of the image of which Debian has a newer version. */
export interface Outdated {
  package: string
  locked: string
  newest: string
  /** `trixie-security`, or the release itself: a point release takes the security updates of before. */
  suite: string
}

/** Rebuilt without a change of its source, a package is called 1.2-3+b1. */
const sourceVersion = (version: string) => version.replace(/\+b\d+$/, '')

/** What is in the image and older than what the lists name; empty where there are no lists. */
export async function outdatedPackages(lock: Lock, archive: DebianArchive): Promise<Outdated[]> {
  if (!(await archive.hasLists('binary'))) return []
  const locked = [
    ...Object.entries(listedAs).map(([name, listed]) => ({
      name,
      listed,
      version: lock.packages[name]?.version,
    })),
    ...Object.entries(linked).map(([name, listed]) => ({
      name,
      listed,
      version: lock.tools[listed]?.version,
    })),
  ]
  const newest = await archive.newestOf(locked.map(({ listed }) => listed))
  const outdated: Outdated[] = []
  for (const { name, listed, version } of locked) {
    const found = newest.get(listed)
    if (version === undefined || found === undefined) continue
    const [before, after] = [sourceVersion(version), sourceVersion(found.version)]
    if (before === after) continue
    const { status } = await runCommand('dpkg', ['--compare-versions', before, 'lt', after])
    if (status === 0) outdated.push({ package: name, locked: before, newest: after, suite: found.suite })
  }
  return outdated
}

const day = (date: Date) => date.toISOString().slice(0, 10)

/** What the lists say of the lock, for a person; undefined when it is up to date or nothing is known. */
export function outdatedNote(lock: Lock): Promise<string | undefined> {
  // Whatever is wrong with lists or apt, the image is made: this is advice.
  return advice(lock).catch(() => undefined)
}

async function advice(lock: Lock): Promise<string | undefined> {
  const archive = await DebianArchive.open(lock.release, silent, { offline: true })
  const dates = await archive.listDates('binary')
  // The same lists say the same of the same lock; asking apt again takes half a second.
  const subject = JSON.stringify([lockDigest(lock), dates])
  const kept = keptResult('advice', subject)
  if (typeof kept === 'string') return kept || undefined
  const note = noteOn(await outdatedPackages(lock, archive), dates)
  keepResult('advice', subject, note ?? '')
  return note
}

function noteOn(outdated: Outdated[], dates: Record<string, Date>): string | undefined {
  if (outdated.length === 0) return undefined
  const of = (suite: string) => (dates[suite] === undefined ? suite : `${suite} of ${day(dates[suite])}`)
  return [
    'note: Debian has newer versions of what is in the image:',
    ...outdated.map(each => `  ${each.package} ${each.locked} -> ${each.newest} (${of(each.suite)})`),
    '  build --update-lock takes them, and names the security fixes in them',
  ].join('\n')
}
