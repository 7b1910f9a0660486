/** The files that the command line asks for, each from the first address that gives it, into a folder of our own. */

import {
  before,
  entries,
  fail,
  filesUnder,
  lines,
  log,
  makeDirectory,
  mount,
  remove,
  sleep,
  split,
  succeeds,
  takeOver,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { fetchBesideSwarm, fetchFrom, makeIncoming } from './aria2.ts'

/**
 * What came, by the parameter that asked for it. We name the folders, and only root writes to them: whatever a server, a
 * torrent or a Metalink calls its files, they lie inside.
 */
export interface Downloads {
  /** The folder of what kernel_url gave; empty without kernel_url. */
  kernelFolder: string
  /** The folders of what each initrd_url gave, one a line, in order. */
  initrdFolders: string
  /** The folders of what each address of url gave, one a line, in order. */
  urlFolders: string
}

/**
 * Makes `output_dir` a tmpfs of its own, so that a file too large is an error and never takes all memory. Only root
 * writes to it; aria2c writes below `incoming`.
 */
function prepareOutput(outputFolder: string): void {
  makeDirectory(outputFolder)
  const present = entries(outputFolder)
  if (present !== '') {
    fail(`output_dir=${outputFolder}: there are files in it; name a new folder`)
  }
  mount('-t', 'tmpfs', '-o', 'nosuid,nodev,mode=0755,size=75%', 'tmpfs', outputFolder)
}

/** Whether an address gives a torrent: digests of the torrent then prove each piece. */
function givesTorrent(source: string): boolean {
  const sourcePath = before(source, '?')
  return sourcePath.endsWith('.torrent') || sourcePath.startsWith('magnet:')
}

/**
 * One file, or all that a torrent or a Metalink names, from the first mirror that works. Goes round until `retries`.
 * Each try begins with an empty folder, unless it goes on with the pieces of the same torrent.
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
      if (succeeds(() => fetchFrom(mirror, incoming, parameters, network))) {
        return
      }
      if (parts.bittorrent) {
        const mirrorPath = before(mirror, '?')
        if (
          mirrorPath.endsWith('.torrent') &&
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
    log(`next try in ${pause} s`)
    sleep(pause)
    round += 1
    pause *= 2
    if (pause > 30) {
      pause = 30
    }
  }
}

/** Fetches what one parameter asks for and takes it to its place, where it stays as it is. */
function fetchTo(place: string, sources: string, parameters: Parameters, network: Network): void {
  const incomingFolder = `${parameters.outputDir}/incoming/${place}`
  fetchFile(sources, incomingFolder, parameters, network)
  takeOver(incomingFolder, `${parameters.outputDir}/${place}`)
}

/** Names the files that came, the first twenty of them. */
function reportFiles(outputFolder: string): void {
  const arrived = filesUnder(outputFolder)
  let arrivedCount = 0
  for (const arrivedFile of lines(arrived)) {
    arrivedCount += 1
    if (arrivedCount <= 20) {
      log(`have ${arrivedFile}`)
    }
  }
  if (arrivedCount > 20) {
    log(`have ${arrivedCount} files in all`)
  }
}

/** Fetches everything: each address of `url`, the kernel and each initrd to a place of its own in `output_dir`. */
export function download(parameters: Parameters, network: Network): Downloads {
  if (parameters.url === '' && parameters.kernelUrl === '') {
    fail('nothing to fetch: neither url= nor kernel_url= is on the kernel command line')
  }
  let kernelFolder = ''
  let initrdFolders = ''
  let urlFolders = ''
  prepareOutput(parameters.outputDir)
  let urlNumber = 0
  for (const resource of split(parameters.url, ',')) {
    urlNumber += 1
    fetchTo(`url-${urlNumber}`, resource, parameters, network)
    urlFolders = `${urlFolders}${parameters.outputDir}/url-${urlNumber}\n`
  }
  if (parameters.kernelUrl !== '') {
    fetchTo('kernel', parameters.kernelUrl, parameters, network)
    kernelFolder = `${parameters.outputDir}/kernel`
  }
  let initrdNumber = 0
  for (const initrdMirrors of lines(parameters.initrdUrl)) {
    initrdNumber += 1
    fetchTo(`initrd-${initrdNumber}`, initrdMirrors, parameters, network)
    initrdFolders = `${initrdFolders}${parameters.outputDir}/initrd-${initrdNumber}\n`
  }
  remove(`${parameters.outputDir}/incoming`)
  reportFiles(parameters.outputDir)
  return { kernelFolder, initrdFolders, urlFolders }
}
