import { X509Certificate } from 'node:crypto'
import { CommandError } from '../../host/console/command-error.ts'
import type { Lock } from '../../programs/lock.ts'
import type { Segment } from '../segment.ts'

/** Who may sign what an image boots. */
export interface Trust {
  /** Files of certificates in PEM: signers' own, or their authorities'. */
  trust?: string[]
  /** How many of them must have signed a manifest; 1. */
  signatures?: number
  /** The oldest serial number of a manifest that counts; 0. */
  minSerial?: number
}

/**
 * What stages/trust/boot-manifest.ts reads: an image that has this boots nothing without a signed manifest.
 * @param certificates of those who are trusted, as `readSigners` gives them
 * @throws CommandError
 */
export function trustSegments(certificates: string[], { signatures = 1, minSerial = 0 }: Trust): Segment[] {
  if (certificates.length === 0) {
    if (signatures === 1 && minSerial === 0) return []
    throw new CommandError(
      '--signatures and --min-serial are about manifests',
      'name a certificate with --trust',
    )
  }
  const different = new Map(certificates.map(pem => [new X509Certificate(pem).fingerprint256, pem]))
  if (signatures < 1 || signatures > different.size) {
    throw new CommandError(
      `--signatures ${signatures}: only ${different.size === 1 ? 'one certificate is' : `${different.size} certificates are`} trusted`,
      'trust as many certificates as must have signed',
    )
  }
  const folder = 'etc/aria2-initrd/trust'
  const text = (name: string, content: string) =>
    ({ kind: 'file', path: `${folder}/${name}`, mode: 0o644, content: Buffer.from(content) }) as const
  return [
    {
      part: 'trusted certificates',
      origin: 'given with --trust',
      x86: false,
      entries: [
        { kind: 'directory', path: folder, mode: 0o755 },
        { kind: 'directory', path: `${folder}/certificates`, mode: 0o755 },
        ...[...different].sort().map(([, pem], index) => text(`certificates/${index + 1}.pem`, pem)),
        text('min_serial', `${minSerial}\n`),
        text('needed', `${signatures}\n`),
      ],
    },
  ]
}

/**
 * Seconds since 1970 of the newest that an image is made of: the lists of Debian that its programs were locked by, the day
 * from which a certificate counts, or SOURCE_DATE_EPOCH (reproducible-builds.org). It is never later than the build.
 */
export function imageTime(lists: Lock['lists'] = {}, certificates: string[]): number {
  const { SOURCE_DATE_EPOCH: given = '' } = process.env
  return Math.max(
    0,
    ...Object.values(lists).map(time => Date.parse(time) / 1000),
    ...certificates.map(pem => Date.parse(new X509Certificate(pem).validFrom) / 1000),
    ...(/^\d{1,12}$/.test(given) ? [Number(given)] : []),
  )
}
