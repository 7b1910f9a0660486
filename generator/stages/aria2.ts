/** aria2c as the boot calls it: its options, and its exit status in words. */
import { aria2c, before, fail, makeDirectory, thousandths, withoutPrefix, words } from './machine.ts'
import type { Network } from './network.ts'
import type { Parameters } from './parameters.ts'

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
  let meaning = 'aria2c(1) tells what it means'
  switch (status) {
    case 1:
      meaning = 'connection refused, or an error that aria2 does not name'
      break
    case 2:
      meaning = 'timed out'
      break
    case 3:
      meaning = 'not found on the server'
      break
    case 5:
      meaning = 'too slow'
      break
    case 6:
      meaning = 'network problem'
      break
    case 7:
      meaning = 'stopped before it was complete'
      break
    case 9:
      meaning = 'not enough memory for the file'
      break
    case 17:
      meaning = 'cannot write the file'
      break
    case 19:
      meaning = 'the name of the server could not be resolved'
      break
    case 20:
      meaning = 'cannot read the Metalink'
      break
    case 21:
      meaning = 'FTP command failed'
      break
    case 22:
      meaning = 'the server answered with an error'
      break
    case 23:
      meaning = 'too many redirects'
      break
    case 24:
      meaning = 'the server asks for a password'
      break
    case 25:
    case 26:
      meaning = 'cannot read the torrent'
      break
    case 27:
      meaning = 'cannot read the magnet link'
      break
    case 28:
      meaning = 'an option that aria2 does not take'
      break
    case 29:
      meaning = 'the server is too busy'
      break
    case 32:
      meaning = 'the pieces do not have their digests'
      break
  }
  return meaning
}

/** Fetches one address into a folder; ends with the cause on the console where that fails. */
export function fetchFrom(uri: string, folder: string, parameters: Parameters, network: Network): void {
  makeDirectory(folder)
  const seedMinutes = thousandths(Math.trunc((parameters.seedTime * 1000) / 60))
  const options: string[] = [
    '--no-conf',
    '--no-netrc',
    `--dir=${folder}`,
    '--allow-overwrite=true',
    '--auto-file-renaming=false',
    '--continue=true',
    '--file-allocation=none',
    '--disk-cache=16M',
    '--max-tries=1',
    '--connect-timeout=10',
    '--timeout=30',
    '--follow-torrent=mem',
    '--follow-metalink=mem',
    '--enable-dht=false',
    '--enable-dht6=false',
    '--bt-enable-lpd=true',
    '--bt-tracker-connect-timeout=3',
    '--bt-tracker-timeout=3',
    '--bt-tracker-interval=5',
    '--bt-stop-timeout=60',
    '--stream-piece-selector=random',
    `--seed-time=${seedMinutes}`,
    `--seed-ratio=${parameters.seedRatio}`,
    '--summary-interval=0',
    '--console-log-level=error',
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
  const status = aria2c(...options, uri)
  if (status !== 0) {
    const cause = statusInWords(status)
    fail(`${uri}: ${cause} (aria2 status ${status})`)
  }
}
