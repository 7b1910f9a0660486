/** The addresses that a parameter holds. */
import { before, beforeLast, split } from '../api/machine.ts'
import { parts } from '../api/parts.ts'

/** One a line: commas separate them{@part bittorrent , but for those in a magnet link: the name in it may have some}. */
export function addressesIn(list: string): string {
  let addresses = ''
  let last = ''
  for (const piece of split(list, ',')) {
    if (
      parts.bittorrent &&
      last.startsWith('magnet:') &&
      !piece.includes('://') &&
      !piece.startsWith('magnet:')
    ) {
      const linkSoFar = beforeLast(addresses, '\n')
      addresses = `${linkSoFar},${piece}\n`
    } else {
      last = piece
      addresses = `${addresses}${last}\n`
    }
  }
  return addresses
}

/** What keeps its pieces for the next try: a `torrent` by URL, a `magnet` link, or nothing. */
export function swarmKind(mirror: string): string {
  const path = before(mirror, '?')
  if (path.endsWith('.torrent')) {
    return 'torrent'
  }
  return path.startsWith('magnet:') ? 'magnet' : ''
}
