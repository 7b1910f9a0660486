import { existsSync } from 'node:fs'
import type { Progress } from '../console/progress.ts'
import { ensurePrograms } from './host-packages.ts'

/** Where releases of Debian have had their public keys. */
const keyrings = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
] as const

/**
 * The file with Debian's public keys: what makes the package lists, and with them every digest, trustworthy.
 * @throws CommandError where it is missing and cannot be installed
 */
export async function debianKeyring(progress: Progress): Promise<string> {
  const found = () => keyrings.find(existsSync)
  if (found() === undefined) {
    const why = "trust Debian's package lists"
    await ensurePrograms([{ program: keyrings[1], package: 'debian-archive-keyring', why }], progress)
  }
  return found() ?? keyrings[1]
}
