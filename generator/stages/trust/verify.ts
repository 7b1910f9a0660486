import { after, before, exists, fail, lines, log } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Downloads } from '../fetch/downloads.ts'
import { provenByMetalink } from '../fetch/metalink-proofs.ts'
import type { Roles } from '../fetch/roles.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { verifyFile } from './digest.ts'
import { listFile } from './listed.ts'

/** What a file was compared with when it came: `sha`, `sha256sums`, or its Metalink; nothing where it was not. */
function proofOf(file: string, downloads: Downloads, parameters: Parameters): string {
  // Nobody has signed these.
  if (parts.signatures && parameters.manifest !== '') {
    return ''
  }
  if (parts.digestLists) {
    const proven = `\n${downloads.provenFiles}`
    if (proven.includes(`\n${file}\n`)) {
      return 'sha'
    }
    if (exists(listFile)) {
      return 'sha256sums'
    }
  }
  if (parts.metalink && provenByMetalink(file, parameters)) {
    return 'its Metalink'
  }
  return ''
}

/** Compares a file with its digest{@part mirrors , unless that was done when it came: only root can write to it}. */
function verifyOnce(
  file: string,
  name: string,
  digest: string,
  downloads: Downloads,
  parameters: Parameters,
): void {
  if ((parts.digestLists || parts.metalink) && digest === '') {
    const proof = proofOf(file, downloads, parameters)
    if (proof !== '') {
      log(`${file}: digest holds, by ${proof}`)
      return
    }
  }
  const known = parts.earlyDigests ? `\n${downloads.verifiedFiles}` : ''
  if (!parts.earlyDigests || !known.includes(`\n${file}\n`)) {
    verifyFile(file, name, digest)
  }
  log(`${file}: digest holds`)
}

/** Whether a digest{@part digest-lists , a list of them}{@part signatures  or a manifest} is there: then nothing boots without one. */
function digestsGiven(parameters: Parameters): boolean {
  return (
    parameters.kernelSha !== '' ||
    parameters.initrdSha !== '' ||
    (parts.digestLists && (parameters.urlSha !== '' || parameters.digestList !== '')) ||
    (parts.signatures && parameters.manifest !== '')
  )
}

/** The images that may be booted or handed over, one a line; of a manifest only what it names is there. */
export function provenImages(parameters: Parameters, roles: Roles, downloads: Downloads): string {
  if (!digestsGiven(parameters) || (parts.signatures && parameters.manifest !== '')) {
    return roles.imageFiles
  }
  let proven = ''
  let unproven = roles.otherFiles
  if (parts.digestLists || parts.metalink) {
    for (const image of lines(roles.imageFiles)) {
      const proof = proofOf(image, downloads, parameters)
      if (proof !== '') {
        log(`${image}: digest holds, by ${proof}`)
        proven = `${proven}${image}\n`
        unproven -= 1
      }
    }
  }
  if (unproven > 0) {
    log(`${unproven} images have no digest: not verified, not booted`)
  }
  return proven
}

/** Says what is not verified where the command line gives no digest: all, or what no Metalink proves. */
function tellUnverified(parameters: Parameters, roles: Roles): void {
  let others = ''
  let unproven = ''
  const files = `${roles.kernel}\n${roles.initrds}${roles.imageFiles}`
  for (const file of lines(files)) {
    if (provenByMetalink(file, parameters)) {
      log(`${file}: digest holds, by its Metalink`)
      others = 'the other '
    } else {
      unproven = file
    }
  }
  if (others === '' || unproven !== '') {
    log(`no digest given: ${others}files are not verified`)
  }
}

/**
 * Compares kernel and initrds with the digests on the command line. Where one is given, nothing boots without one;
 * without any, servers are trusted.
 */
export function verify(parameters: Parameters, roles: Roles, downloads: Downloads): void {
  if (!digestsGiven(parameters)) {
    if (parts.verity && parameters.rootHash !== '') {
      log('no digest given: the root alone is verified, by roothash=')
    } else if (parts.metalink) {
      tellUnverified(parameters, roles)
    } else {
      log('no digest given: files are not verified')
    }
    return
  }
  if (!parts.fileRoles || roles.kernel !== '') {
    verifyOnce(roles.kernel, 'kernel_sha', parameters.kernelSha, downloads, parameters)
  } else if (parameters.kernelSha !== '') {
    fail('kernel_sha= is given, but no kernel was downloaded')
  }
  // With a newline at the end nothing follows the last digest.
  let digests = `${parameters.initrdSha}\n`
  for (const initrd of lines(roles.initrds)) {
    const digest = before(digests, '\n')
    digests = after(digests, '\n')
    verifyOnce(initrd, 'initrd_sha', digest, downloads, parameters)
  }
  if (digests !== '' && digests !== '\n') {
    fail('more initrd_sha= than initrds')
  }
}
