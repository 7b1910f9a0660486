/** What the kernel parameters alone can tell: checked before the network is up. */
import { after, before, consistsOf, fail, lines, withoutPrefix, words } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { checkCache } from '../fetch/cache.ts'
import { checkPlaceholders } from '../fetch/placeholders.ts'
import { addressesIn } from '../fetch/url-list.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { checkTrust } from '../trust/boot-manifest.ts'
import { refuseWithout } from './left-out-parts.ts'
import { checkReports } from './reports.ts'

/** Refuses what is no digest in hex: sha256 has 64 digits, sha512 has 128; their names may stand before it. */
function checkDigest(name: string, digest: string): void {
  const kind = before(digest, ':', '')
  const hex = after(digest, ':')
  if (consistsOf(hex, '0-9a-fA-F')) {
    switch (`${kind} ${hex.length}`) {
      case ' 64':
      case 'sha256 64':
      case ' 128':
      case 'sha512 128':
        return
    }
  }
  fail(`${name}=${digest}: not a digest; use 64 (sha256) or 128 (sha512) hex digits`)
}

/** Refuses a comma-separated list with a URL that aria2 may not be given. */
function checkUrls(name: string, list: string): void {
  if (list.startsWith(',') || list.includes(',,')) {
    fail(`${name}=${list}: empty URL; check the commas`)
  }
  const addresses = addressesIn(list)
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
        fail('http_header: one is not written NAME: VALUE')
      }
    }
  }
  if (parts.proxy && parameters.proxy !== '') {
    if (!parameters.proxy.startsWith('http://')) {
      fail('proxy: not written http://[USER:PASSWORD@]HOST[:PORT]')
    }
    // Each line of aria2c's configuration is an option.
    if (parameters.proxy.includes('\n') || parameters.noProxy.includes('\n')) {
      fail('proxy, no_proxy: a newline is in one of them')
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
  if (parts.switchRoot && parameters.overlay !== '' && parameters.overlay !== 'tmpfs') {
    const limit = withoutPrefix(parameters.overlay, 'tmpfs:size=', ' ')
    if (limit === '' || !consistsOf(limit, '0-9kmgKMG%')) {
      fail(`rd.overlay=${parameters.overlay}: not tmpfs, nor like tmpfs:size=4G`)
    }
  }
  if (parts.verity && parameters.rootHash !== '') {
    if (!parts.switchRoot || parameters.bootWay !== 'switch_root') {
      fail('roothash= needs boot=switch_root; a next kernel takes next_kernel_params=')
    }
    checkDigest('roothash', parameters.rootHash)
  }
  if (parts.reports) {
    checkReports(parameters)
  }
  for (const option of words(parameters.aria2Options)) {
    checkOption(option)
  }
  checkUrls('url', parameters.urls)
  checkUrls('kernel_url', parameters.kernelUrl)
  if (parts.signatures) {
    checkUrls('manifest', parameters.manifest)
    checkTrust(parameters)
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
