/** Which of the downloaded files is the kernel, and which are initrds. */

import { afterLast, fail, filesUnder, hexAt, lines, log } from '../api/machine.ts'
import type { Downloads } from './download.ts'

/** What later stages need to know of the files. */
export interface Roles {
  /** The next kernel's path; empty when none of the files is one. */
  kernel: string
  /** The initrds' paths, one a line, in the order in which they are joined. */
  initrds: string
  /** How many files are neither. */
  otherFiles: number
}

/** The one file below a folder. */
function onlyFile(roleFolder: string): string {
  const members = filesUnder(roleFolder)
  let only = ''
  for (const member of lines(members)) {
    if (only !== '') {
      fail(`${roleFolder}: several files where one was asked for; give them as url=`)
    }
    only = member
  }
  if (only === '') {
    fail(`${roleFolder}: nothing was downloaded`)
  }
  return only
}

/**
 * What a compressed file is, by its name: such a kernel is called vmlinuz or Image, and a root image says so. All
 * others are taken for initrds.
 */
function compressedKind(compressed: string): string {
  const fileName = afterLast(compressed, '/')
  if (fileName.includes('vmlinu') || fileName.includes('Image') || fileName.includes('kernel')) {
    return 'kernel'
  }
  if (
    fileName.includes('root') ||
    fileName.includes('.tar') ||
    fileName.includes('.iso') ||
    fileName.includes('disk')
  ) {
    return 'image'
  }
  return 'initrd'
}

/**
 * `kernel`, `initrd` or `image`, by the file's first bytes: the x86 boot protocol's "HdrS" at 0x202, arm64's "ARMd" at
 * 0x38, EFI's compressed "zimg"; newc's magic, and those of the compressions that the kernel unpacks.
 */
function kindOf(unknown: string): string {
  const setupHeader = hexAt(unknown, 514, 4)
  if (setupHeader === '48647253') {
    return 'kernel'
  }
  const armMagic = hexAt(unknown, 56, 4)
  if (armMagic === '41524d64') {
    return 'kernel'
  }
  const firstBytes = hexAt(unknown, 0, 8)
  // MZ, then "zimg" at 4.
  if (firstBytes.startsWith('4d5a') && firstBytes.endsWith('7a696d67')) {
    return 'kernel'
  }
  // newc: 070701, 070702.
  if (firstBytes.startsWith('3037303730')) {
    return 'initrd'
  }
  // gzip, xz, zstd, lz4, lzop, bzip2, lzma.
  if (
    firstBytes.startsWith('1f8b') ||
    firstBytes.startsWith('fd377a58') ||
    firstBytes.startsWith('28b52ffd') ||
    firstBytes.startsWith('02214c18') ||
    firstBytes.startsWith('894c5a4f') ||
    firstBytes.startsWith('425a68') ||
    firstBytes.startsWith('5d0000')
  ) {
    return compressedKind(unknown)
  }
  return 'image'
}

/**
 * `kernel_url` and `initrd_url` tell the roles of what they give. Without `kernel_url` they are found by content first
 * and name second, in the order in which the files were asked for.
 */
export function findRoles(downloads: Downloads): Roles {
  let kernel = ''
  let initrds = ''
  let otherFiles = 0
  if (downloads.kernelFolder !== '') {
    kernel = onlyFile(downloads.kernelFolder)
    for (const initrdFolder of lines(downloads.initrdFolders)) {
      const givenInitrd = onlyFile(initrdFolder)
      initrds = `${initrds}${givenInitrd}\n`
    }
    for (const unusedFolder of lines(downloads.urlFolders)) {
      log(`${unusedFolder}: not booted; kernel_url tells what is`)
    }
    return { kernel, initrds, otherFiles }
  }
  const folders = `${downloads.urlFolders}${downloads.initrdFolders}`
  let fileCount = 0
  for (const searchedFolder of lines(folders)) {
    const files = filesUnder(searchedFolder)
    for (const file of lines(files)) {
      const kind = kindOf(file)
      fileCount += 1
      if (fileCount <= 20) {
        log(`${file}: ${kind}, by its content`)
      }
      switch (kind) {
        case 'kernel':
          if (kernel !== '') {
            fail(`two kernels, ${kernel} and ${file}: say which one with kernel_url=`)
          }
          kernel = file
          break
        case 'initrd':
          initrds = `${initrds}${file}\n`
          break
        default:
          otherFiles += 1
          break
      }
    }
  }
  return { kernel, initrds, otherFiles }
}
