import { posix } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import type { ImagePath } from '../newc/entry.ts'

/** What `--add SRC[:DEST]` says. */
export interface Addition {
  source: string
  /** Begins with a slash; with one at its end the folder for SRC. Undefined: the place that SRC has here. */
  destination?: string
}

/** Splits `SRC:DEST`. DEST begins with a slash, so a colon in SRC means nothing. */
export function splitAddition(text: string): Addition {
  const colon = text.lastIndexOf(':/')
  if (colon <= 0) return { source: text }
  return { source: text.slice(0, colon), destination: text.slice(colon + 1) }
}

const help = 'say where it belongs in the image: --add SRC:/PATH'

/**
 * The place in the image: that of DEST, or without one the same as here (a relative SRC lies below /). Empty for `/`.
 * @param isFolder a folder's content goes to DEST itself, a file goes into a DEST that ends with a slash
 */
export function placeOf({ source, destination }: Addition, isFolder: boolean): ImagePath {
  const wanted =
    destination?.endsWith('/') && !isFolder
      ? `${destination}${posix.basename(source)}`
      : (destination ?? source)
  const place = posix.normalize(wanted).replace(/^\/+/, '').replace(/\/+$/, '')
  if (place.split('/').includes('..') || wanted.split('/').includes('..')) {
    throw new CommandError(`--add ${source}: ${wanted} leads out of the image`, help)
  }
  if (/\p{Cc}/u.test(place)) {
    throw new CommandError(
      `--add ${JSON.stringify(source)}: a path in the image cannot hold control characters`,
      help,
    )
  }
  const path = place === '.' ? '' : place
  if (path === '' && !isFolder)
    throw new CommandError(`--add ${source}: a file cannot take the place of /`, help)
  return path
}
