/** The signed manifest: which files are booted, with which command line, and until when. ../../publish/manifest-text.ts writes it. */
import {
  after,
  afterLast,
  before,
  beforeLast,
  cmsVerify,
  exists,
  fail,
  fields,
  filesUnder,
  lastLineWith,
  lines,
  log,
  readFile,
  remove,
  setParameter,
  takeOver,
  wholeNumber,
  withoutPrefix,
  withoutSuffix,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { runAria2 } from '../fetch/aria2.ts'
import { makeIncoming } from '../fetch/aria2-status.ts'
import { singleFile } from '../fetch/roles.ts'
import { addressesIn } from '../fetch/url-list.ts'
import type { Network } from '../network/network.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { clockNow } from '../start/clock.ts'
import { manifestFile, valueIn } from './manifest-file.ts'
import { checkStart, takeStart } from './signed-start.ts'

/** What the image was built with: certificates, how many must have signed, the oldest serial. The command line has no say in it. */
const trustFolder = '/etc/aria2-initrd/trust'
/** Who signed it, or why that does not hold. */
const signersFile = '/run/aria2-initrd/signers'
/** There when a manifest may fit its signature the next time: one of both came before a change, or not at all. */
export const unfitMark = '/run/aria2-initrd/unfit'

/** An image with certificates boots what a manifest names and nothing else; one without cannot tell who signed. */
export function checkTrust(parameters: Parameters): void {
  if (!exists(trustFolder)) {
    if (parameters.manifest !== '') {
      fail('manifest=: this image trusts no certificate; build it with --trust')
    }
    return
  }
  if (parameters.manifest === '') {
    fail('this image boots only what a signed manifest names; give manifest=URL')
  }
  if (parameters.kernelSha !== '' || parameters.initrdSha !== '' || parameters.nextKernelParams !== '') {
    fail('kernel_sha=, initrd_sha= and next_kernel_params= are for the manifest to say')
  }
  if (parts.switchRoot && (parameters.bootWay === 'switch_root' || parameters.overlay !== '')) {
    fail('boot=switch_root and rd.overlay= are for the manifest to say')
  }
  if (parts.verity && parameters.rootHash !== '') {
    fail('roothash= is for the manifest to say')
  }
  if (parts.digestLists && (parameters.urlSha !== '' || parameters.digestList !== '')) {
    fail('sha= and sha256sums= are for the manifest to say')
  }
}

/** The day of `2027-03-01T00:00:00Z` as the number 20270301. */
function dayNumber(time: string): number {
  const day = before(time, 'T')
  const [year, month, dayOfMonth] = fields(day, '-')
  return wholeNumber(`${year}${month}${dayOfMonth}`)
}

/** The time of that day as the number 1000000, a 1 before its digits: both numbers are such that every shell counts with. */
function timeOfDay(time: string): number {
  const clockTime = after(time, 'T')
  const [hour, minute, seconds] = fields(clockTime, ':')
  const second = withoutSuffix(seconds, 'Z')
  return wholeNumber(`1${hour}${minute}${second}`)
}

/** Refuses what is out of date: a serial number that was replaced, or a manifest after its end. */
function checkAge(serial: number, notAfter: string, parameters: Parameters): void {
  let oldest = parameters.minSerial
  const builtIn = readFile(`${trustFolder}/min_serial`)
  const floor = wholeNumber(builtIn)
  if (floor > oldest) {
    oldest = floor
  }
  if (serial < oldest) {
    fail(`manifest: serial ${serial} was replaced; the oldest that counts is ${oldest}`)
  }
  const lastDay = dayNumber(notAfter)
  const lastTime = timeOfDay(notAfter)
  const clock = clockNow()
  const today = dayNumber(clock)
  const now = timeOfDay(clock)
  if (today > lastDay || (today === lastDay && now > lastTime)) {
    fail(`manifest: expired at ${notAfter}; by this machine's clock it is ${clock}`)
  }
}

/** A file's addresses beside the manifest, one for each of its mirrors, commas between them. */
function besideManifest(name: string, mirrors: string): string {
  let addresses = ''
  for (const mirror of lines(mirrors)) {
    const path = before(mirror, '?')
    const folder = beforeLast(path, '/')
    addresses = `${addresses},${folder}/${name}`
  }
  return withoutPrefix(addresses, ',')
}

/**
 * Takes what the manifest says into the parameters: digests and the command line; and where that names no places, those
 * beside the manifest.
 * @param mirror where this manifest came from
 */
function takeManifest(text: string, mirror: string, parameters: Parameters): void {
  const mirrors = addressesIn(parameters.manifest)
  let places = ''
  if (
    (!parts.fileRoles || parameters.urls === '') &&
    parameters.kernelUrl === '' &&
    parameters.initrdUrl === ''
  ) {
    places = 'beside'
  }
  let torrent = ''
  if (parts.bittorrent && parts.fileRoles && places !== '') {
    torrent = valueIn(text, 'torrent')
  }
  let images = ''
  let address = ''
  for (const line of lines(text)) {
    const listedName = afterLast(line, ' ')
    const front = beforeLast(line, ' ')
    const listedDigest = afterLast(front, ' ')
    switch (before(line, ' ')) {
      case 'kernel':
        setParameter(parameters, 'kernel_sha', listedDigest)
        if (places !== '' && torrent === '') {
          address = besideManifest(listedName, mirrors)
          setParameter(parameters, 'kernel_url', address)
        }
        break
      case 'initrd':
        setParameter(parameters, 'initrd_sha', listedDigest)
        if (places !== '' && torrent === '') {
          address = besideManifest(listedName, mirrors)
          setParameter(parameters, 'initrd_url', address)
        }
        break
      case 'image':
        address = besideManifest(listedName, mirror)
        images = `${images},${address}`
        break
    }
  }
  takeStart(text, parameters)
  const nextParameters = valueIn(text, 'next_kernel_params')
  setParameter(parameters, 'next_kernel_params', nextParameters)
  if (parts.inherit) {
    const inheritedNames = valueIn(text, 'inherit')
    setParameter(parameters, 'inherit', inheritedNames)
  }
  if (parts.fileRoles && torrent !== '') {
    address = besideManifest(torrent, mirror)
    setParameter(parameters, 'url', address)
  } else if (parts.fileRoles && places !== '' && images !== '') {
    address = withoutPrefix(images, ',')
    setParameter(parameters, 'url', address)
  }
}

/**
 * Compares a manifest with the signature beside it, and with its age; then it counts.
 * @param folder where the manifest is
 * @param mirror where it came from
 */
export function verifyManifest(
  folder: string,
  mirror: string,
  parameters: Parameters,
  network: Network,
): void {
  const file = singleFile(folder)
  const path = before(mirror, '?')
  const query = withoutPrefix(mirror, path)
  const signatureIncoming = `${parameters.outputDir}/incoming/signature`
  const signatureFolder = `${parameters.outputDir}/signature`
  writeFile(unfitMark, '')
  remove(signatureFolder)
  makeIncoming(signatureIncoming)
  runAria2('', `${path}.sig${query}`, signatureIncoming, '', 'false', parameters, network)
  takeOver(signatureIncoming, signatureFolder)
  const signature = singleFile(signatureFolder)
  const certificates: string[] = []
  for (const certificate of lines(filesUnder(`${trustFolder}/certificates`))) {
    certificates.push(certificate)
  }
  const needed = readFile(`${trustFolder}/needed`)
  const status = cmsVerify(needed, file, signature, ...certificates)
  remove(signatureFolder)
  const signers = lastLineWith(signersFile, '')
  if (status > 1 || signers === '') {
    fail(`${mirror}: cms-verify ended with status ${status}`)
  }
  if (signers !== 'the file is not the one that was signed') {
    remove(unfitMark)
  }
  if (status !== 0) {
    fail(`${mirror}: ${signers}`)
  }
  const text = readFile(file)
  if (before(text, '\n') !== 'aria2-initrd manifest 1') {
    fail(`${mirror}: signed, but not a manifest that this image can read`)
  }
  const serialText = valueIn(text, 'serial')
  const notAfter = valueIn(text, 'not-after')
  if (serialText === '' || notAfter === '') {
    fail(`${mirror}: signed, but without serial or not-after`)
  }
  const serial = wholeNumber(serialText)
  checkAge(serial, notAfter, parameters)
  checkStart(text)
  log(`${mirror}: signed by ${signers}; serial ${serial}, until ${notAfter}`)
  writeFile(manifestFile, text)
  takeManifest(text, mirror, parameters)
}
