/**
 * cache=: a local partition keeps what was fetched. What lies there proves nothing: a file counts where it has the digest that this
 * boot wants, a piece where it has the torrent's. So a power cut may have torn it, and anybody may have written to it.
 */
import {
  after,
  areSame,
  before,
  consistsOf,
  copyFolder,
  deviceWith,
  exists,
  fail,
  filesUnder,
  freeKib,
  isDirectory,
  kibUnder,
  lines,
  linkTarget,
  log,
  makeDirectory,
  modprobe,
  mount,
  move,
  namesIn,
  readFile,
  remove,
  sleep,
  succeeds,
  unmount,
  uptime,
  wholeNumber,
  withoutPrefix,
  writeFile,
} from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'

const mountPoint = '/run/aria2-initrd/cache'
/**
 * There while the partition is mounted. Each entry is a folder NUMBER-ID-NAME: numbers of eight digits say which was used last,
 * the ID is the digest of the file, or of the torrent.
 */
export const cacheFolder = `${mountPoint}/aria2-initrd`
/** What is being written; a power cut leaves it behind. */
const unfinished = `${cacheFolder}/new`
/** The entries when the partition was mounted; those that this boot uses have another number then. */
const formerEntries = '/run/aria2-initrd/cache-before'
/** Seconds that a disk has to come to light, from when the network is up. */
const diskSeconds = 10

/** Refuses what names no partition. */
export function checkCache(named: string): void {
  const place = named.startsWith('/dev/') ? 'LABEL=' : named
  if (
    (!place.startsWith('LABEL=') && !place.startsWith('UUID=')) ||
    !consistsOf(named, 'A-Za-z0-9._:/=-') ||
    named.includes('..')
  ) {
    fail(`cache=${named}: not LABEL=NAME, UUID=DIGITS or /dev/NAME`)
  }
}

/** The partition's device, once it is there; nothing where it does not come. */
function partitionNamed(named: string): string {
  const deadline = uptime() + diskSeconds
  while (true) {
    let device = ''
    if (!named.startsWith('/')) {
      device = deviceWith(named)
    } else if (exists(named)) {
      device = named
    }
    if (device !== '' || uptime() >= deadline) {
      return device
    }
    sleep(1)
  }
}

/** Whether a name in the folder is that of an entry. */
function isEntry(folderName: string): boolean {
  const digits = before(folderName, '-')
  return digits.length === 8 && !digits.startsWith('0') && consistsOf(digits, '0-9')
}

/** One more than the highest, which stands last. */
function nextNumber(): number {
  let highest = '10000000'
  for (const entry of lines(namesIn(cacheFolder))) {
    if (isEntry(entry)) {
      highest = before(entry, '-')
    }
  }
  const newest = wholeNumber(highest)
  return newest + 1
}

/** What an entry is called by: the name alone. */
export function nameOfEntry(entry: string): string {
  const rest = after(entry, '-')
  return after(rest, '-')
}

/** The digest that an entry is kept under. */
export function idOfEntry(entry: string): string {
  const rest = after(entry, '-')
  return before(rest, '-')
}

/** The newest entry of an ID, or where none is given of a name; nothing where there is none. */
export function newestEntry(id: string, name: string): string {
  let newest = ''
  const wanted = id === '' ? name : id
  for (const entry of lines(namesIn(cacheFolder))) {
    const found = id === '' ? nameOfEntry(entry) : idOfEntry(entry)
    if (isEntry(entry) && wanted !== '' && found === wanted) {
      newest = entry
    }
  }
  return newest
}

/** Makes an entry the newest. */
export function useEntry(entry: string): void {
  const newNumber = nextNumber()
  const rest = after(entry, '-')
  move(`${cacheFolder}/${entry}`, `${cacheFolder}/${newNumber}-${rest}`)
}

