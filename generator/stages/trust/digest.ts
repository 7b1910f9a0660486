/** A file and its digest. */
import { after, before, consistsOf, fail, lowerCase, remove, sha256sum, sha512sum } from '../api/machine.ts'
import { singleFile } from '../fetch/roles.ts'

/** Refuses what is no digest in hex: sha256 has 64 digits, sha512 has 128; their names may stand before it. */
export function checkDigest(holder: string, hash: string): void {
  const hashKind = before(hash, ':', '')
  const hashDigits = after(hash, ':')
  if (consistsOf(hashDigits, '0-9a-fA-F')) {
    switch (`${hashKind} ${hashDigits.length}`) {
      case ' 64':
      case 'sha256 64':
      case ' 128':
      case 'sha512 128':
        return
    }
  }
  fail(`${holder}=${hash}: not a digest; use 64 (sha256) or 128 (sha512) hex digits`)
}

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
