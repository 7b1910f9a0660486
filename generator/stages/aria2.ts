/** aria2c as the boot calls it: its options, and its exit status in words. */
import {
  after,
  aria2c,
  before,
  beforeLast,
  exists,
  fail,
  filesUnder,
  lines,
  log,
  makeDirectory,
  readFile,
  remove,
  thousandths,
  withoutPrefix,
  words,
} from './machine.ts'
import type { Network } from './network.ts'
import type { Parameters } from './parameters.ts'
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

/**
 * Ends the stage when a word of `aria2_options` would move our files, run a program or open a door to others. aria2 takes the beginning of an
 * option's name for the option (getopt_long), so the beginnings of refused names are refused too.
 */
export function checkOption(option: string): void {
  if (!option.startsWith('--')) {
    fail(`aria2_options: '${option}': each option is written --name=value`)
  }
  const assigned = withoutPrefix(option, '--')
  const optionName = before(assigned, '=')
  if (optionName.startsWith('on-') || optionName.startsWith('save-') || optionName.startsWith('rpc-')) {
    fail(`aria2_options: --${optionName} is not for the command line of a kernel`)
  }
  for (const refused of [
    'check-certificate',
    'conf-path',
    'daemon',
    'dht-file-path',
    'dht-file-path6',
    'dir',
    'enable-rpc',
    'index-out',
    'input-file',
    'log',
    'out',
    'server-stat-of',
    'stop-with-process',
  ]) {
    if (refused.startsWith(optionName)) {
      fail(`aria2_options: --${optionName} is not for the command line of a kernel`)
    }
  }
}

/** aria2's exit status in words (aria2c(1), EXIT STATUS). */
export function statusInWords(status: number): string {
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
    case 9:
      statusText = 'not enough memory for the file'
      break
    case 17:
      statusText = 'cannot write the file'
      break
    case 19:
      statusText = 'the name of the server could not be resolved'
      break
    case 20:
      statusText = 'cannot read the Metalink'
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
      statusText = 'cannot read the torrent'
      break
    case 27:
      statusText = 'cannot read the magnet link'
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
  }
  return statusText
}

/** The last thing that aria2's log gives as a cause, `: ` before it; empty where it gives none. */
function causeInLog(logFile: string): string {
  let cause = ''
  if (exists(logFile)) {
    const logText = readFile(logFile)
    for (const logLine of lines(logText)) {
      if (logLine.includes('errorCode=')) {
        cause = after(logLine, 'errorCode=')
        cause = after(cause, ' ')
        cause = `: ${cause}`
      }
    }
  }
  return cause
}

/**
 * One run of aria2c, all that comes put into a folder; ends with the cause on the console where that fails.
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
  makeDirectory(saveFolder)
  const seedMinutes = thousandths(Math.trunc((parameters.seedTime * 1000) / 60))
  // BitTorrent: all peers are ours, so that nobody is choked and queues are short, and seeding ends before its time when
  // no peer lacks anything.
  const options: string[] = [
    '--no-conf',
    '--no-netrc',
    `--dir=${saveFolder}`,
    '--allow-overwrite=true',
    '--auto-file-renaming=false',
    '--continue=true',
    '--file-allocation=none',
    '--disk-cache=16M',
    '--max-tries=1',
    '--connect-timeout=10',
    '--timeout=30',
    `--lowest-speed-limit=${lowestSpeed}`,
    `--startup-idle-time=${lowestSpeedTime}`,
    `--log-limit=${messageLimit}`,
    `--follow-torrent=${follow}`,
    '--follow-metalink=mem',
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
    '--stop=7200',
    `--stream-piece-selector=${webPieceOrder}`,
    `--split=${webStreams}`,
    `--seed-time=${seedMinutes}`,
    `--seed-ratio=${parameters.seedRatio}`,
    '--summary-interval=10',
    '--summary-prefix=aria2-initrd: download:',
    '--console-log-level=error',
    '--enable-color=false',
    '--log=/run/aria2-initrd/aria2c.log',
    '--log-level=error',
    '--download-result=hide',
  ]
  if (network.iface !== '') {
    options.push(`--bt-lpd-interface=${network.iface}`)
  }
  if (parameters.tracker !== '') {
    options.push('--bt-exclude-tracker=*', `--bt-tracker=${parameters.tracker}`)
  }
  for (const extra of words(parameters.aria2Options)) {
    options.push(extra)
  }
  if (torrent !== '') {
    options.push(`--torrent-file=${torrent}`)
  }
  const filesBefore = filesUnder(saveFolder)
  remove('/run/aria2-initrd/aria2c.log')
  const status = aria2c(...options, address)
  const detail = causeInLog('/run/aria2-initrd/aria2c.log')
  if (status !== 0) {
    const meaning = statusInWords(status)
    fail(`${address}: ${meaning} (aria2 status ${status}${detail})`)
  }
  // With a torrent that it cannot read aria2 ends well and has fetched nothing.
  const filesAfter = filesUnder(saveFolder)
  if (filesAfter === filesBefore && detail !== '') {
    fail(`${address}: nothing was fetched${detail}`)
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
  const torrentFolder = '/run/aria2-initrd/torrent'
  makeDirectory(torrentFolder)
  const stale = filesUnder(torrentFolder)
  for (const staleFile of lines(stale)) {
    remove(staleFile)
  }
  log(`peers did not give it all: asking ${webFolder}/ too`)
  transfer('', torrentUri, torrentFolder, 'false', swarmStall, parameters, network)
  const torrentFile = filesUnder(torrentFolder)
  transfer(torrentFile, `${webFolder}/`, destination, 'mem', webServerStall, parameters, network)
}