/** Mounts the partition; a boot without it fetches all. Only the file system that is named is ever written to. */
export function openCache(parameters: Parameters): void {
  const named = `cache=${parameters.cachePartition}`
  const device = partitionNamed(parameters.cachePartition)
  if (device === '') {
    log(`${named}: not there after ${diskSeconds} s; nothing is kept`)
    return
  }
  // What is built in is no module, and then none is missing.
  succeeds(() => modprobe('-b', '-q', '--', 'ext4'))
  makeDirectory(mountPoint)
  const options = 'nosuid,nodev,noexec,noatime,errors=remount-ro'
  if (!succeeds(() => mount('-t', 'ext4', '-o', options, device, mountPoint))) {
    log(`${named}: ${device} cannot be mounted as ext4; nothing is kept`)
    return
  }
  if (linkTarget(cacheFolder) !== '' || !succeeds(() => makeDirectory(cacheFolder))) {
    log(`${named}: ${device} cannot be written to; nothing is kept`)
    succeeds(() => unmount(mountPoint))
    return
  }
  succeeds(() => remove(unfinished))
  const present = namesIn(cacheFolder)
  writeFile(formerEntries, present)
  const mebibytes = Math.trunc(freeKib(cacheFolder) / 1024)
  log(`${named}: ${device} has ${mebibytes} MiB free`)
}

/** Takes the partition away, with all that is to be written to it. */
export function closeCache(): void {
  if (isDirectory(cacheFolder) && !succeeds(() => unmount(mountPoint))) {
    log('cache=: still in use; what was kept last may be lost')
  }
}

/** Whether an entry has the files of a folder; what is no regular file there is not looked into. */
function hasFilesOf(entry: string, folder: string): boolean {
  const regular = filesUnder(`${cacheFolder}/${entry}`)
  const kept = `\n${regular}\n`
  for (const file of lines(filesUnder(folder))) {
    const path = withoutPrefix(file, `${folder}/`)
    const keptFile = `${cacheFolder}/${entry}/${path}`
    if (!kept.includes(`\n${keptFile}\n`) || !areSame(file, keptFile)) {
      return false
    }
  }
  return true
}

/** Removes entries of former boots, the oldest first, until there is room for so many KiB; none where that would not do. */
function makeRoom(needed: number): void {
  const formerNames = readFile(formerEntries)
  let former = ''
  let room = freeKib(cacheFolder)
  if (room >= needed) {
    return
  }
  for (const formerEntry of lines(formerNames)) {
    former = `${cacheFolder}/${formerEntry}`
    if (isEntry(formerEntry) && exists(former)) {
      room += kibUnder(former)
    }
  }
  if (room < needed) {
    fail(`cache=: no room: it takes ${needed} KiB, and at most ${room} KiB can be free`)
  }
  for (const formerEntry of lines(formerNames)) {
    former = `${cacheFolder}/${formerEntry}`
    if (freeKib(cacheFolder) < needed && isEntry(formerEntry) && exists(former)) {
      log(`cache=: ${nameOfEntry(formerEntry)} removed to make room`)
      remove(former)
    }
  }
}

/** Writes a folder's files beside the entries, and makes them one. */
function writeEntry(entry: string, folder: string): void {
  // A file system has some blocks for each file beside its bytes.
  const needed = kibUnder(folder) + 1024
  makeRoom(needed)
  remove(unfinished)
  copyFolder(folder, unfinished)
  move(unfinished, `${cacheFolder}/${entry}`)
}

/** Keeps what a folder has under an ID and a name. A boot that cannot do so goes on. */
export function keepFiles(id: string, name: string, folder: string): void {
  const present = newestEntry(id, '')
  if (present !== '') {
    if (hasFilesOf(present, folder)) {
      succeeds(() => useEntry(present))
      return
    }
    const damaged = `${cacheFolder}/${present}`
    succeeds(() => remove(damaged))
  }
  const newNumber = nextNumber()
  if (succeeds(() => writeEntry(`${newNumber}-${id}-${name}`, folder))) {
    log(`cache=: keeps ${name}`)
  } else {
    succeeds(() => remove(unfinished))
    log(`cache=: ${name} is not kept`)
  }
}
