/** What the cache has of the files that a boot wants. */
import {
  after,
  afterLast,
  before,
  beforeLast,
  consistsOf,
  copyFolder,
  exists,
  fail,
  filesUnder,
  giveFiles,
  isDirectory,
  lines,
  log,
  lowerCase,
  move,
  namesIn,
  readFile,
  remove,
  sha256sum,
  succeeds,
  takeOver,
  torrentName,
  withoutPrefix,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { recordFetched } from '../start/reports.ts'
import { digestLike } from '../trust/digest.ts'
import { listFile } from '../trust/listed.ts'
import { manifestFile } from '../trust/manifest-file.ts'
import { runAria2 } from './aria2.ts'
import { makeIncoming } from './aria2-status.ts'
import { fetchTorrent, torrentFolderOf } from './beside-swarm.ts'
import { cacheFolder, idOfEntry, keepFiles, nameOfEntry, newestEntry, useEntry } from './cache.ts'
import { singleFile } from './roles.ts'
import { swarmKind } from './url-list.ts'

/** The last part of an address's path, where it may be a part of a file's name. */
function nameIn(address: string): string {
  const path = before(address, '?')
  const name = afterLast(path, '/')
  return consistsOf(name, 'A-Za-z0-9._-') ? name : 'file'
}

/**
 * The digest that the last part of a name has in a list; nothing where there is none, or another one as well.
 * @param text lines of `HEX  PATH`, as sha256sum(1) writes them, or of a manifest: `KIND SIZE sha256:HEX PATH`
 */
function digestListed(text: string, name: string): string {
  let found = ''
  for (const line of lines(text)) {
    const front = beforeLast(line, ' ')
    const listedName = withoutPrefix(line, `${front} `)
    const last = afterLast(listedName, '/')
    let listedDigest = before(line, ' ')
    if (front.includes(' sha256:')) {
      listedDigest = after(front, ' sha256:')
    }
    if (withoutPrefix(last, '*') === name) {
      if (found !== '' && found !== listedDigest) {
        return ''
      }
      found = listedDigest
    }
  }
  return found
}

/** The digest in hex that a file must have, where that is known before it comes; else nothing. */
function digestBefore(address: string, digest: string): string {
  const name = nameIn(address)
  let wanted = after(digest, ':')
  let list = ''
  if (parts.signatures && exists(manifestFile)) {
    list = readFile(manifestFile)
  } else if (parts.digestLists && exists(listFile)) {
    list = readFile(listFile)
  }
  if (wanted === '' && list !== '') {
    wanted = digestListed(list, name)
  }
  return lowerCase(wanted)
}

/** The entry of what an address should give; nothing where its digest is not known, or nothing has it. */
export function cachedEntryFor(address: string, digest: string): string {
  if (!isDirectory(cacheFolder)) {
    return ''
  }
  const id = digestBefore(address, digest)
  return newestEntry(id, '')
}

/** Takes the file of a digest from its entry, or fails; what was damaged is removed. */
export function takeCached(entry: string, incoming: string, fetched: string): void {
  const from = `${cacheFolder}/${entry}`
  const wanted = idOfEntry(entry)
  makeIncoming(incoming)
  remove(incoming)
  copyFolder(from, incoming)
  takeOver(incoming, fetched)
  let got = ''
  const file = filesUnder(fetched)
  if (file !== '' && !file.includes('\n')) {
    got = digestLike(file, wanted)
  }
  if (got !== wanted) {
    remove(fetched)
    remove(from)
    fail(`cache=: ${nameOfEntry(entry)}: damaged; fetched again`)
  }
  log(`${file}: from cache=`)
  succeeds(() => useEntry(entry))
  if (parts.reports) {
    recordFetched('cache', file, fetched)
  }
}

/** Lays an entry's files where aria2c takes what it needs of them: under the torrent's name, which changes with each generation. */
function layPieces(entry: string, torrent: string, incoming: string): void {
  const copy = `${incoming}.pieces`
  remove(copy)
  copyFolder(`${cacheFolder}/${entry}`, copy)
  const formerName = namesIn(copy)
  const newName = torrentName(torrent)
  if (newName !== '' && newName !== formerName && !formerName.includes('\n')) {
    move(`${copy}/${formerName}`, `${copy}/${newName}`)
  }
  remove(incoming)
  takeOver(copy, incoming)
  giveFiles('aria2:aria2', incoming)
  log(`cache=: ${nameOfEntry(entry)}: only what has changed is fetched`)
}

/** Fetches what a torrent has, but for the pieces that its last entry, or one of its name, has already. */
export function fetchPieces(
  torrentUrl: string,
  incoming: string,
  digest: string,
  parameters: Parameters,
  network: Network,
): void {
  const torrentFolder = torrentFolderOf(incoming)
  fetchTorrent(torrentUrl, torrentFolder, parameters, network)
  const torrent = singleFile(torrentFolder)
  // A former try has left more than the cache has.
  if (filesUnder(incoming) === '') {
    const id = sha256sum(torrent)
    let entry = newestEntry(id, '')
    if (entry === '') {
      const name = nameIn(torrentUrl)
      entry = newestEntry('', name)
    }
    if (entry !== '' && !succeeds(() => layPieces(entry, torrent, incoming))) {
      makeIncoming(incoming)
    }
  }
  runAria2(torrent, torrentUrl, incoming, digest, 'mem', parameters, network)
}

/** Keeps what came from an address under its digest, or under that of its torrent. Nothing else proves it at the next boot. */
export function keepFetched(address: string, digest: string, incoming: string, fetched: string): void {
  let id = digestBefore(address, digest)
  if (parts.bittorrent && id === '' && swarmKind(address) === 'torrent') {
    const torrentFolder = torrentFolderOf(incoming)
    const torrent = singleFile(torrentFolder)
    id = sha256sum(torrent)
  }
  const name = nameIn(address)
  if (id === '') {
    log(`cache=: ${name} has no digest, and is not kept`)
  } else {
    keepFiles(id, name, fetched)
  }
}
