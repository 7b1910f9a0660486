/** Peers and a web server together, for a torrent that peers alone do not give. */
import { before, beforeLast, filesUnder, log } from '../api/machine.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { runAria2 } from './aria2.ts'
import { makeIncoming } from './aria2-status.ts'

/** Where the torrent of what comes to a folder lies, as a file. */
export function torrentFolderOf(incoming: string): string {
  return `${incoming}.torrent`
}

/** Fetches a torrent as a file, and nothing of what it names. */
export function fetchTorrent(
  torrentUrl: string,
  torrentFolder: string,
  parameters: Parameters,
  network: Network,
): void {
  makeIncoming(torrentFolder)
  runAria2('', torrentUrl, torrentFolder, '', 'false', parameters, network)
}

/**
 * Fetches a torrent's files from peers and the web server that has them beside it. Not the first choice: all nodes
 * would ask it for the same pieces.
 */
export function fetchBesideSwarm(
  torrentUrl: string,
  targetFolder: string,
  parameters: Parameters,
  network: Network,
): void {
  const path = before(torrentUrl, '?')
  const webFolder = beforeLast(path, '/')
  const torrentFolder = torrentFolderOf(targetFolder)
  log(`peers are incomplete; adding web server ${webFolder}/`)
  fetchTorrent(torrentUrl, torrentFolder, parameters, network)
  runAria2(filesUnder(torrentFolder), `${webFolder}/`, targetFolder, '', 'mem', parameters, network)
}
