/** The files that the command line asks for, each from the first address that gives it. */
import { checkOption, fetchBesideSwarm, fetchFrom } from './aria2.ts'
import {
  before,
  consistsOf,
  entries,
  fail,
  filesUnder,
  lines,
  log,
  makeDirectory,
  mount,
  sleep,
  split,
  succeeds,
  words,
} from './machine.ts'
import type { Network } from './network.ts'
import type { Parameters } from './parameters.ts'

/** Makes `output_dir` a tmpfs of its own, so that a file too large is an error and never takes all memory. */
function prepareOutput(outputFolder: string): void {
  if (!outputFolder.startsWith('/')) {
    fail(`output_dir=${outputFolder}: wants a path from the root, like /tmp`)
  }
  makeDirectory(outputFolder)
  const present = entries(outputFolder)
  if (present !== '') {
    fail(`output_dir=${outputFolder}: there are files in it; name a new folder`)
  }
  mount('-t', 'tmpfs', '-o', 'nosuid,nodev,size=75%', 'tmpfs', outputFolder)
}

/** Ends the stage when an address is none that aria2 may be given. */
function checkAddress(address: string): void {
  if (
    !address.startsWith('http://') &&
    !address.startsWith('https://') &&
    !address.startsWith('ftp://') &&
    !address.startsWith('magnet:?')
  ) {
    fail(`'${address}' is no address to fetch: want http://, https://, ftp://, magnet:?`)
  }
}

/** One file, or all that a torrent or a Metalink names, from the first mirror that works. Goes round until `retries`. */
function fetchFile(mirrors: string, target: string, parameters: Parameters, network: Network): void {
  for (const candidate of split(mirrors, ',')) {
    checkAddress(candidate)
  }
  let round = 1
  let pause = 1
  while (true) {
    for (const mirror of split(mirrors, ',')) {
      log(`fetching ${mirror}`)
      if (succeeds(() => fetchFrom(mirror, target, parameters, network))) {
        return
      }
      const mirrorPath = before(mirror, '?')
      if (
        mirrorPath.endsWith('.torrent') &&
        succeeds(() => fetchBesideSwarm(mirror, target, parameters, network))
      ) {
        return
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

/** Fetches everything: `url` into output_dir, the kernel and each initrd into folders of their own below it. */
export function download(parameters: Parameters, network: Network): void {
  if (parameters.url === '' && parameters.kernelUrl === '') {
    fail('nothing to fetch: neither url= nor kernel_url= is on the kernel command line')
  }
  if (!consistsOf(parameters.seedRatio, '0-9.')) {
    fail(`seed_ratio=${parameters.seedRatio}: wants a number like 1.5`)
  }
  for (const givenOption of words(parameters.aria2Options)) {
    checkOption(givenOption)
  }
  prepareOutput(parameters.outputDir)
  for (const resource of split(parameters.url, ',')) {
    fetchFile(resource, parameters.outputDir, parameters, network)
  }
  if (parameters.kernelUrl !== '') {
    fetchFile(parameters.kernelUrl, `${parameters.outputDir}/kernel`, parameters, network)
  }
  let initrdNumber = 0
  for (const initrdMirrors of lines(parameters.initrdUrl)) {
    initrdNumber += 1
    fetchFile(initrdMirrors, `${parameters.outputDir}/initrd-${initrdNumber}`, parameters, network)
  }
  const arrived = filesUnder(parameters.outputDir)
  if (arrived === '') {
    fail('aria2 ended well and fetched nothing: is that what aria2_options= asks for?')
  }
  for (const arrivedFile of lines(arrived)) {
    log(`have ${arrivedFile}`)
  }
}
