/** What a person should know of an image that has just been made, besides what is in it. */
import { readLock } from '../programs/lock.ts'
import { outdatedNote } from '../programs/security-fixes.ts'
import type { LockInUse } from '../programs/todays-lock.ts'
import { leftOutByDefault } from '../stages/api/parts.ts'

/** More than these would hide the rest; manifest.json has them all. */
const shown = 12

/** Of an image that the lock does not vouch for. */
export function departuresNote({ departures }: LockInUse): string | undefined {
  if (departures.length === 0) return undefined
  const more = departures.length - shown
  return [
    'note: nobody has all that the lock names any more; this image is made of what Debian has today, by its signature:',
    ...departures.slice(0, shown).map(each => `  ${each.package} ${each.used} in place of ${each.locked}`),
    ...(more > 0 ? [`  and ${more} more, all in manifest.json`] : []),
    '  other machines may make other bytes; --locked refuses this, --mirror and --snapshot name more places to look',
  ].join('\n')
}

/** Of an image that can be told to take files from anyone. */
const insecureNote = `warning: built --with insecure: where its command line says so, this image checks no server's certificate`

/**
 * The notes on an image that lacks some parts, line by line. Nothing is fetched for them.
 * @param kernel what its kernel is built from, where that was built with it
 */
export async function imageNotes(
  inUse: LockInUse = { lock: readLock(), departures: [] },
  without = leftOutByDefault,
  kernel: LockInUse | undefined = undefined,
): Promise<string[]> {
  const lock = { ...inUse.lock, packages: { ...inUse.lock.packages, ...kernel?.lock.packages } }
  const notes = [
    departuresNote({ lock, departures: [...inUse.departures, ...(kernel?.departures ?? [])] }),
    await outdatedNote(lock),
    ...(without.includes('insecure') ? [] : [insecureNote]),
  ]
  return notes.flatMap(note => note?.split('\n') ?? [])
}
