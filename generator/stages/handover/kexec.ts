import {
  append,
  fail,
  kexec,
  lines,
  log,
  padToWords,
  readFile,
  remove,
  sizeOf,
  succeeds,
  wholeNumber,
  words,
} from '../api/machine.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** Memory that the kernel can still give out, in KiB (proc_meminfo(5)). */
function memoryAvailable(): number {
  const meminfo = readFile('/proc/meminfo')
  let previousWord = ''
  for (const meminfoWord of words(meminfo)) {
    if (previousWord === 'MemAvailable:') {
      return wholeNumber(meminfoWord)
    }
    previousWord = meminfoWord
  }
  return fail('/proc/meminfo does not tell MemAvailable')
}

/**
 * The initrds as one file, each at a multiple of four bytes, where the kernel looks for the next one. A file is removed
 * as soon as it is copied: memory holds only one of them twice.
 */
function joinInitrds(parts: string, joinedFile: string): string {
  let count = 0
  let lastPart = ''
  for (const part of lines(parts)) {
    count += 1
    lastPart = part
  }
  if (count < 2) {
    return lastPart
  }
  for (const segment of lines(parts)) {
    append(segment, joinedFile)
    padToWords(joinedFile)
    remove(segment)
  }
  return joinedFile
}

/** Loads kernel and initrd and jumps. Returns only where there is no kernel to start. */
export function startNextKernel(parameters: Parameters, roles: Roles): void {
  if (roles.kernel === '') {
    return
  }
  const initrdFile = joinInitrds(roles.initrds, `${parameters.outputDir}/initrds`)
  let loadBytes = sizeOf(roles.kernel)
  const load: string[] = ['-l', roles.kernel, `--command-line=${parameters.nextKernelParams}`]
  if (initrdFile !== '') {
    const initrdBytes = sizeOf(initrdFile)
    loadBytes += initrdBytes
    load.push(`--initrd=${initrdFile}`)
  }
  const loadKib = Math.trunc(loadBytes / 1024)
  const available = memoryAvailable()
  if (loadKib > available) {
    fail(`kernel and initrd need ${loadKib} KiB more to be loaded; ${available} KiB are available`)
  }
  if (!succeeds(() => kexec('-s', ...load))) {
    log('the kernel does not take kexec_file_load; trying kexec_load')
    kexec('-c', ...load)
  }
  log(`starting ${roles.kernel} with: ${parameters.nextKernelParams}`)
  kexec('-e')
  fail('kexec -e came back')
}
