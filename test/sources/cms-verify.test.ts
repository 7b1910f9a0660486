// Who signed, as the packed cms-verify tells it, of signatures that the real openssl(1) has made.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import * as certificates from '../support/certificates.ts'
import { curve, rsa } from '../support/certificates.ts'
import { needs } from '../support/needs.ts'

const folder = certificates.keyFolder()
const at = (name: string): string => join(folder, name)
const openssl = (...words: string[]): void => certificates.openssl(folder, ...words)

/** NAME.key, and NAME.pem, which it signed itself. */
const selfSigned = (name: string, key = curve, extension?: string): void => {
  certificates.selfSigned(folder, name, key, ...(extension === undefined ? [] : ['-addext', extension]))
}

/** NAME.key, and NAME.pem, which the authority `ca` made out. */
function issued(name: string, extension: string, by = 'ca'): void {
  openssl('req', ...curve, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  writeFileSync(at('extensions'), extension)
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-days',
    '30',
    '-out',
    `${name}.pem`,
    '-extfile',
    'extensions',
  )
}

/** NAME.pem, which counts between two times. */
function dated(name: string, from: string, to: string): void {
  openssl('req', ...curve, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  mkdirSync(at(`${name}-ca`))
  writeFileSync(at(`${name}-ca/index`), '')
  writeFileSync(at(`${name}-ca/serial`), '01')
  writeFileSync(
    at('ca.conf'),
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${name}-ca/index\nserial=${name}-ca/serial\nnew_certs_dir=${name}-ca\ndefault_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n`,
  )
  openssl(
    'ca',
    '-batch',
    '-config',
    'ca.conf',
    '-selfsign',
    '-keyfile',
    `${name}.key`,
    '-in',
    `${name}.csr`,
    '-startdate',
    from,
    '-enddate',
    to,
    '-out',
    `${name}.pem`,
    '-notext',
  )
}

/** The signature of the file by some, in DER; more words for openssl behind. */
function sign(signature: string, names: string[], ...more: string[]): void {
  const signers = names.flatMap(name => ['-signer', `${name}.pem`, '-inkey', `${name}.key`])
  openssl(
    'cms',
    '-sign',
    '-binary',
    '-md',
    'sha256',
    '-outform',
    'DER',
    '-in',
    'file',
    '-out',
    signature,
    ...signers,
    ...more,
  )
}

const { aria2c } = await provideBinaries(terminalProgress())
symlinkSync(aria2c.path, at('cms-verify'))

/** What it says, `yes: ` or `no: ` before it. */
function verify(needed: number, file: string, signature: string, trusted: string[]): string {
  const words = [String(needed), file, signature, ...trusted.map(name => `${name}.pem`)]
  const { status, stdout, stderr } = spawnSync(at('cms-verify'), words, { cwd: folder, encoding: 'utf8' })
  assert.is(stderr, '')
  assert.ok(status === 0 || status === 1, `status ${status}`)
  return `${status === 0 ? 'yes' : 'no'}: ${stdout.trim()}`
}

const withOpenssl = needs(test, { openssl: 'openssl' })
const content = 'aria2-initrd manifest 1\nserial 1\n'

test.before(() => {
  writeFileSync(at('file'), content)
  writeFileSync(at('altered'), content.replace('1\n', '2\n'))
  writeFileSync(at('longer'), `${content}x`)
  writeFileSync(at('none'), '')
  selfSigned('curve')
  selfSigned('other')
  selfSigned('rsa', rsa(3072))
  selfSigned('short', rsa(1024))
  selfSigned('ca', curve, 'basicConstraints=critical,CA:TRUE')
  issued('coder', 'extendedKeyUsage=codeSigning')
  issued('server', 'extendedKeyUsage=serverAuth')
  issued('plain', 'basicConstraints=CA:FALSE')
  issued('middle', 'basicConstraints=critical,CA:TRUE')
  issued('below', 'extendedKeyUsage=codeSigning', 'middle')
  issued('forged', 'extendedKeyUsage=codeSigning', 'plain')
  dated('past', '20200101000000Z', '20210101000000Z')
  dated('future', '20900101000000Z', '20910101000000Z')
  for (const name of ['curve', 'other', 'rsa', 'short', 'coder', 'server', 'plain', 'past', 'future'])
    sign(`${name}.sig`, [name])
  sign('both.sig', ['curve', 'rsa'])
  sign('below.sig', ['below'], '-certfile', 'middle.pem')
  sign('below-alone.sig', ['below'])
  sign('forged.sig', ['forged'], '-certfile', 'plain.pem')
  sign('no-attributes.sig', ['curve'], '-noattr')
  sign('no-certificate.sig', ['coder'], '-nocerts')
  sign('sha1.sig', ['curve'], '-md', 'sha1')
  sign('sha512.sig', ['curve'], '-md', 'sha512')
  sign('content.sig', ['curve'], '-nodetach')
  sign('pem.sig', ['curve'], '-outform', 'PEM')
  // A second signature, added where the other key is.
  const rest = [
    '-inform',
    'DER',
    '-outform',
    'DER',
    '-binary',
    '-md',
    'sha256',
    '-signer',
    'rsa.pem',
    '-inkey',
    'rsa.key',
  ]
  openssl('cms', '-resign', '-in', 'curve.sig', '-content', 'file', '-out', 'resigned.sig', ...rest)
  const whole = readFileSync(at('curve.sig'))
  writeFileSync(at('cut.sig'), whole.subarray(0, -1))
  writeFileSync(at('tail.sig'), Buffer.concat([whole, Buffer.from('x')]))
  writeFileSync(at('large.sig'), Buffer.concat([whole, Buffer.alloc(2 << 20)]))
  const flipped = Buffer.from(whole)
  flipped[whole.length - 10] = (flipped[whole.length - 10] ?? 0) ^ 1
  writeFileSync(at('flipped.sig'), flipped)
})

const rows: [
  what: string,
  needed: number,
  file: string,
  signature: string,
  trusted: string[],
  says: string,
][] = [
  ['ECDSA P-256', 1, 'file', 'curve', ['curve'], 'yes: curve'],
  ['RSA-3072', 1, 'file', 'rsa', ['rsa'], 'yes: rsa'],
  ['one of several trusted', 1, 'file', 'rsa', ['curve', 'rsa'], 'yes: rsa'],
  ['one of two signers, the other unknown', 1, 'file', 'both', ['rsa'], 'yes: rsa'],
  ['two of two', 2, 'file', 'both', ['rsa', 'curve'], 'yes: curve, rsa'],
  ['two, one of them added later', 2, 'file', 'resigned', ['rsa', 'curve'], 'yes: curve, rsa'],
  ['an authority, and its code signer', 1, 'file', 'coder', ['ca'], 'yes: coder'],
  ["an authority's authority, sent along", 1, 'file', 'below', ['ca'], 'yes: below'],
  ['without signed attributes, as iPXE wants it', 1, 'file', 'no-attributes', ['curve'], 'yes: curve'],
  [
    'without a certificate, of one who is trusted by name',
    1,
    'file',
    'no-certificate',
    ['coder'],
    'yes: coder',
  ],
  ['SHA-512', 1, 'file', 'sha512', ['curve'], 'yes: curve'],
  ['another key', 1, 'file', 'other', ['curve'], 'no: other: not trusted by this image'],
  ['another file', 1, 'altered', 'curve', ['curve'], 'no: the file is not the one that was signed'],
  ['a byte more', 1, 'longer', 'curve', ['curve'], 'no: the file is not the one that was signed'],
  ['no file', 1, 'none', 'curve', ['curve'], 'no: the file is not the one that was signed'],
  ['a file that is not there', 1, 'absent', 'curve', ['curve'], 'no: absent: cannot be read'],
  [
    'another file, without attributes',
    1,
    'altered',
    'no-attributes',
    ['curve'],
    'no: the file is not the one that was signed',
  ],
  ['a flipped bit in the signature', 1, 'file', 'flipped', ['curve'], 'no: the signature is broken'],
  ['two needed, one there', 2, 'file', 'curve', ['curve', 'rsa'], 'no: 1 of 2 signatures: curve'],
  ['two needed, one of them a stranger', 2, 'file', 'both', ['rsa', 'other'], 'no: 1 of 2 signatures: rsa'],
  ['two needed, one certificate twice', 2, 'file', 'both', ['rsa', 'rsa'], 'no: 1 of 2 signatures: rsa'],
  [
    "an authority's web server",
    1,
    'file',
    'server',
    ['ca'],
    'no: server: its certificate is not for code signing',
  ],
  [
    'an authority, no purpose',
    1,
    'file',
    'plain',
    ['ca'],
    'no: plain: its certificate is not for code signing',
  ],
  [
    'one below an authority that is not sent',
    1,
    'file',
    'below-alone',
    ['ca'],
    'no: below: not trusted by this image',
  ],
  ['made out by one who is no authority', 1, 'file', 'forged', ['ca'], 'no: forged: invalid CA certificate'],
  [
    'without a certificate, of one whose authority is trusted',
    1,
    'file',
    'no-certificate',
    ['ca'],
    "no: the signer's certificate is neither trusted nor sent along",
  ],
  ['a short key', 1, 'file', 'short', ['short'], 'no: short: EE certificate key too weak'],
  ['SHA-1', 1, 'file', 'sha1', ['curve'], 'no: its digest is neither SHA-256, SHA-384 nor SHA-512'],
  ['expired', 1, 'file', 'past', ['past'], 'no: past: certificate has expired'],
  ['not yet valid', 1, 'file', 'future', ['future'], 'no: future: certificate is not yet valid'],
  [
    'a content of its own',
    1,
    'file',
    'content',
    ['curve'],
    'no: the signature holds a content of its own; sign without -nodetach',
  ],
  ['PEM', 1, 'file', 'pem', ['curve'], 'no: the signature is not CMS in DER'],
  ['a byte less', 1, 'file', 'cut', ['curve'], 'no: the signature is not CMS in DER'],
  ['something behind it', 1, 'file', 'tail', ['curve'], 'no: the signature is not CMS in DER'],
  ['2 MiB behind it', 1, 'file', 'large', ['curve'], 'no: the signature is not CMS in DER'],
]

for (const [what, needed, file, signature, trusted, says] of rows) {
  withOpenssl(what, () => {
    assert.is(verify(needed, file, `${signature}.sig`, trusted), says)
  })
}

withOpenssl('a signature that is no file, a folder, or empty', () => {
  for (const signature of ['absent', '.', 'none'])
    assert.is(verify(1, 'file', signature, ['curve']), 'no: the signature is not CMS in DER')
})

withOpenssl('every cut and many flipped bits of a signature: never yes, never a crash', () => {
  const whole = readFileSync(at('both.sig'))
  for (let place = 0; place < whole.length; place += 7) {
    writeFileSync(at('hostile'), whole.subarray(0, place))
    assert.match(verify(2, 'file', 'hostile', ['rsa', 'curve']), /^no: /)
  }
  // A bit of a certificate that was sent along does not count: those are there already.
  for (let place = 0; place < whole.length; place += 3) {
    const flipped = Buffer.from(whole)
    flipped[place] = (flipped[place] ?? 0) ^ (1 << (place % 8))
    writeFileSync(at('hostile'), flipped)
    assert.match(verify(2, 'altered', 'hostile', ['rsa', 'curve']), /^no: /)
  }
})

test.run()
