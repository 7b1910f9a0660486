/** Digests in a list: what sha256sum(1) writes. */
import {
  after,
  afterLast,
  before,
  fail,
  filesUnder,
  lines,
  lowerCase,
  readFile,
  remove,
  sha256sum,
  sizeOf,
  withoutFirst,
  withoutPrefix,
} from '../api/machine.ts'
import { singleFile } from '../fetch/roles.ts'

/** The list, once it has come: only root can write to it. */
export const listFile = '/run/aria2-initrd/sha256sums'
/** Bytes of a list: 8,000 files. */
const listLimit = 1000000

/** Refuses a list that nobody would write. @param folder where it came */
export function checkList(folder: string): void {
  const file = singleFile(folder)
  const size = sizeOf(file)
  if (size > listLimit) {
    fail(`sha256sums: ${size} bytes are too long for a list`)
  }
}

/**
 * Refuses and removes files that the list does not have with the digest that they have. A name of the list is a file's path below
 * its folder, or the last part of both is the same.
 */
export function verifyListed(folder: string): void {
  const list = readFile(listFile)
  for (const file of lines(filesUnder(folder))) {
    const path = withoutPrefix(file, `${folder}/`)
    const baseName = afterLast(path, '/')
    const got = sha256sum(file)
    let entry = ''
    let isListed = ''
    for (const line of lines(list)) {
      const listedDigest = before(line, ' ')
      const marked = after(line, ' ', '')
      // A blank stands before the name of a text, an asterisk before that of a binary file.
      const listedName = withoutFirst(marked)
      if (listedName === path || afterLast(listedName, '/') === baseName) {
        entry = lowerCase(listedDigest)
        if (entry === got) {
          isListed = 'yes'
        }
      }
    }
    if (isListed === '') {
      remove(file)
      if (entry === '') {
        fail(`${file}: not in sha256sums`)
      }
      fail(`${file}: wrong digest: sha256sums has ${entry}, got ${got}`)
    }
  }
}
