/** aria2c as the boot calls it: its options, and its exit status in words. */
import {
  after,
  aria2c,
  before,
  beforeLast,
  chown,
  fail,
  filesUnder,
  lastLineWith,
  log,
  makeDirectory,
  remove,
  thousandths,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import {
  announceRetry,
  lowestSpeed,
  lowestSpeedTime,
  messageLimit,
  swarmPeers,
  swarmStall,
  trackerTimeout,
  webPieceOrder,
  webServerStall,
  webStreams,
} from './swarm-profile.ts'

/** aria2c ends by itself after `--stop` seconds; where it does not, a minute later. */
const transferSeconds = 7260
const aria2Log = '/run/aria2-initrd/aria2c.log'

/** How a signal ended aria2c (signal(7)). */
function signalInWords(signal: number): string {
  let signalText = `ended by signal ${signal}`
  switch (signal) {
    case 6:
      signalText = 'aborted (SIGABRT): a fault of aria2, or an attack'
      break
    case 8:
      signalText = 'divided by zero (SIGFPE): a fault of aria2, or an attack'
      break
    case 9:
      signalText = 'killed (SIGKILL): out of memory, or more than 2 hours in one try'
      break
    case 4:
    case 7:
    case 11:
      signalText = `memory fault (signal ${signal}): a fault of aria2, or an attack`
      break
  }
  return signalText
}

/** aria2's exit status in words (aria2c(1), EXIT STATUS). */
export function statusInWords(status: number): string {
  if (status > 128) {
    const signalNumber = status - 128
    return signalInWords(signalNumber)
  }
  let statusText = 'aria2c(1) tells what it means'
  switch (status) {
    case 1:
      statusText = 'connection refused, or an error that aria2 does not name'
      break
    case 2:
      statusText = 'timed out'
      break
    case 3:
      statusText = 'not found on the server'
      break
    case 5:
      statusText = 'too slow'
      break
    case 6:
      statusText = 'network problem'
      break
    case 7:
      statusText = 'stopped before it was complete'
      break
    case 8:
      statusText = 'the server cannot continue a file'
      break
    case 9:
      statusText = 'not enough memory for the file'
      break
    case 10:
      statusText = 'the pieces have another length than in the try before'
      break
    case 11:
    case 12:
      statusText = 'the same file is asked for twice'
      break
    case 13:
      statusText = 'a file of that name is there already'
      break
    case 14:
      statusText = 'cannot rename the file'
      break
    case 15:
      statusText = 'cannot open the file'
      break
    case 16:
      statusText = 'cannot make the file'
      break
    case 17:
      statusText = 'cannot write the file'
      break
    case 18:
      statusText = 'cannot make the folder'
      break
    case 19:
      statusText = 'the name of the server could not be resolved'
      break
    case 20:
      if (parts.metalink) {
        statusText = 'cannot read the Metalink'
      }
      break
    case 21:
      statusText = 'FTP command failed'
      break
    case 22:
      statusText = 'the server answered with an error'
      break
    case 23:
      statusText = 'too many redirects'
      break
    case 24:
      statusText = 'the server asks for a password'
      break
    case 25:
    case 26:
      if (parts.bittorrent) {
        statusText = 'cannot read the torrent'
      }
      break
    case 27:
      if (parts.bittorrent) {
        statusText = 'cannot read the magnet link'
      }
      break
    case 28:
      statusText = 'an option that aria2 does not take'
      break
    case 29:
      statusText = 'the server is too busy'
      break
    case 32:
      statusText = 'the pieces do not have their digests'
      break
    case 126:
    case 127:
      statusText = 'aria2c cannot be started'
      break
  }
  return statusText
}

/** The last thing that aria2's log gives as a cause, `: ` before it; empty where it gives none. */
function causeInLog(logFile: string): string {
  const logLine = lastLineWith(logFile, 'errorCode=')
  if (logLine === '') {
    return ''
  }
  let cause = after(logLine, 'errorCode=')
  cause = after(cause, ' ')
  return `: ${cause}`
}

/** An empty folder that aria2c may write to, and nobody but root beside it. */
export function makeIncoming(emptied: string): void {
  remove(emptied)
  makeDirectory(emptied)
  chown('aria2:aria2', emptied)
}

/**
 * One run of aria2c, all that comes put into a folder; ends with the cause on the console where that fails. What a failed
 * one left is removed: without an end that is proven, the next try starts from nothing. But pieces of a torrent that only
 * did not all come are proven by its digests, and stay.
 * @param torrent a .torrent file to take the pieces from, or nothing
 * @param address what to fetch; with a torrent: where a web server has its files
 * @param follow whether a torrent that comes is a list of what to fetch (`mem`) or a file (`false`)
 * @param stall seconds without progress after which a torrent has failed
 */
function transfer(
  torrent: string,
  address: string,
  saveFolder: string,
  follow: string,
  stall: number,
  parameters: Parameters,
  network: Network,
): void {
  const options: string[] = [
    '--no-conf',
    '--no-netrc',
    `--dir=${saveFolder}`,
    '--allow-overwrite=true',
    '--auto-file-renaming=false',
    '--file-allocation=none',
    '--disk-cache=16M',
    '--max-tries=1',
    '--connect-timeout=10',
    '--timeout=30',
    `--lowest-speed-limit=${lowestSpeed}`,
    `--startup-idle-time=${lowestSpeedTime}`,
    `--log-limit=${messageLimit}`,
    '--stop=7200',
    `--split=${webStreams}`,
    '--summary-interval=10',
    '--summary-prefix=aria2-initrd: download:',
    '--console-log-level=error',
    '--enable-color=false',
    `--log=${aria2Log}`,
    '--log-level=error',
    '--download-result=hide',
    ...(parts.metalink ? ['--follow-metalink=mem'] : []),
  ]
  if (parts.bittorrent) {
    const seedMinutes = thousandths(Math.trunc((parameters.seedTime * 1000) / 60))
    // All peers are ours, so that nobody is choked and queues are short, and seeding ends before its time when no peer
    // lacks anything.
    options.push(
      `--follow-torrent=${follow}`,
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=true',
      '--bt-cooperative=true',
      '--bt-seed-while-needed=true',
      `--bt-max-peers=${swarmPeers}`,
      `--bt-tracker-interval=${announceRetry}`,
      `--bt-tracker-connect-timeout=${trackerTimeout}`,
      `--bt-tracker-timeout=${trackerTimeout}`,
      `--bt-stop-timeout=${stall}`,
      `--stream-piece-selector=${webPieceOrder}`,
      `--seed-time=${seedMinutes}`,
      `--seed-ratio=${parameters.seedRatio}`,
    )
    if (network.iface !== '') {
      options.push(`--bt-lpd-interface=${network.iface}`)
    }
    if (parameters.tracker !== '') {
      options.push('--bt-exclude-tracker=*', `--bt-tracker=${parameters.tracker}`)
    }
    if (torrent !== '') {
      options.push(`--torrent-file=${torrent}`)
    }
  }
  for (const extra of words(parameters.aria2Options)) {
    options.push(extra)
  }
  remove(aria2Log)
  writeFile(aria2Log, '')
  chown('aria2:aria2', aria2Log)
  const status = aria2c(transferSeconds, ...options, address)
  const detail = causeInLog(aria2Log)
  if (status !== 0) {
    if (!parts.bittorrent || status !== 7) {
      makeIncoming(saveFolder)
    }
    const meaning = statusInWords(status)
    fail(`${address}: ${meaning} (aria2 status ${status}${detail})`)
  }
  // With a torrent that it cannot read, or a Metalink without files, aria2 ends well.
  const fetched = filesUnder(saveFolder)
  if (fetched === '') {
    if (parts.metalink) {
      const addressPath = before(address, '?')
      if (addressPath.endsWith('.meta4') && detail === '') {
        fail(`${address}: the Metalink names no file`)
      }
    }
    fail(`${address}: aria2 ended well and fetched nothing${detail}`)
  }
}

/** Fetches one address into a folder: a file, or what a torrent, a Metalink or a magnet link names. */
export function fetchFrom(uri: string, folder: string, parameters: Parameters, network: Network): void {
  transfer('', uri, folder, 'mem', swarmStall, parameters, network)
}

/**
 * Fetches a torrent's files from peers and from the web server that has the torrent, which has them beside it. Not done
 * at first: all nodes would ask the one server for the same pieces.
 */
export function fetchBesideSwarm(
  torrentUri: string,
  destination: string,
  parameters: Parameters,
  network: Network,
): void {
  const torrentPath = before(torrentUri, '?')
  const webFolder = beforeLast(torrentPath, '/')
  const torrentFolder = `${parameters.outputDir}/incoming/torrent`
  makeIncoming(torrentFolder)
  log(`peers did not give it all: asking ${webFolder}/ too`)
  transfer('', torrentUri, torrentFolder, 'false', swarmStall, parameters, network)
  const torrentFile = filesUnder(torrentFolder)
  transfer(torrentFile, `${webFolder}/`, destination, 'mem', webServerStall, parameters, network)
}
