/** Keys and certificates made by the real openssl(1). */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for keys, removed at the end. */
export function keyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-keys-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
export const rsa = (bits: number): string[] => ['-newkey', 'rsa', '-pkeyopt', `rsa_keygen_bits:${bits}`]

export function openssl(folder: string, ...words: string[]): void {
  execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
}

/** NAME.key and NAME.pem, a certificate that it signed itself, for 30 days. */
export function selfSigned(
  folder: string,
  name: string,
  key = curve,
  ...more: string[]
): { key: string; certificate: string } {
  openssl(
    folder,
    ...['req', '-x509', ...key, '-nodes', '-days', '30', '-subj', `/CN=${name}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.pem`, ...more],
  )
  return { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.pem`) }
}
