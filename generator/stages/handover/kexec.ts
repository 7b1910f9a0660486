import {
  append,
  exists,
  fail,
  fileHasLine,
  filesUnder,
  hexAt,
  kexec,
  kexecLoad,
  lastLineWith,
  lines,
  log,
  padToWords,
  readFile,
  record,
  remove,
  start,
  stop,
  succeeds,
  withoutPrefix,
  withoutSuffix,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { refuseWithout } from '../start/command-line.ts'
import { endReports } from '../start/reports.ts'
import { unpackerFor, unpackTo } from './compressed.ts'
import { addImages, roomFor, rootFor } from './image-segments.ts'
import { inheritedBefore, phaseBefore } from './inherit.ts'
import {
  checkMemory,
  explainRefusal,
  largeInitrd,
  mebibytesOf,
  refuseLongLine,
  tellLoading,
} from './kexec-reports.ts'
import { microcodeFirst } from './microcode.ts'
import { addTimeline } from './next-timeline.ts'
import { isUki, takeUkiApart } from './uki.ts'

/** What kexec has said when it loaded. */
const kexecLog = '/run/aria2-initrd/kexec.log'
const noFileLoad = 'kexec_file_load failed: Function not implemented'

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

/** Loads kernel and initrd and jumps{@part file-roles ; returns where there is no kernel}. @param images for the next initramfs */
export function startNextKernel(parameters: Parameters, roles: Roles, images: string): void {
  if (parts.fileRoles && roles.kernel === '') {
    return
  }
  let nextFile = roles.kernel
  let initrd = roles.initrds
  let nextLine = parameters.nextKernelParams
  if (parts.unpacking) {
    const firstBytes = hexAt(nextFile, 0, 6)
    const unpacker = unpackerFor(firstBytes)
    if (unpacker !== 'cat') {
      nextFile = `${parameters.outputDir}/kernel.unpacked`
      unpackTo(nextFile, unpacker, roles.kernel)
    }
  }
  if (parts.uki && isUki(nextFile)) {
    const folder = `${parameters.outputDir}/uki`
    takeUkiApart(nextFile, folder)
    nextFile = `${folder}/linux`
    const ukiInitrds = filesUnder(`${folder}/initrds`)
    initrd = `${ukiInitrds}\n${initrd}`
    initrd = withoutPrefix(initrd, '\n')
    if (nextLine === '' && exists(`${folder}/cmdline`)) {
      nextLine = readFile(`${folder}/cmdline`)
    }
  }
  if (parts.inherit) {
    const inherited = inheritedBefore(nextLine, parameters)
    const phase = phaseBefore(nextLine, parameters)
    nextLine = `${phase}${inherited}${nextLine}`
  }
  if (parts.furtherInitrds && withoutSuffix(initrd, '\n').includes('\n')) {
    if (parts.microcode) {
      initrd = microcodeFirst(initrd)
    }
    if (!parts.severalInitrds) {
      refuseWithout('a second initrd', 'several-initrds')
    }
    joinFiles(initrd, `${parameters.outputDir}/initrds`)
    initrd = `${parameters.outputDir}/initrds`
  }
  initrd = withoutSuffix(initrd, '\n')
  if (parts.imageSegments && images !== '' && initrd !== '') {
    addImages(images, initrd, nextLine, parameters)
    const theImage = withoutSuffix(images, '\n')
    if (!theImage.includes('\n')) {
      const root = rootFor(theImage, nextLine, parameters)
      nextLine = `${root}${nextLine}`
    }
    const room = roomFor(initrd, nextLine, parameters)
    nextLine = `${room}${nextLine}`
  } else if (parts.fileRoles && roles.otherFiles > 0) {
    log(`${roles.otherFiles} other files are not handed over`)
  }
  if (parts.reports && parameters.nextTimeline !== '') {
    succeeds(() => addTimeline(initrd))
  }
  const load: string[] = ['-l', nextFile, `--command-line=${nextLine}`]
  if (initrd !== '') {
    load.push(`--initrd=${initrd}`)
  }
  if (parts.kexecReports) {
    checkMemory(nextFile, initrd)
    refuseLongLine(nextFile, nextLine)
  }
  let teller = 0
  if (parts.progress) {
    const mebibytes = mebibytesOf(initrd)
    if (mebibytes >= largeInitrd) {
      teller = start(() => tellLoading(mebibytes))
    }
  }
  const call = parts.kexecLoad && parameters.kexecCall === 'load' ? '-c' : '-s'
  let status = kexecLoad(call, ...load)
  if (!parts.kexecLoad && fileHasLine(kexecLog, noFileLoad)) {
    refuseWithout('kexec_load, for a kernel without kexec_file_load,', 'kexec-load')
  }
  if (parts.kexecLoad && status !== 0 && fileHasLine(kexecLog, noFileLoad)) {
    log('this kernel has no kexec_file_load; trying kexec_load')
    status = kexecLoad('-c', ...load)
  }
  if (parts.progress && teller > 0) {
    stop(teller)
  }
  if (status !== 0) {
    const refusal = lastLineWith(kexecLog, 'failed: \nCannot \nkilled ')
    if (parts.kexecReports) {
      explainRefusal(refusal, nextFile)
    }
    fail(`${nextFile}: ${refusal} (kexec status ${status})`)
  }
  log(`starting ${nextFile} with: ${nextLine}`)
  if (parts.reports) {
    record('handed-over', nextFile)
    // No longer: a next kernel that starts late is worse than an event that nobody hears of.
    endReports('0.08', parameters)
  }
  kexec('-e')
  fail('kexec -e returned')
}
