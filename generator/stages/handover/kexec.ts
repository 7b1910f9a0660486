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
  let previous = ''
  for (const word of words(meminfo)) {
    if (previous === 'MemAvailable:') {
      return wholeNumber(word)
    }
    previous = word
  }
  return fail('/proc/meminfo does not tell MemAvailable')
}

/**
 * The initrds as one file, each at a multiple of four bytes, where the kernel looks for the next one. A file is removed
 * as soon as it is copied: memory holds only one of them twice.
 */
function joinInitrds(files: string, joined: string): string {
  let count = 0
  let last = ''
  for (const file of lines(files)) {
    count += 1
    last = file
  }
  if (count < 2) {
    return last
  }
  for (const file of lines(files)) {
    append(file, joined)
    padToWords(joined)
    remove(file)
  }
  return joined
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
    fail(`not enough memory: loading needs ${loadKib} KiB, ${available} KiB are free`)
  }
  if (!succeeds(() => kexec('-s', ...load))) {
    log('the kernel does not take kexec_file_load; trying kexec_load')
    kexec('-c', ...load)
  }
  log(`starting ${roles.kernel} with: ${parameters.nextKernelParams}`)
  kexec('-e')
  fail('kexec -e came back')
}
