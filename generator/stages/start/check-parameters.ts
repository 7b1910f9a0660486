/** What the kernel parameters alone can tell: checked before the network is up. */
import {
  after,
  before,
  consistsOf,
  fail,
  lines,
  withoutPrefix,
  withoutSuffix,
  words,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { checkCache } from '../fetch/cache.ts'
import { checkPlaceholders } from '../fetch/placeholders.ts'
import { addressesIn } from '../fetch/url-list.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { checkTrust } from '../trust/boot-manifest.ts'
import { checkDigest } from '../trust/digest.ts'
import { refuseWithout } from './command-line.ts'
import { checkReports } from './reports.ts'
import { checkLayer, checkRootHash } from './root-start.ts'

/** Refuses a comma-separated list with a URL that aria2 may not be given. */
function checkUrls(name: string, list: string): void {
  if (list.startsWith(',') || list.includes(',,')) {
    fail(`${name}=${list}: empty URL; check the commas`)
  }
  if (
    !parts.mirrors &&
    (!parts.fileRoles || name !== 'url') &&
    (!parts.bittorrent || !list.startsWith('magnet:')) &&
    list.includes(',')
  ) {
    refuseWithout(`${name}=${list}`, 'mirrors')
  }
  const addresses = parts.addressLists ? addressesIn(list) : list
  for (const url of lines(addresses)) {
    const path = before(url, '?')
    if (!parts.bittorrent && (path.endsWith('.torrent') || path.startsWith('magnet:'))) {
      refuseWithout(url, 'bittorrent')
    }
    if (
      parts.bittorrent &&
      path.startsWith('magnet:') &&
      url.includes('urn:btmh:') &&
      !url.includes('urn:btih:')
    ) {
      fail(`'${url}': a torrent of version 2 alone; use a hybrid one`)
    }
    if (!parts.metalink && (path.endsWith('.meta4') || path.endsWith('.metalink'))) {
      refuseWithout(url, 'metalink')
    }
    if (!parts.ftp && url.startsWith('ftp://')) {
      refuseWithout(url, 'ftp')
    }
    if (parts.placeholders) {
      checkPlaceholders(url)
    }
    if (
      !url.startsWith('http://') &&
      !url.startsWith('https://') &&
      (!parts.ftp || !url.startsWith('ftp://')) &&
      (!parts.bittorrent || !url.startsWith('magnet:?'))
    ) {
      if (parts.bittorrent && parts.ftp) {
        fail(`'${url}' is not a supported URL; use http://, https://, ftp:// or magnet:?`)
      } else if (parts.bittorrent) {
        fail(`'${url}' is not a supported URL; use http://, https:// or magnet:?`)
      } else if (parts.ftp) {
        fail(`'${url}' is not a supported URL; use http://, https:// or ftp://`)
      } else {
        fail(`'${url}' is not a supported URL; use http:// or https://`)
      }
    }
  }
}

/**
 * Refuses a word of aria2_options that would move files, run a program or open a door, and beginnings of one: aria2 takes
 * them for the whole (getopt_long).
 */
function checkOption(option: string): void {
  if (!option.startsWith('--')) {
    fail(`aria2_options: '${option}' is not an option; write --name=value`)
  }
  const text = withoutPrefix(option, '--')
  const name = before(text, '=')
  if (name.startsWith('on-') || name.startsWith('save-') || name.startsWith('rpc-')) {
    fail(`aria2_options: --${name} is not allowed`)
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
    'proven-list',
    'server-stat-of',
    'stop-with-process',
  ]) {
    if (refused.startsWith(name)) {
      fail(`aria2_options: --${name} is not allowed`)
    }
  }
}

function isDigits(text: string): boolean {
  return text !== '' && consistsOf(text, '0-9')
}

/** Ends the boot where the command line cannot lead to a good one. */
export function checkParameters(parameters: Parameters): void {
  if (parts.signatures) {
    checkUrls('manifest', parameters.manifest)
    checkTrust(parameters)
  }
  if (!parameters.outputDir.startsWith('/')) {
    fail(`output_dir=${parameters.outputDir}: not an absolute path`)
  }
  if (parts.bittorrent) {
    // Without a dot both are the whole text.
    if (!isDigits(before(parameters.seedRatio, '.')) || !isDigits(after(parameters.seedRatio, '.'))) {
      fail(`seed_ratio=${parameters.seedRatio}: not a number; use one like 1.5`)
    }
  }
  if (parts.httpHeaders) {
    for (const header of lines(parameters.headers)) {
      if (!header.includes(': ')) {
        fail('http_header: not of the form NAME: VALUE')
      }
    }
  }
  if (parts.proxy && parameters.proxy !== '') {
    if (!parameters.proxy.startsWith('http://')) {
      fail('proxy: not of the form http://[USER:PASSWORD@]HOST[:PORT]')
    }
    // Each line of aria2c's configuration is an option.
    if (parameters.proxy.includes('\n') || parameters.noProxy.includes('\n')) {
      fail('proxy, no_proxy: a newline is not allowed')
    }
  }
  if (parts.connections) {
    if (parameters.connections < 1 || parameters.connections > 16) {
      fail(`connections=${parameters.connections}: not 1 to 16`)
    }
  }
  if (parts.cache && parameters.cachePartition !== '') {
    checkCache(parameters.cachePartition)
  }
  if (parts.imageSegments && parameters.imageDest !== '') {
    const path = withoutPrefix(parameters.imageDest, '/', ' ')
    if (path.includes('//') || path.includes('..') || !consistsOf(path, 'A-Za-z0-9._+/-')) {
      fail(`image_dest=${parameters.imageDest}: not a path like /images/root.img`)
    }
  }
  if (parts.switchRoot) {
    checkLayer(parameters.overlay)
  }
  if (parts.verity) {
    checkRootHash(parts.switchRoot ? parameters.bootWay : '', parameters.rootHash)
  }
  if (parts.reports) {
    checkReports(parameters)
  }
  if (parts.aria2Options) {
    for (const option of words(parameters.aria2Options)) {
      checkOption(option)
    }
  }
  if (parts.fileRoles) {
    checkUrls('url', parameters.urls)
  }
  checkUrls('kernel_url', parameters.kernelUrl)
  if (!parts.severalInitrds && withoutSuffix(parameters.initrdUrl, '\n').includes('\n')) {
    refuseWithout('a second initrd_url=', 'several-initrds')
  }
  for (const mirrors of lines(parameters.initrdUrl)) {
    checkUrls('initrd_url', mirrors)
  }
  if (parameters.kernelSha !== '') {
    checkDigest('kernel_sha', parameters.kernelSha)
  }
  for (const digest of lines(parameters.initrdSha)) {
    checkDigest('initrd_sha', digest)
  }
  if (parts.digestLists) {
    for (const digest of lines(parameters.urlSha)) {
      checkDigest('sha', digest)
    }
    checkUrls('sha256sums', parameters.digestList)
  }
}
