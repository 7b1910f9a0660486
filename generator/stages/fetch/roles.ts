/** Which of the downloaded files is the kernel, and which are initrds. */

import { afterLast, fail, filesUnder, hexAt, lines, log, namesIn } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Downloads } from './downloads.ts'

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
export function singleFile(folder: string): string {
  const file = filesUnder(folder)
  if (file === '') {
    fail(`${folder}: no file was downloaded`)
  }
  if (file.includes('\n')) {
    fail(`${folder}: more than one file; use url= for several`)
  }
  return file
}

/**
 * What a compressed file is, by its name: a kernel, a root image, or else an initrd.
 */
function compressedKind(file: string): string {
  const name = afterLast(file, '/')
  if (name.includes('vmlinu') || name.includes('Image') || name.includes('kernel')) {
    return 'kernel'
  } else if (
    name.includes('root') ||
    name.includes('.tar') ||
    name.includes('.iso') ||
    name.includes('disk')
  ) {
    return 'image'
  } else {
    return 'initrd'
  }
}

/**
 * `kernel`, `initrd` or `image`, by the first bytes: x86's "HdrS" at 0x202, arm64's "ARMd" at 0x38, EFI's MZ and zimg;
 * newc's 07070; gzip, xz, zstd, lz4, lzop, bzip2, lzma.
 */
function kindOf(file: string): string {
  const firstBytes = hexAt(file, 0, 5)
  const dosMagic = hexAt(file, 0, 2)
  const imageType = hexAt(file, 4, 4)
  const armMagic = hexAt(file, 56, 4)
  const setupHeader = hexAt(file, 514, 4)
  const magic = `${firstBytes} ${dosMagic}${imageType} ${armMagic} ${setupHeader}`
  if (magic.endsWith(' 48647253') || magic.includes(' 41524d64 ') || magic.includes(' 4d5a7a696d67 ')) {
    return 'kernel'
  } else if (magic.startsWith('3037303730')) {
    return 'initrd'
  } else if (
    magic.startsWith('1f8b') ||
    magic.startsWith('fd377a58') ||
    magic.startsWith('28b52ffd') ||
    magic.startsWith('02214c18') ||
    magic.startsWith('894c5a4f') ||
    magic.startsWith('425a68') ||
    magic.startsWith('5d0000')
  ) {
    return compressedKind(file)
  } else {
    return 'image'
  }
}

/**
 * The kernel and initrds: what kernel_url and initrd_url gave, or without kernel_url, those of all files, by content and
 * then name, in order.
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
      if (!parts.signatures || namesIn(folder) !== '') {
        log(`${folder}: not booted, since kernel_url is set`)
      }
    }
    return { kernel, initrds, otherFiles }
  }
  const folders = `${downloads.urlFolders}${downloads.initrdFolders}`
  let count = 0
  for (const folder of lines(folders)) {
    for (const file of lines(filesUnder(folder))) {
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
