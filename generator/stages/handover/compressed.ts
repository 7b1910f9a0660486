/** Files that gzip or xz has compressed: a kernel, or an image that is to be the root. */
import { remove, unpackFile } from '../api/machine.ts'

/** The program that unpacks a file, by its first six bytes in hex; `cat` where neither gzip nor xz has compressed it. */
export function unpackerFor(firstBytes: string): string {
  if (firstBytes.startsWith('1f8b')) {
    return 'zcat'
  } else if (firstBytes === 'fd377a585a00') {
    return 'xzcat'
  } else {
    return 'cat'
  }
}

/** Unpacks a file, which is gone then, with the program for it. */
export function unpackTo(inside: string, unpacker: string, file: string): void {
  if (unpacker === 'zcat') {
    unpackFile('zcat', file, inside)
  } else {
    unpackFile('xzcat', file, inside)
  }
  remove(file)
}
