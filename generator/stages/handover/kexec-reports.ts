/** Why no kernel was loaded, in words: by kexec's errno, the kernel's own settings, and what the file is. */

import { afterLast, attribute, fail, hexAt, log, mount, sizeOf, sleep, succeeds } from '../api/machine.ts'
import { memoryIn } from '../fetch/room.ts'
import { longAt } from './uki.ts'

/** What a file is that this kernel does not take, by its first bytes, and what it would need. */
function foreignKind(file: string): string {
  const armMagic = hexAt(file, 56, 4)
  const firstBytes = hexAt(file, 0, 4)
  const magic = `${firstBytes} ${armMagic}`
  const architecture = attribute('/proc/sys/kernel/arch')
  if (magic.endsWith(' 41524d64')) {
    return `it is for arm64, and this machine is ${architecture}`
  } else if (magic.startsWith('4d5a')) {
    return `it is an EFI program, and no kernel for ${architecture}`
  } else if (magic.startsWith('28b52ffd')) {
    return 'it is compressed with zstd, which nothing here unpacks'
  } else {
    return `it is no kernel for ${architecture}`
  }
}

/** What forbids kexec: lockdown (kernel_lockdown(7)), or somebody who has switched it off. */
function prohibition(): string {
  const lockdown = attribute('/sys/kernel/security/lockdown')
  if (lockdown !== '' && !lockdown.startsWith('[none]')) {
    return `lockdown (${lockdown}) takes signed kernels alone, and no kexec_load`
  }
  if (attribute('/proc/sys/kernel/kexec_load_disabled') === '1') {
    return 'kexec is switched off (kernel.kexec_load_disabled=1)'
  }
  return 'the kernel forbids kexec'
}

/** The cause of an error of kexec, in words. */
function causeOf(error: string, file: string): string {
  switch (error) {
    case 'Operation not permitted':
      return prohibition()
    case 'No data available':
    case 'Required key not available':
    case 'Key was rejected by service':
    case 'Bad message':
      return 'it lacks a signature that this kernel trusts'
    case 'Out of memory':
      return 'the machine has too little memory for the copies that kexec makes'
    case 'Exec format error':
    case 'Invalid argument':
    case 'Not supported':
      return foreignKind(file)
    case 'kexec killed after 180 s':
      return 'there was too little memory, or too little time'
    default:
      return 'kexec does not take it'
  }
}

/** Ends the boot with what the refusal means. */
export function explainRefusal(refusal: string, nextFile: string): never {
  const error = afterLast(refusal, ': ')
  if (error === 'Operation not permitted') {
    succeeds(() => mount('-t', 'securityfs', 'securityfs', '/sys/kernel/security'))
  }
  // kexec itself looks at the file first.
  if (refusal.startsWith('Cannot determine')) {
    const kind = foreignKind(nextFile)
    fail(`${refusal}: ${kind}`)
  }
  const cause = causeOf(error, nextFile)
  return fail(`${nextFile}: ${refusal}: ${cause}`)
}

/**
 * Refuses what memory does not hold. kexec reads the kernel and hands on a copy; the kernel reads that and the initrd, and
 * copies both to where they belong. With a kernel of 12 MB and an initrd of 157 MB 380,000 KiB were too few, 410,000 enough
 * (Linux 6.12, QEMU): 32 MiB more than the copies.
 */
export function checkMemory(nextFile: string, nextInitrd: string): void {
  const kernelBytes = sizeOf(nextFile)
  let loadBytes = 33554432 + kernelBytes * 4
  if (nextInitrd !== '') {
    const initrdBytes = sizeOf(nextInitrd)
    loadBytes += initrdBytes * 2
  }
  const loadKib = Math.trunc(loadBytes / 1024)
  const available = memoryIn('MemAvailable')
  if (loadKib > available) {
    fail(`not enough memory: kexec needs ${loadKib} KiB for its copies, ${available} KiB are free`)
  }
}

/** From so many MiB on, loading takes seconds. */
export const largeInitrd = 64

/** What an initrd has, in whole MiB; 0 where there is none. */
export function mebibytesOf(nextInitrd: string): number {
  if (nextInitrd === '') {
    return 0
  }
  const loadedBytes = sizeOf(nextInitrd)
  return Math.trunc(loadedBytes / 1048576)
}

/** Says every five seconds that a large initrd is being loaded: kexec itself says nothing, and ends after three minutes. */
export function tellLoading(mebibytes: number): void {
  let loadSeconds = 0
  while (loadSeconds < 180) {
    log(`loading an initrd of ${mebibytes} MiB: ${loadSeconds} s`)
    sleep(5)
    loadSeconds += 5
  }
}

/**
 * Refuses a command line that is longer than an x86 kernel takes: its setup header says how much (cmdline_size at 0x238,
 * boot protocol 2.06).
 */
export function refuseLongLine(nextFile: string, line: string): void {
  const setupMagic = hexAt(nextFile, 514, 4)
  if (setupMagic !== '48647253') {
    return
  }
  const limit = longAt(nextFile, 568)
  if (limit > 0 && line.length > limit) {
    fail(`the next command line has ${line.length} bytes, and ${nextFile} takes ${limit}`)
  }
}
