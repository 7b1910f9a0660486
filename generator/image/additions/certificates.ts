import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CommandError } from '../../host/console/command-error.ts'
import { reasonOf } from '../../host/files/whole-file.ts'

const block = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[\s\S]*?-----END \1-----/g

/** The blocks of a text in PEM, whatever stands around them, and what each is called: `CERTIFICATE`. */
export const pemBlocks = (text: string): { pem: string; label: string }[] =>
  [...text.matchAll(block)].map(([pem, label]) => ({ pem, label: label ?? '' }))

/** The certificates of a file in PEM, each as PEM writes it; whatever stands around them is left out. */
function certificatesOf(
  path: string,
  check: (certificate: X509Certificate, which: string) => void,
): string[] {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, 'name a file with certificates in PEM')
  }
  const blocks = pemBlocks(text)
  if (blocks.some(({ label }) => label.endsWith('PRIVATE KEY'))) {
    throw new CommandError(
      `${path} holds a private key, which would be readable in every image`,
      'name a file that holds only the certificate',
    )
  }
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE')
  if (certificates.length === 0) {
    throw new CommandError(
      `${path} holds no certificate in PEM`,
      `if it is one in DER: openssl x509 -inform der -in ${JSON.stringify(path)} -out ca.pem`,
    )
  }
  return certificates.map(({ pem }, index) => {
    try {
      const certificate = new X509Certificate(pem)
      check(certificate, `${path}: certificate ${index + 1} (${certificate.subject.replaceAll('\n', ', ')})`)
      return certificate.toString()
    } catch (error) {
      if (error instanceof CommandError) throw error
      throw new CommandError(
        `${path}: certificate ${index + 1} is damaged`,
        `openssl x509 -text -in ${JSON.stringify(path)} tells more`,
      )
    }
  })
}

/** All certificates of these files. @throws CommandError for a file that holds anything but certificates of CAs */
export const readCertificates = (files: string[]): string[] =>
  files.flatMap(file =>
    certificatesOf(file, ({ ca }, which) => {
      if (ca) return
      throw new CommandError(`${which} is not that of a CA`, 'name the certificate of the CA that signed it')
    }),
  )

/** Strong enough for what an image boots: RSA from 2,048 bits, or a curve. */
const isStrong = ({ publicKey }: X509Certificate): boolean =>
  publicKey.asymmetricKeyType !== 'rsa' || (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048

/** The certificates of those who may sign a manifest, or of their authorities. @throws CommandError as above, and for short keys */
export const readSigners = (files: string[]): string[] =>
  files.flatMap(file =>
    certificatesOf(file, (certificate, which) => {
      if (isStrong(certificate)) return
      throw new CommandError(`${which} has a short RSA key`, 'sign with 3,072 bits, or with ECDSA P-256')
    }),
  )

/** Debian's bundle with these certificates after it, each once. */
export function withCertificates(bundle: Buffer, certificates: string[]): Buffer {
  let text = bundle.toString('latin1')
  for (const pem of certificates) {
    if (!text.includes(pem.trim())) text += `${text === '' || text.endsWith('\n') ? '' : '\n'}${pem}`
  }
  return Buffer.from(text, 'latin1')
}
