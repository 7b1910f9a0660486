/** aria2c: its options, and its exit status in words. */
import {
  after,
  aria2c,
  asDecimal,
  before,
  chown,
  exists,
  fail,
  filesUnder,
  lastLineWith,
  makeDirectory,
  readFile,
  remove,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { wayFile } from '../network/dhcp.ts'
import type { Network } from '../network/network.ts'
import { silenceMark } from '../network/other-way.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { aria2Headers } from './headers.ts'
import {
  announceRetry,
  lowestSpeed,
  lowestSpeedTime,
  messageLimit,
  seedWait,
  swarmPeers,
  trackerTimeout,
  webPieceOrder,
  webStreams,
} from './swarm-profile.ts'
import { swarmKind } from './url-list.ts'

/** aria2c ends itself after `--stop` seconds, or is killed a minute later. */
const aria2Seconds = 7260
const aria2Log = '/run/aria2-initrd/aria2c.log'
/** There when a server could not give parts of one file at a time. */
const wholeMark = '/run/aria2-initrd/whole-files'
/** There when aria2 has just failed in a way that no other try could mend. */
export const permanentMark = '/run/aria2-initrd/permanent'

/** aria2's exit status in words (aria2c(1)); above 128 a signal's (signal(7)). */
export function statusInWords(status: number): string {
  let text = 'see aria2c(1)'
  if (status > 128) {
    text = `ended by signal ${status - 128}`
  }
  switch (status) {
    case 1:
      text = 'connection refused, or an error without a name'
      break
    case 2:
      text = 'timed out'
      break
    case 3:
      text = 'not found on the server'
      break
    case 5:
      text = 'too slow'
      break
    case 6:
      text = 'network problem'
      break
    case 7:
      text = 'stopped before completion'
      break
    case 8:
      text = 'the server has no parts of that file'
      break
    case 9:
      text = 'not enough memory for the file'
      break
    case 10:
      text = 'piece length differs from the previous try'
      break
    case 11:
    case 12:
      text = 'the same file is requested twice'
      break
    case 13:
      text = 'a file of that name exists'
      break
    case 14:
      text = 'cannot rename the file'
      break
    case 15:
      text = 'cannot open the file'
      break
    case 16:
      text = 'cannot create the file'
      break
    case 17:
      text = 'cannot write the file'
      break
    case 18:
      text = 'cannot create the folder'
      break
    case 19:
      text = 'the server name does not resolve'
      break
    case 20:
      if (parts.metalink) {
        text = 'cannot parse the Metalink'
      }
      break
    case 21:
      text = 'FTP command failed'
      break
    case 22:
      text = 'the server returned an error'
      break
    case 23:
      text = 'too many redirects'
      break
    case 24:
      text = 'the server requires a password'
      break
    case 25:
    case 26:
      if (parts.bittorrent) {
        text = 'cannot parse the torrent'
      }
      break
    case 27:
      if (parts.bittorrent) {
        text = 'cannot parse the magnet link'
      }
      break
    case 28:
      text = 'aria2 does not accept an option'
      break
    case 29:
      text = 'the server is too busy'
      break
    case 32:
      text = 'checksum mismatch'
      break
    case 126:
    case 127:
      text = 'cannot run aria2c'
      break
    case 137:
      text = 'killed (SIGKILL): out of memory, or over 2 hours in one try'
      break
    case 132:
    case 134:
    case 135:
    case 136:
    case 139:
      text = `crashed (signal ${status - 128}): a bug in aria2, or an attack`
      break
  }
  return text
}

/** The last cause in aria2's log, `: ` before it; empty where there is none. */
function causeInLog(file: string): string {
  const line = lastLineWith(file, 'errorCode=')
  if (line === '') {
    return ''
  }
  const cause = after(line, 'errorCode=')
  return `: ${after(cause, ' ')}`
}

/** Makes an empty folder that only aria2c and root may write to. */
export function makeIncoming(folder: string): void {
  remove(folder)
  makeDirectory(folder)
  chown('aria2:aria2', folder)
}

/**
 * Runs aria2c once, into a folder, which is emptied where it fails{@part bittorrent , but for pieces of an unfinished torrent: nothing else
 * proves how far it is right}.
 * @param torrent a .torrent file to take the pieces from, or nothing
 * @param url what to fetch; with a torrent, where a web server has its files
 * @param proof the digest that the file is compared with later; without one it must be whole for sure
 * @param follow whether a torrent is a list of what to fetch (`mem`) or a file (`false`)
 * @param stallTimeout seconds without progress after which a torrent has failed
 */
export function runAria2(
  torrent: string,
  url: string,
  folder: string,
  proof: string,
  follow: string,
  stallTimeout: number,
  parameters: Parameters,
  network: Network,
): void {
  const seedMinutes = asDecimal(Math.trunc((parameters.seedTime * 1000) / 60))
  // {@part bittorrent All peers are ours: nobody is choked, queues are short, and seeding ends early when every peer is
  // complete.}
  const options: string[] = [
    ...(parts.httpHeaders ? [] : ['--no-conf']),
    '--no-netrc',
    `--dir=${folder}`,
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
    ...(parts.bittorrent ? [`--follow-torrent=${follow}`] : []),
    ...(parts.metalink ? ['--follow-metalink=mem'] : []),
    ...(parts.bittorrent
      ? [
          '--enable-dht=false',
          '--enable-dht6=false',
          '--bt-enable-lpd=true',
          '--bt-cooperative=true',
          '--bt-seed-while-needed=true',
          `--bt-max-peers=${swarmPeers}`,
          `--bt-tracker-interval=${announceRetry}`,
          `--bt-tracker-connect-timeout=${trackerTimeout}`,
          `--bt-tracker-timeout=${trackerTimeout}`,
          `--bt-stop-timeout=${stallTimeout}`,
        ]
      : []),
    '--stop=7200',
    ...(parts.bittorrent ? [`--seed-time=${seedMinutes}`, `--seed-ratio=${parameters.seedRatio}`] : []),
    '--summary-interval=10',
    '--summary-prefix=aria2-initrd: download:',
    '--console-log-level=error',
    '--enable-color=false',
    `--log=${aria2Log}`,
    '--log-level=error',
    '--download-result=hide',
  ]
  if (parts.httpHeaders) {
    options.push(parameters.headers === '' ? '--no-conf' : `--conf-path=${aria2Headers}`)
  }
  if (proof === '') {
    options.push('--require-certain-end=true')
  }
  let swarm = ''
  if (parts.bittorrent) {
    swarm = torrent === '' ? swarmKind(url) : 'web seed'
    if (swarm === 'torrent') {
      options.push(`--bt-stop-unseeded=${seedWait}`)
    }
    if (swarm !== '') {
      options.push(`--split=${webStreams}`, `--stream-piece-selector=${webPieceOrder}`)
    }
  }
  if (parts.connections && swarm === '' && !exists(wholeMark)) {
    options.push(
      `--split=${parameters.connections}`,
      `--max-connection-per-server=${parameters.connections}`,
      '--min-split-size=1M',
    )
  }
  if (parts.bittorrent && network.bootInterface !== '') {
    const way = readFile(wayFile)
    options.push(`--bt-lpd-interface=${way}`)
  }
  if (parts.bittorrent && parameters.tracker !== '') {
    options.push('--bt-exclude-tracker=*', `--bt-tracker=${parameters.tracker}`)
  }
  for (const extra of words(parameters.aria2Options)) {
    options.push(extra)
  }
  if (parts.bittorrent && torrent !== '') {
    options.push(`--torrent-file=${torrent}`)
  }
  remove(permanentMark)
  if (parts.leaseCheck) {
    remove(silenceMark)
  }
  remove(aria2Log)
  writeFile(aria2Log, '')
  chown('aria2:aria2', aria2Log)
  const status = aria2c(aria2Seconds, ...options, url)
  const cause = causeInLog(aria2Log)
  if (status !== 0) {
    if (!parts.bittorrent || status !== 7) {
      makeIncoming(folder)
    }
    if (parts.connections && status === 8) {
      writeFile(wholeMark, '')
    }
    if (parts.leaseCheck && (status === 1 || status === 2 || status === 6 || status === 19)) {
      writeFile(silenceMark, `${status}`)
    }
    switch (status) {
      case 9:
      case 15:
      case 16:
      case 17:
      case 18:
      case 27:
      case 28:
      case 126:
      case 127:
        writeFile(permanentMark, '')
    }
    if (status === 1 && cause !== '') {
      fail(`${url}${cause} (aria2 status 1)`)
    }
    fail(`${url}: ${statusInWords(status)} (aria2 status ${status}${cause})`)
  }
  // {@part bittorrent aria2 also succeeds with a torrent that it cannot parse.}
  if (filesUnder(folder) === '') {
    if (parts.metalink && cause === '' && before(url, '?').endsWith('.meta4')) {
      fail(`${url}: the Metalink lists no file`)
    }
    fail(`${url}: aria2 succeeded, but fetched nothing${cause}`)
  }
}
