/** Fetches what the command line asks for, each file from the first URL that gives it. */

import {
  before,
  fail,
  filesUnder,
  lines,
  log,
  makeDirectory,
  mount,
  namesIn,
  remove,
  sleep,
  split,
  succeeds,
  takeOver,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { fetchBesideSwarm, fetchUrl, makeIncoming } from './aria2.ts'

/**
 * What came, by the parameter that asked for it. The folders' names are ours, and only root writes to them: whatever a
 * server, a torrent or a Metalink calls its files, they lie inside.
 */
export interface Downloads {
  /** The folder of what kernel_url gave; empty without it. */
  kernelFolder: string
  /** The folders of what each initrd_url gave, one a line, in order. */
  initrdFolders: string
  /** The folders of what each URL of url gave, one a line, in order. */
  urlFolders: string
}

/**
 * Makes output_dir a tmpfs of its own: a file that is too large is an error then, and never takes all memory. Only root
 * writes to it; aria2c writes below `incoming`.
 */
export function prepareOutput(folder: string): void {
  makeDirectory(folder)
  const present = namesIn(folder)
  if (present !== '') {
    fail(`output_dir=${folder}: not empty; name a new folder`)
  }
  mount('-t', 'tmpfs', '-o', 'nosuid,nodev,mode=0755,size=75%', 'tmpfs', folder)
}

/** Whether a URL gives a torrent, whose digests prove each piece. */
function givesTorrent(url: string): boolean {
  const path = before(url, '?')
  return path.endsWith('.torrent') || path.startsWith('magnet:')
}

/**
 * Fetches a file, or all files of a torrent or a Metalink, from the first mirror that works; asks all of them again until
 * retries. A try starts with an empty folder, but continues with the pieces of the same torrent.
 */
function fetchFile(mirrors: string, incoming: string, parameters: Parameters, network: Network): void {
  let round = 1
  let pause = 1
  let triedTorrent = ''
  while (true) {
    for (const mirror of split(mirrors, ',')) {
      if (!parts.bittorrent || mirror !== triedTorrent) {
        makeIncoming(incoming)
      }
      log(`fetching ${mirror}`)
      if (succeeds(() => fetchUrl(mirror, incoming, parameters, network))) {
        return
      }
      if (parts.bittorrent) {
        const path = before(mirror, '?')
        if (
          path.endsWith('.torrent') &&
          succeeds(() => fetchBesideSwarm(mirror, incoming, parameters, network))
        ) {
          return
        }
        triedTorrent = ''
        if (givesTorrent(mirror)) {
          triedTorrent = mirror
        }
      }
    }
    if (round === parameters.retries) {
      fail(`gave up after ${round} tries (retries=${parameters.retries})`)
    }
    log(`retrying in ${pause} s`)
    sleep(pause)
    round += 1
    pause *= 2
    if (pause > 30) {
      pause = 30
    }
  }
}

/** Fetches what one parameter asks for, and moves it to where only root writes. */
function fetchTo(name: string, mirrors: string, parameters: Parameters, network: Network): void {
  const incoming = `${parameters.outputDir}/incoming/${name}`
  fetchFile(mirrors, incoming, parameters, network)
  takeOver(incoming, `${parameters.outputDir}/${name}`)
}

/** Names the first twenty files that came. */
function reportFiles(folder: string): void {
  const files = filesUnder(folder)
  let count = 0
  for (const file of lines(files)) {
    count += 1
    if (count <= 20) {
      log(`have ${file}`)
    }
  }
  if (count > 20) {
    log(`have ${count} files in all`)
  }
}

/** Fetches everything: each URL of url, the kernel and each initrd to a folder of its own. */
export function download(parameters: Parameters, network: Network): Downloads {
  if (parameters.urls === '' && parameters.kernelUrl === '') {
    fail('nothing to fetch: set url= or kernel_url=')
  }
  let kernelFolder = ''
  let initrdFolders = ''
  let urlFolders = ''
  let number = 0
  for (const url of split(parameters.urls, ',')) {
    number += 1
    fetchTo(`url-${number}`, url, parameters, network)
    urlFolders = `${urlFolders}${parameters.outputDir}/url-${number}\n`
  }
  if (parameters.kernelUrl !== '') {
    fetchTo('kernel', parameters.kernelUrl, parameters, network)
    kernelFolder = `${parameters.outputDir}/kernel`
  }
  number = 0
  for (const mirrors of lines(parameters.initrdUrl)) {
    number += 1
    fetchTo(`initrd-${number}`, mirrors, parameters, network)
    initrdFolders = `${initrdFolders}${parameters.outputDir}/initrd-${number}\n`
  }
  remove(`${parameters.outputDir}/incoming`)
  reportFiles(parameters.outputDir)
  return { kernelFolder, initrdFolders, urlFolders }
}
