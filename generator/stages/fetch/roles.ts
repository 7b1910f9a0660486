/** Which of the downloaded files is the kernel, and which are initrds. */

import { before, exists, fail, filesUnder, lines, log } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { manifestFile } from '../trust/manifest-file.ts'
import type { Downloads } from './downloads.ts'
import { verdictOn } from './file-kind.ts'

/** What the files are for. */
export interface Roles {
  /** The next kernel's path; empty where there is none. */
  kernel: string
  /** The initrds' paths, one a line, in the order that joins them. */
  initrds: string
  /** How many files are neither. */
  otherFiles: number
  /** Their paths, one a line. */
  imageFiles: string
}

/** The one file below a folder. */
export function singleFile(folder: string): string {
  const file = filesUnder(folder)
  if (file === '') {
    fail(`${folder}: no file was downloaded`)
  }
  if (file.includes('\n')) {
    if (!parts.fileRoles) {
      fail(`${folder}: more than one file`)
    }
    fail(`${folder}: more than one file; use url= for several`)
  }
  return file
}

/**
 * The kernel and initrds: what kernel_url and initrd_url gave{@part file-roles , or without kernel_url, those of all files: in the
 * order of the addresses, and those of one address in that of their names}.
 */
export function findRoles(downloads: Downloads): Roles {
  let kernel = ''
  let initrds = ''
  let otherFiles = 0
  let imageFiles = ''
  if (!parts.fileRoles || downloads.kernelFolder !== '') {
    kernel = singleFile(downloads.kernelFolder)
    for (const folder of lines(downloads.initrdFolders)) {
      const file = singleFile(folder)
      initrds = `${initrds}${file}\n`
    }
    for (const folder of lines(downloads.urlFolders)) {
      if (parts.signatures && exists(manifestFile)) {
        const signedImages = filesUnder(folder)
        if (signedImages !== '') {
          imageFiles = `${imageFiles}${signedImages}\n`
        }
      } else if (parts.fileRoles) {
        log(`${folder}: not booted, since kernel_url is set`)
      }
    }
    return { kernel, initrds, otherFiles, imageFiles }
  }
  const folders = `${downloads.urlFolders}${downloads.initrdFolders}`
  let count = 0
  for (const folder of lines(folders)) {
    for (const file of lines(filesUnder(folder))) {
      const verdict = verdictOn(file)
      count += 1
      if (count <= 20) {
        log(`${file}: ${verdict}`)
      }
      switch (before(verdict, ',')) {
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
          if (parts.images) {
            imageFiles = `${imageFiles}${file}\n`
          }
          break
      }
    }
  }
  return { kernel, initrds, otherFiles, imageFiles }
}
