/** A file and its digest. */
import { after, fail, lowerCase, remove, sha256sum, sha512sum } from '../api/machine.ts'
import { singleFile } from '../fetch/roles.ts'

/** The digest of a file in hex, of the wanted one's kind, told by its length. */
export function digestLike(file: string, wanted: string): string {
  switch (wanted.length) {
    case 64:
      return sha256sum(file)
    case 128:
      return sha512sum(file)
    default:
      return fail(`'${wanted}' is not a digest`)
  }
}

/** Refuses and removes a file with another digest, and where none is given. */
export function verifyFile(file: string, name: string, digest: string): void {
  if (digest === '') {
    fail(`${file}: no ${name}=; once one digest is given, every booted file needs one`)
  }
  const hex = after(digest, ':')
  const wanted = lowerCase(hex)
  const got = digestLike(file, wanted)
  if (got !== wanted) {
    remove(file)
    fail(`${file}: wrong digest: wanted ${wanted}, got ${got}`)
  }
}

/** Compares the one file of a folder with its digest, while there are other mirrors to ask. */
export function verifyFolder(folder: string, name: string, digest: string): void {
  const file = singleFile(folder)
  verifyFile(file, name, digest)
}
