/** Which of the downloaded files is the kernel, and which are initrds. */

import { afterLast, fail, filesUnder, hexAt, lines, log } from '../api/machine.ts'
import type { Downloads } from './download.ts'

/** What the files are for. */
export interface Roles {
  /** The next kernel's path; empty where there is none. */
  kernel: string
  /** The initrds' paths, one a line, in the order that joins them. */
  initrds: string
  /** How many files are neither. */
  otherFiles: number
}

/** The one file below a folder. */
function singleFile(folder: string): string {
  const files = filesUnder(folder)
  let found = ''
  for (const file of lines(files)) {
    if (found !== '') {
      fail(`${folder}: more than one file; use url= for several`)
    }
    found = file
  }
  if (found === '') {
    fail(`${folder}: no file was downloaded`)
  }
  return found
}

/**
 * What a compressed file is, by its name: a kernel is called vmlinuz or Image, and a root image says so. Anything else is
 * taken for an initrd.
 */
function compressedKind(file: string): string {
  const name = afterLast(file, '/')
  if (name.includes('vmlinu') || name.includes('Image') || name.includes('kernel')) {
    return 'kernel'
  }
  if (name.includes('root') || name.includes('.tar') || name.includes('.iso') || name.includes('disk')) {
    return 'image'
  }
  return 'initrd'
}

/**
 * `kernel`, `initrd` or `image`, by the file's first bytes: the x86 boot protocol's "HdrS" at 0x202, arm64's "ARMd" at
 * 0x38, EFI's compressed "zimg"; newc's magic, and those of the compressions that the kernel unpacks.
 */
function kindOf(file: string): string {
  const setupHeader = hexAt(file, 514, 4)
  if (setupHeader === '48647253') {
    return 'kernel'
  }
  const armMagic = hexAt(file, 56, 4)
  if (armMagic === '41524d64') {
    return 'kernel'
  }
  const firstBytes = hexAt(file, 0, 8)
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
    return compressedKind(file)
  }
  return 'image'
}

/**
 * The kernel and initrds: what kernel_url and initrd_url gave, or without kernel_url, those of all files, by content first
 * and name second, in the order in which they were requested.
 */
export function findRoles(downloads: Downloads): Roles {
  let kernel = ''
  let initrds = ''
  let otherFiles = 0
  if (downloads.kernelFolder !== '') {
    kernel = singleFile(downloads.kernelFolder)
    for (const folder of lines(downloads.initrdFolders)) {
      const file = singleFile(folder)
      initrds = `${initrds}${file}\n`
    }
    for (const folder of lines(downloads.urlFolders)) {
      log(`${folder}: not booted, since kernel_url is set`)
    }
    return { kernel, initrds, otherFiles }
  }
  const folders = `${downloads.urlFolders}${downloads.initrdFolders}`
  let count = 0
  for (const folder of lines(folders)) {
    const files = filesUnder(folder)
    for (const file of lines(files)) {
      const kind = kindOf(file)
      count += 1
      if (count <= 20) {
        log(`${file}: ${kind}, by its content`)
      }
      switch (kind) {
        case 'kernel':
          if (kernel !== '') {
            fail(`two kernels, ${kernel} and ${file}: choose one with kernel_url=`)
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
