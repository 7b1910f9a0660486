import {
  after,
  aria2c,
  asDecimal,
  chown,
  exists,
  lastLineWith,
  readFile,
  recordedAria2c,
  remove,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { wayFile } from '../network/interfaces.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { aria2Settings } from './aria2-settings.ts'
import { endTry, wholeMark } from './aria2-status.ts'
import { provenList } from './metalink-proofs.ts'
import {
  announceRetry,
  lowestSpeed,
  lowestSpeedTime,
  messageLimit,
  seedWait,
  swarmPeers,
  swarmStall,
  trackerTimeout,
  webPieceOrder,
  webServerStall,
  webStreams,
} from './swarm-profile.ts'
import { swarmKind } from './url-list.ts'

/** aria2c ends itself after `--stop` seconds, or is killed a minute later. */
const aria2Seconds = 7260
const aria2Log = '/run/aria2-initrd/aria2c.log'
/** What aria2c fetches at once: addresses, and below each its folder and options (aria2c(1), INPUT FILE). */
export const togetherList = '/run/aria2-initrd/together'
/** What aria2c says has not come of these, in the same form; in a folder of its own, where it may write. */
export const unfinishedFolder = '/run/aria2-initrd/unfinished'
export const unfinishedList = `${unfinishedFolder}/list`
/** So many at a time; the others wait. */
const togetherLimit = 16

/** The last cause in aria2's log, `: ` before it; empty where there is none. */
function causeInLog(file: string, status: number): string {
  const line = lastLineWith(file, 'errorCode=')
  if (line === '') {
    return ''
  }
  if (parts.bittorrent && status === 7 && line.includes('Failed to bind a socket')) {
    // Without IPv6 aria2 says so of its second port when it starts; that ends nothing.
    return ''
  }
  const cause = after(line, 'errorCode=')
  return `: ${after(cause, ' ')}`
}

/**
 * Runs aria2c once, into a folder, which is emptied where it fails{@part bittorrent , but for pieces of an unfinished torrent: nothing else
 * proves how far it is right}.
 * @param torrent a .torrent file to take the pieces from, or nothing
 * @param url what to fetch; with a torrent, {@part cache where that came from, or }where a web server has its files{@part together ; nothing for all of the list}
 * @param proof the digest that the file is compared with later; without one it must be whole for sure
 * @param follow whether a torrent is a list of what to fetch (`mem`) or a file (`false`)
 */
export function runAria2(
  torrent: string,
  url: string,
  folder: string,
  proof: string,
  follow: string,
  parameters: Parameters,
  network: Network,
): void {
  const seedMinutes = asDecimal(Math.trunc((parameters.seedTime * 1000) / 60))
  // {@part bittorrent All peers are ours: nobody is choked, queues are short, and seeding ends early when every peer is
  // complete.}
  const options: string[] = [
    ...(parts.settings ? [] : ['--no-conf']),
    '--no-netrc',
    '--user-agent=aria2-initrd',
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
          `--bt-stop-timeout=${torrent === '' ? swarmStall : webServerStall}`,
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
  if (parts.settings) {
    if (exists(aria2Settings)) {
      options.push(`--conf-path=${aria2Settings}`)
    } else {
      options.push('--no-conf')
    }
  }
  if (parts.metalink) {
    const proven = provenList(folder)
    options.push(`--proven-list=${proven}`)
  }
  if (proof === '') {
    options.push('--require-certain-end=true')
  }
  let swarm = ''
  if (parts.bittorrent) {
    swarm = swarmKind(url)
    if (torrent !== '' && (!parts.cache || swarm !== 'torrent')) {
      swarm = 'web seed'
    }
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
  if (parts.bittorrent && parameters.rack !== '') {
    options.push(`--bt-rack=${parameters.rack}`)
  }
  if (parts.aria2Options) {
    for (const extra of words(parameters.aria2Options)) {
      options.push(extra)
    }
  }
  if (parts.bittorrent && torrent !== '') {
    options.push(`--torrent-file=${torrent}`)
    if (parts.cache) {
      options.push('--check-integrity=true')
    }
  }
  remove(aria2Log)
  writeFile(aria2Log, '')
  chown('aria2:aria2', aria2Log)
  if (parts.together && url === '') {
    options.push(
      `--input-file=${togetherList}`,
      `--save-session=${unfinishedList}`,
      `--max-concurrent-downloads=${togetherLimit}`,
    )
  } else if (!parts.cache || torrent === '' || swarm === 'web seed') {
    // {@part cache Beside a torrent each address is a web seed's.}
    options.push(url)
  }
  const status = parts.reports ? recordedAria2c(aria2Seconds, ...options) : aria2c(aria2Seconds, ...options)
  if (!parts.together || url !== '') {
    const cause = causeInLog(aria2Log, status)
    endTry(url, folder, status, cause)
  }
}
