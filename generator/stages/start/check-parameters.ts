/** What can be told of the kernel parameters alone, before the network is up. */
import { before, consistsOf, fail, lines, split, withoutPrefix, words } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** Ends the stage when a digest is none. The length tells its kind (FIPS 180-4). */
function checkDigest(digestName: string, digest: string): void {
  if (consistsOf(digest, '0-9a-fA-F')) {
    switch (digest.length) {
      case 64:
      case 128:
        return
    }
  }
  fail(`${digestName}=${digest} is no digest: sha256 has 64 hex digits, sha512 has 128`)
}

/** Ends the stage where something is asked for that a site has left out. */
export function refuseWithout(leftOut: string, part: string): never {
  return fail(`${leftOut} is not in this image: built --without ${part}`)
}

/** Ends the stage when one of several addresses is none that aria2 may be given. */
function checkAddresses(addressesName: string, addresses: string): void {
  for (const address of split(addresses, ',')) {
    if (address === '') {
      fail(`${addressesName}=${addresses}: there is an empty address; is there a comma too many?`)
    }
    const addressPath = before(address, '?')
    if (!parts.bittorrent && (addressPath.endsWith('.torrent') || addressPath.startsWith('magnet:'))) {
      refuseWithout(address, 'bittorrent')
    }
    if (!parts.metalink && (addressPath.endsWith('.meta4') || addressPath.endsWith('.metalink'))) {
      refuseWithout(address, 'metalink')
    }
    if (
      !address.startsWith('http://') &&
      !address.startsWith('https://') &&
      !address.startsWith('ftp://') &&
      (!parts.bittorrent || !address.startsWith('magnet:?'))
    ) {
      fail(`'${address}' is no address to fetch: want http://, https://, ftp://, magnet:?`)
    }
  }
}

/**
 * Ends the stage when a word of `aria2_options` would move our files, run a program or open a door to others. aria2 takes the beginning of an
 * option's name for the option (getopt_long), so the beginnings of refused names are refused too.
 */
function checkOption(option: string): void {
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

/** Ends the boot when what is on the command line cannot end well. */
export function checkParameters(parameters: Parameters): void {
  checkAddresses('url', parameters.url)
  checkAddresses('kernel_url', parameters.kernelUrl)
  for (const initrdAddresses of lines(parameters.initrdUrl)) {
    checkAddresses('initrd_url', initrdAddresses)
  }
  if (parameters.kernelSha !== '') {
    checkDigest('kernel_sha', parameters.kernelSha)
  }
  for (const givenDigest of lines(parameters.initrdSha)) {
    checkDigest('initrd_sha', givenDigest)
  }
  if (!parameters.outputDir.startsWith('/')) {
    fail(`output_dir=${parameters.outputDir}: wants a path from the root, like /tmp`)
  }
  if (parts.bittorrent && !consistsOf(parameters.seedRatio, '0-9.')) {
    fail(`seed_ratio=${parameters.seedRatio}: wants a number like 1.5`)
  }
  for (const givenOption of words(parameters.aria2Options)) {
    checkOption(givenOption)
  }
}
