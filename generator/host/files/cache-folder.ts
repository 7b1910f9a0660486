import { homedir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { CommandError } from '../console/command-error.ts'

/** `$HOME`, or what the system knows of the user; some have neither. */
function home(): string | undefined {
  for (const known of [homedir, () => userInfo().homedir]) {
    try {
      const folder = known()
      if (isAbsolute(folder)) return folder
    } catch {}
  }
  return undefined
}

/**
 * Where downloads and builds are kept between runs: `$XDG_CACHE_HOME/aria2-initrd`, by default `~/.cache/aria2-initrd`.
 * Everything in it can be made again; it may be deleted at any time when nothing runs.
 * @throws CommandError for a user without a home
 */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME
  // The XDG base directory specification says that a relative path is to be ignored.
  if (base && isAbsolute(base)) return join(base, 'aria2-initrd')
  const folder = home()
  if (folder === undefined) {
    throw new CommandError(
      'there is no folder for the cache: this user has no home',
      'set XDG_CACHE_HOME to a folder where about 3 GB have room',
    )
  }
  return join(folder, '.cache', 'aria2-initrd')
}
