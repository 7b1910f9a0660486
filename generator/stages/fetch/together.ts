/** The first address of each file at once, in one aria2c; what does not come so is asked for by itself afterwards. */
import {
  after,
  before,
  chmod,
  chown,
  exists,
  isDirectory,
  lines,
  log,
  readFile,
  wholeNumber,
  withoutPrefix,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { runAria2, togetherList, unfinishedFolder, unfinishedList } from './aria2.ts'
import { endTry, makeIncoming } from './aria2-status.ts'
import { cacheFolder } from './cache.ts'
import { cachedEntryFor } from './cached-files.ts'
import { provenList } from './metalink-proofs.ts'
import { filledIn } from './placeholders.ts'
import { seedWait, webPieceOrder, webStreams } from './swarm-profile.ts'
import { addressesIn, swarmKind } from './url-list.ts'

const tab = '\t'

/** The lines of aria2c's input file for one file: its first address, and below it what is for that alone. */
function entryFor(name: string, mirrors: string, digest: string, parameters: Parameters): string {
  const addresses = parts.placeholders ? filledIn(mirrors) : addressesIn(mirrors)
  const address = before(addresses, '\n')
  // What the cache has is not asked for, and of a torrent it may have pieces.
  if (parts.cache) {
    const kept = cachedEntryFor(address, digest)
    if (kept !== '') {
      return ''
    }
    if (parts.bittorrent && swarmKind(address) === 'torrent' && isDirectory(cacheFolder)) {
      return ''
    }
  }
  const folder = `${parameters.outputDir}/incoming/${name}`
  // To aria2c a tab is the end of an address, and a newline may begin an option: such a thing is asked for by itself.
  if (address.includes(tab)) {
    return ''
  }
  if (folder.includes('\n')) {
    return ''
  }
  let entry = `${address}\n dir=${folder}\n`
  if (digest !== '') {
    entry = `${entry} require-certain-end=false\n`
  }
  if (parts.metalink) {
    const proven = provenList(folder)
    entry = `${entry} proven-list=${proven}\n`
  }
  if (parts.bittorrent) {
    const kind = swarmKind(address)
    if (kind !== '') {
      entry = `${entry} split=${webStreams}\n stream-piece-selector=${webPieceOrder}\n`
    }
    if (kind === 'torrent') {
      entry = `${entry} bt-stop-unseeded=${seedWait}\n`
    }
  }
  if (parts.aria2Options) {
    for (const extra of words(parameters.aria2Options)) {
      if (extra.includes('=')) {
        const option = withoutPrefix(extra, '--')
        entry = `${entry} ${option}\n`
      }
    }
  }
  return entry
}

/** Fetches the first address of each file, where there are several. */
export function fetchTogether(parameters: Parameters, network: Network): void {
  let list = ''
  let number = 0
  if (parts.fileRoles) {
    const addresses = addressesIn(parameters.urls)
    for (const url of lines(addresses)) {
      number += 1
      const entry = entryFor(`url-${number}`, url, '', parameters)
      list = `${list}${entry}\n`
    }
  }
  if (parameters.kernelUrl !== '') {
    const entry = entryFor('kernel', parameters.kernelUrl, parameters.kernelSha, parameters)
    list = `${list}${entry}\n`
  }
  number = 0
  let digests = `${parameters.initrdSha}\n`
  for (const mirrors of lines(parameters.initrdUrl)) {
    number += 1
    const digest = before(digests, '\n')
    digests = after(digests, '\n')
    const entry = entryFor(`initrd-${number}`, mirrors, digest, parameters)
    list = `${list}${entry}\n`
  }
  let count = 0
  for (const line of lines(list)) {
    if (line.startsWith(' dir=')) {
      count += 1
    }
  }
  if (count < 2) {
    return
  }
  for (const line of lines(list)) {
    if (line.startsWith(' dir=')) {
      makeIncoming(withoutPrefix(line, ' dir='))
    } else if (!line.startsWith(' ')) {
      log(`fetching ${line}`)
    }
  }
  // An address may hold a password.
  writeFile(togetherList, '')
  chmod('600', togetherList)
  chown('aria2:aria2', togetherList)
  writeFile(togetherList, list)
  makeIncoming(unfinishedFolder)
  runAria2('', '', `${parameters.outputDir}/incoming`, '', 'mem', parameters, network)
  if (!exists(unfinishedList)) {
    log('aria2c did not finish; fetching one file after another')
  }
}

/** What became of an address among the others: fails, with aria2's word for it, where it did not come whole. */
export function endTogether(url: string, folder: string): void {
  const session = readFile(unfinishedList)
  const entry = after(session, `\n dir=${folder}\n`, '')
  if (entry === '') {
    endTry(url, folder, 0, '')
    return
  }
  const told = after(entry, '#errorCode=')
  const line = before(told, '\n')
  const code = before(line, ' ')
  const message = after(line, ' ', '')
  const status = wholeNumber(code)
  endTry(url, folder, status, message === '' ? '' : `: ${message}`)
}
