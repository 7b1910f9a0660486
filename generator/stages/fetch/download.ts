/** Fetches what is asked for, each file from the first URL that gives it. */

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
import { fetchBesideSwarm, makeIncoming, runAria2 } from './aria2.ts'
import { swarmStall } from './swarm-profile.ts'

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
 * Makes output_dir a tmpfs of its own, so that no file takes all memory. Only root writes to it; aria2c writes below
 * `incoming`.
 */
export function prepareOutput(folder: string): void {
  makeDirectory(folder)
  if (namesIn(folder) !== '') {
    fail(`output_dir=${folder}: not empty; name a new folder`)
  }
  mount('-t', 'tmpfs', '-o', 'nosuid,nodev,mode=0755,size=75%', 'tmpfs', folder)
}

/**
 * Fetches from the first mirror that works, and asks all of them again until retries. A try starts with an empty folder,
 * or the same torrent's pieces.
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
      if (succeeds(() => runAria2('', mirror, incoming, 'mem', swarmStall, parameters, network))) {
        return
      }
      if (parts.bittorrent) {
        triedTorrent = ''
        if (before(mirror, '?').endsWith('.torrent')) {
          if (succeeds(() => fetchBesideSwarm(mirror, incoming, parameters, network))) {
            return
          }
          triedTorrent = mirror
        } else if (before(mirror, '?').startsWith('magnet:')) {
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

/** Fetches each URL of url, the kernel and each initrd to a folder of its own. */
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
  // The first twenty by name.
  let count = 0
  for (const file of lines(filesUnder(parameters.outputDir))) {
    count += 1
    if (count <= 20) {
      log(`have ${file}`)
    }
  }
  if (count > 20) {
    log(`have ${count} files in all`)
  }
  return { kernelFolder, initrdFolders, urlFolders }
}
