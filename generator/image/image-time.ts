import { X509Certificate } from 'node:crypto'
import type { Lock } from '../programs/lock.ts'

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
