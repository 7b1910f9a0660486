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
  withoutSuffix,
  words,
} from '../api/machine.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** Available memory in KiB (proc_meminfo(5)). */
function memoryAvailable(): number {
  const meminfo = readFile('/proc/meminfo')
  let previous = ''
  for (const word of words(meminfo)) {
    if (previous === 'MemAvailable:') {
      return wholeNumber(word)
    }
    previous = word
  }
  return fail('/proc/meminfo has no MemAvailable')
}

/**
 * Joins files, each at a multiple of four bytes, where the kernel looks for it. Each is removed as soon as it is copied:
 * memory holds one of them twice.
 */
function joinFiles(files: string, joined: string): void {
  for (const file of lines(files)) {
    append(file, joined)
    padToWords(joined)
    remove(file)
  }
}

/** Loads kernel and initrd and jumps; returns where there is no kernel. */
export function startNextKernel(parameters: Parameters, roles: Roles): void {
  if (roles.kernel === '') {
    return
  }
  let initrd = withoutSuffix(roles.initrds, '\n')
  if (initrd.includes('\n')) {
    initrd = `${parameters.outputDir}/initrds`
    joinFiles(roles.initrds, initrd)
  }
  let loadBytes = sizeOf(roles.kernel)
  const load: string[] = ['-l', roles.kernel, `--command-line=${parameters.nextKernelParams}`]
  if (initrd !== '') {
    const initrdBytes = sizeOf(initrd)
    loadBytes += initrdBytes
    load.push(`--initrd=${initrd}`)
  }
  const loadKib = Math.trunc(loadBytes / 1024)
  const available = memoryAvailable()
  if (loadKib > available) {
    fail(`not enough memory: loading needs ${loadKib} KiB, ${available} KiB are free`)
  }
  if (!succeeds(() => kexec('-s', ...load))) {
    log('kexec_file_load failed; trying kexec_load')
    kexec('-c', ...load)
  }
  log(`starting ${roles.kernel} with: ${parameters.nextKernelParams}`)
  kexec('-e')
  fail('kexec -e returned')
}
