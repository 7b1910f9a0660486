import { after, before, fail, lines, log, lowerCase, remove, sha256sum, sha512sum } from '../api/machine.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** The digest of a file, in hex. The wanted digest's length tells the kind (FIPS 180-4). */
function digestLike(path: string, model: string): string {
  switch (model.length) {
    case 64:
      return sha256sum(path)
    case 128:
      return sha512sum(path)
  }
  return fail(`'${model}' is no digest: sha256 has 64 hex digits, sha512 has 128`)
}

/** Refuses a downloaded file that is not the one that was asked for, and removes it. */
function verifyFile(checked: string, digestName: string, wantedDigest: string): void {
  if (wantedDigest === '') {
    fail(`${checked}: no ${digestName}=: where one digest is given, all that boots needs one`)
  }
  const wanted = lowerCase(wantedDigest)
  const got = digestLike(checked, wanted)
  if (got !== wanted) {
    remove(checked)
    fail(`${checked}: wrong digest: wanted ${wanted}, got ${got}`)
  }
  log(`${checked}: digest holds`)
}

/**
 * Compares kernel and initrds with the digests on the command line. Where one is given nothing is booted without one;
 * where none is given, the servers and the network between are trusted.
 */
export function verify(parameters: Parameters, roles: Roles): void {
  if (parameters.kernelSha === '' && parameters.initrdSha === '') {
    log('no digest was given: all files are taken as they are')
    return
  }
  if (roles.kernel !== '') {
    verifyFile(roles.kernel, 'kernel_sha', parameters.kernelSha)
  } else if (parameters.kernelSha !== '') {
    fail('kernel_sha is given, but no kernel was downloaded')
  }
  // A newline at the end, so that what follows the last digest is nothing.
  let digests = `${parameters.initrdSha}\n`
  for (const initrd of lines(roles.initrds)) {
    const initrdDigest = before(digests, '\n')
    digests = after(digests, '\n')
    verifyFile(initrd, 'initrd_sha', initrdDigest)
  }
  if (digests !== '' && digests !== '\n') {
    fail('initrd_sha is given more often than there are initrds')
  }
  if (roles.otherFiles > 0) {
    log(`${roles.otherFiles} of the files: no digest, not booted`)
  }
}
