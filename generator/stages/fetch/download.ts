/** Fetches what is asked for, each file from the first URL that gives it. */

import {
  after,
  append,
  before,
  exists,
  fail,
  fileHasLine,
  filesUnder,
  isDirectory,
  lines,
  log,
  randomBelow,
  readFile,
  remove,
  sleep,
  succeeds,
  takeOver,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import { seekOtherWay, silenceMark } from '../network/other-way.ts'
import { givenFile, writeResolver } from '../network/resolver.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { recordFetched } from '../start/reports.ts'
import { unfitMark, verifyManifest } from '../trust/boot-manifest.ts'
import { verifyFolder } from '../trust/digest.ts'
import { checkList, listFile, verifyListed } from '../trust/listed.ts'
import { keepSigned, moveSigned, requireImages } from '../trust/signed-files.ts'
import { runAria2, togetherList, unfinishedList } from './aria2.ts'
import { writeSettings } from './aria2-settings.ts'
import { makeIncoming, permanentMark } from './aria2-status.ts'
import { fetchBesideSwarm } from './beside-swarm.ts'
import { cacheFolder, closeCache, openCache } from './cache.ts'
import { cachedEntryFor, fetchPieces, keepFetched, takeCached } from './cached-files.ts'
import type { Downloads } from './downloads.ts'
import { provenFolder } from './metalink-proofs.ts'
import { filledIn } from './placeholders.ts'
import { singleFile } from './roles.ts'
import { endTogether, fetchTogether } from './together.ts'
import { addressesIn, swarmKind } from './url-list.ts'

/**
 * Fetches what one parameter asks for: from the first mirror that works and whose file has the digest, if there is one.
 * All are asked again until retries, unless no other try could end otherwise. A try starts with an empty folder{@part bittorrent , or the
 * same torrent's pieces}.
 */
function fetchTo(
  name: string,
  mirrors: string,
  digestName: string,
  digest: string,
  parameters: Parameters,
  network: Network,
): void {
  const incoming = `${parameters.outputDir}/incoming/${name}`
  const fetched = `${parameters.outputDir}/${name}`
  const addresses = parts.placeholders
    ? filledIn(mirrors)
    : parts.addressLists
      ? addressesIn(mirrors)
      : mirrors
  if (parts.cache) {
    const first = before(addresses, '\n')
    const entry = cachedEntryFor(first, digest)
    if (entry !== '' && succeeds(() => takeCached(entry, incoming, fetched))) {
      return
    }
  }
  let round = 1
  let pause = 2
  let triedTorrent = ''
  /** Until it is looked at what became of the first address among the others. */
  let pending = ''
  if (parts.together && exists(unfinishedList) && fileHasLine(togetherList, ` dir=${incoming}`)) {
    pending = 'together'
  }
  while (true) {
    let mayChange = ''
    /** Whether somebody has answered in this round. */
    let heard = ''
    for (const mirror of lines(addresses)) {
      let manner = ''
      if (parts.together) {
        manner = pending
        pending = ''
      }
      if (!parts.together || manner === '') {
        if (!parts.bittorrent || mirror !== triedTorrent) {
          makeIncoming(incoming)
        }
        log(`fetching ${mirror}`)
      }
      let kind = ''
      if (parts.bittorrent) {
        triedTorrent = ''
        kind = swarmKind(mirror)
      }
      if (parts.cache && parts.bittorrent && kind === 'torrent' && isDirectory(cacheFolder)) {
        manner = 'pieces'
      }
      if (
        (parts.together && manner === 'together' && succeeds(() => endTogether(mirror, incoming))) ||
        ((!parts.manners || manner === '') &&
          succeeds(() => runAria2('', mirror, incoming, digest, 'mem', parameters, network))) ||
        (parts.cache &&
          parts.bittorrent &&
          manner === 'pieces' &&
          succeeds(() => fetchPieces(mirror, incoming, digest, parameters, network))) ||
        (parts.bittorrent &&
          kind === 'torrent' &&
          succeeds(() => fetchBesideSwarm(mirror, incoming, parameters, network)))
      ) {
        heard = 'yes'
        takeOver(incoming, fetched)
        if (parts.reports) {
          recordFetched(kind === '' ? 'server' : 'swarm', mirror, fetched)
        }
        if (!parts.earlyDigests) {
          return
        }
        if (parts.signatures && digestName === 'signature') {
          if (succeeds(() => verifyManifest(fetched, mirror, parameters, network))) {
            return
          }
        } else if (
          (digest === '' || succeeds(() => verifyFolder(fetched, digestName, digest))) &&
          (!parts.digestLists || !exists(listFile) || succeeds(() => verifyListed(fetched)))
        ) {
          if (parts.cache && digestName !== 'list' && isDirectory(cacheFolder)) {
            succeeds(() => keepFetched(mirror, digest, incoming, fetched))
          }
          return
        }
        log(`${mirror}: dropped`)
        remove(fetched)
        // Only among several may one be behind for a while.
        if ((!parts.mirrors || addresses === mirror) && (!parts.signatures || !exists(unfitMark))) {
          continue
        }
      } else if (parts.bittorrent && kind !== '') {
        triedTorrent = mirror
      }
      if (!exists(permanentMark)) {
        mayChange = 'yes'
      }
      if (parts.leaseCheck && !exists(silenceMark)) {
        heard = 'yes'
      }
    }
    if (mayChange === '') {
      fail('gave up: another try would end the same way')
    }
    if (round === parameters.retries) {
      fail(`gave up after try ${round} (retries=${parameters.retries})`)
    }
    if (parts.leaseCheck && heard === '' && filesUnder(parameters.outputDir) === '') {
      seekOtherWay(parameters)
    }
    // Machines that fail together come back spread over the whole pause.
    const wait = randomBelow(pause) + 1
    log(`retrying in ${wait} s`)
    sleep(wait)
    if (parts.leaseCheck) {
      // With the name servers of a lease that has come since, or was renewed.
      const given = parts.givenServers ? readFile(givenFile) : ''
      writeResolver(given, parameters)
    }
    round += 1
    pause *= 2
    if (pause > 60) {
      pause = 60
    }
  }
}

/** Fetches {@part file-roles each URL of url, }the kernel and each initrd to a folder of its own. */
export function download(parameters: Parameters, network: Network): Downloads {
  if (parts.settings) {
    writeSettings(parameters)
  }
  if (parts.metalink) {
    makeIncoming(provenFolder)
  }
  if (parts.cache && parameters.cachePartition !== '') {
    openCache(parameters)
  }
  if (parts.signatures && parameters.manifest !== '') {
    fetchTo('manifest', parameters.manifest, 'signature', '', parameters, network)
    remove(`${parameters.outputDir}/manifest`)
  }
  if (parts.digestLists && parameters.digestList !== '') {
    fetchTo('sha256sums', parameters.digestList, 'list', '', parameters, network)
    const listFolder = `${parameters.outputDir}/sha256sums`
    checkList(listFolder)
    const listed = singleFile(listFolder)
    append(listed, listFile)
    remove(listFolder)
  }
  if (parts.fileRoles && parameters.urls === '' && parameters.kernelUrl === '') {
    fail('nothing to fetch: set url= or kernel_url=')
  }
  if (!parts.fileRoles && parameters.kernelUrl === '') {
    fail('nothing to fetch: set kernel_url=')
  }
  if (parts.together) {
    fetchTogether(parameters, network)
  }
  let kernelFolder = ''
  let initrdFolders = ''
  let urlFolders = ''
  let verifiedFiles = ''
  let number = 0
  let provenFiles = ''
  let urlDigests = ''
  let urlDigest = ''
  if (parts.digestLists) {
    urlDigests = `${parameters.urlSha}\n`
  }
  if (parts.fileRoles) {
    const addresses = addressesIn(parameters.urls)
    for (const url of lines(addresses)) {
      number += 1
      if (parts.digestLists) {
        urlDigest = before(urlDigests, '\n')
        urlDigests = after(urlDigests, '\n')
      }
      fetchTo(`url-${number}`, url, 'sha', urlDigest, parameters, network)
      urlFolders = `${urlFolders}${parameters.outputDir}/url-${number}\n`
      if (parts.digestLists && urlDigest !== '') {
        const urlFolder = `${parameters.outputDir}/url-${number}`
        provenFiles = `${provenFiles}${filesUnder(urlFolder)}\n`
      }
    }
    number = 0
  }
  if (parts.digestLists) {
    if (urlDigests !== '' && urlDigests !== '\n') {
      fail('more sha= than addresses in url=')
    }
  }
  if (!parts.fileRoles || parameters.kernelUrl !== '') {
    fetchTo('kernel', parameters.kernelUrl, 'kernel_sha', parameters.kernelSha, parameters, network)
    kernelFolder = `${parameters.outputDir}/kernel`
    if (parts.earlyDigests && parameters.kernelSha !== '') {
      verifiedFiles = `${filesUnder(kernelFolder)}\n`
    }
  }
  let digests = `${parameters.initrdSha}\n`
  for (const mirrors of lines(parameters.initrdUrl)) {
    number += 1
    const digest = before(digests, '\n')
    digests = after(digests, '\n')
    fetchTo(`initrd-${number}`, mirrors, 'initrd_sha', digest, parameters, network)
    const folder = `${parameters.outputDir}/initrd-${number}`
    initrdFolders = `${initrdFolders}${folder}\n`
    if (parts.earlyDigests && digest !== '') {
      verifiedFiles = `${verifiedFiles}${filesUnder(folder)}\n`
    }
  }
  if (parts.cache) {
    closeCache()
  }
  if (parts.signatures && parameters.manifest !== '') {
    const signedFolder = `${parameters.outputDir}/signed`
    keepSigned(urlFolders, signedFolder)
    urlFolders = `${signedFolder}\n`
    requireImages()
    if (kernelFolder === '' && parameters.kernelSha !== '') {
      kernelFolder = `${parameters.outputDir}/kernel`
      moveSigned(parameters.kernelSha, kernelFolder)
      verifiedFiles = `${filesUnder(kernelFolder)}\n`
    }
    if (initrdFolders === '') {
      number = 0
      for (const signedDigest of lines(parameters.initrdSha)) {
        number += 1
        const initrdFolder = `${parameters.outputDir}/initrd-${number}`
        moveSigned(signedDigest, initrdFolder)
        initrdFolders = `${initrdFolders}${initrdFolder}\n`
        verifiedFiles = `${verifiedFiles}${filesUnder(initrdFolder)}\n`
      }
    }
  }
  remove(`${parameters.outputDir}/incoming`)
  let count = 0
  for (const file of lines(filesUnder(parameters.outputDir))) {
    if (parts.manyFiles) {
      count += 1
    }
    if (!parts.manyFiles || count <= 20) {
      log(`have ${file}`)
    }
  }
  if (parts.manyFiles && count > 20) {
    log(`have ${count} files in all`)
  }
  return { kernelFolder, initrdFolders, urlFolders, verifiedFiles, provenFiles }
}
