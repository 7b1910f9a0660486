import { after, before, fail, lines, log, lowerCase, remove, sha256sum, sha512sum } from '../api/machine.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** The digest of a file in hex, of the wanted one's kind, told by its length. */
function digestLike(file: string, wanted: string): string {
  switch (wanted.length) {
    case 64:
      return sha256sum(file)
    case 128:
      return sha512sum(file)
    default:
      return fail(`'${wanted}' is not a digest`)
  }
}

/** Refuses and removes a file with another digest. */
function verifyFile(file: string, name: string, digest: string): void {
  if (digest === '') {
    fail(`${file}: no ${name}=; once one digest is given, every booted file needs one`)
  }
  const wanted = lowerCase(digest)
  const got = digestLike(file, wanted)
  if (got !== wanted) {
    remove(file)
    fail(`${file}: wrong digest: wanted ${wanted}, got ${got}`)
  }
  log(`${file}: digest holds`)
}

/**
 * Compares kernel and initrds with the digests on the command line. Where one is given, nothing boots without one;
 * without any, servers are trusted.
 */
export function verify(parameters: Parameters, roles: Roles): void {
  if (parameters.kernelSha === '' && parameters.initrdSha === '') {
    log('no digest given: files are not verified')
    return
  }
  if (roles.kernel !== '') {
    verifyFile(roles.kernel, 'kernel_sha', parameters.kernelSha)
  } else if (parameters.kernelSha !== '') {
    fail('kernel_sha= is given, but no kernel was downloaded')
  }
  // With a newline at the end nothing follows the last digest.
  let digests = `${parameters.initrdSha}\n`
  for (const initrd of lines(roles.initrds)) {
    const digest = before(digests, '\n')
    digests = after(digests, '\n')
    verifyFile(initrd, 'initrd_sha', digest)
  }
  if (digests !== '' && digests !== '\n') {
    fail('more initrd_sha= than initrds')
  }
  if (roles.otherFiles > 0) {
    log(`${roles.otherFiles} other files: not verified, not booted`)
  }
}
