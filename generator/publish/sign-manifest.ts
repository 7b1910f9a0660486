/** Detached CMS signatures (RFC 5652), made by openssl(1): what a site signs with here it may sign iPXE's and systemd's files with. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { pemBlocks } from '../image/additions/certificates.ts'

/** One who signs: files in PEM. */
export interface Signer {
  key: string
  certificate: string
}

/** The signers of `--sign KEY`, each with its certificate: from `--certificate`, in the same order, or the key's own file. */
export function signersOf(keys: string[], certificates: string[]): Signer[] {
  if (certificates.length > 0 && certificates.length !== keys.length) {
    throw new CommandError(
      `${keys.length} keys and ${certificates.length} certificates`,
      'give one --certificate for each --sign, in the same order',
      2,
    )
  }
  return keys.map((key, index) => ({ key, certificate: certificates[index] ?? key }))
}

const certificatesIn = (text: string): string[] =>
  pemBlocks(text).flatMap(({ pem, label }) => (label === 'CERTIFICATE' ? [pem] : []))

/** The signer's own certificate, the first in its file; those behind it are sent along. */
export async function readSignerCertificate({ certificate: path }: Signer): Promise<X509Certificate> {
  const text = await readFile(path).catch((error: unknown) => {
    throw new CommandError(`cannot read ${path}: ${reasonOf(error)}`, "name the signer's certificate, in PEM")
  })
  try {
    return new X509Certificate(certificatesIn(text.toString('latin1'))[0] ?? '')
  } catch {
    throw new CommandError(
      `${path} holds no certificate in PEM`,
      "give the signer's certificate with --certificate",
    )
  }
}

/** The signature of a text, in DER. A key with a passphrase asks for it on the terminal. */
export async function signText(text: string, signers: Signer[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-sign-'))
  const [file, signature] = [join(folder, 'manifest'), join(folder, 'signature')]
  try {
    await writeFile(file, text)
    const words = [
      'cms',
      '-sign',
      '-binary',
      '-md',
      'sha256',
      '-outform',
      'DER',
      '-in',
      file,
      '-out',
      signature,
    ]
    for (const [index, { key, certificate }] of signers.entries()) {
      words.push('-signer', certificate, '-inkey', key)
      const authorities = certificatesIn(await readFile(certificate, 'latin1')).slice(1)
      if (authorities.length === 0) continue
      const chain = join(folder, `chain-${index}`)
      await writeFile(chain, authorities.join('\n'))
      words.push('-certfile', chain)
    }
    await runOpenssl(words, signers)
    return await readFile(signature)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What openssl says, without the places in its source: `error:17000088:CMS routines:CMS_add1_signer:REASON:…`. */
const reasonIn = (text: string): string => {
  const last = text.trim().split('\n').at(-1) ?? ''
  return /error:\w+:[^:]*:[^:]*:([^:]+)/.exec(last)?.[1] ?? last
}

async function runOpenssl(words: string[], signers: Signer[]): Promise<void> {
  const failure = await new Promise<string | undefined>(resolve => {
    const child = execFile('openssl', words, (error, _stdout, stderr) => {
      if (error === null) return resolve(undefined)
      resolve(error.code === 'ENOENT' ? '' : reasonIn(stderr))
    })
    // What it asks, it asks on the terminal.
    child.stdin?.end()
  })
  if (failure === undefined) return
  if (failure === '')
    throw new CommandError('openssl is not there, which signs the manifest', 'apt install openssl')
  throw new CommandError(
    `cannot sign with ${signers.map(({ key }) => key).join(' and ')}: ${failure}`,
    'see that each key fits its certificate: openssl pkey -in KEY -pubout, openssl x509 -in CERTIFICATE -noout -pubkey',
  )
}
