import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where downloads and builds are kept between runs: `$XDG_CACHE_HOME/aria2-initrd`, by default `~/.cache/aria2-initrd`.
 * Everything in it can be made again; it may be deleted at any time when nothing runs.
 */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME
  // The XDG base directory specification says that a relative path is to be ignored.
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'aria2-initrd')
}
