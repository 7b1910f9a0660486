// publish --sign: the manifest, its signature by the real openssl(1), and what is refused.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { PublishOptions } from '../../generator/publish/publish-options.ts'
import { signersOf } from '../../generator/publish/sign-manifest.ts'
import { keyFolder, openssl, rsa, selfSigned } from '../support/certificates.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'
import { sha256 } from '../support/payload.ts'
import { initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const kernel = site.write('vmlinuz', kernelLike(50_000))
const microcode = site.write('z-microcode.img', initrdLike(20_000, 5))
const initrd = site.write('initrd.img', initrdLike(60_000))
const image = site.write('root.squashfs', noise(70_000))
const files = [kernel, microcode, initrd]

const withOpenssl = needs(test, { openssl: 'openssl' })
const keys = keyFolder()
const signers = () => [selfSigned(keys, 'site')]
const at = (name: string): string => join(site.served, name)
const text = (name: string): string => readFileSync(at(name), 'utf8')
const line = (word: string): string | undefined =>
  new RegExp(`^${word} (.*)$`, 'm').exec(text('node.manifest'))?.[1]

const signed = (options: Partial<PublishOptions> = {}) =>
  site.publish(files, { signers: signers(), ...options })

withOpenssl(
  'the manifest names files by digest, in their order, and openssl finds its signature good',
  async () => {
    const { line: commandLine } = await signed({ nextKernelParams: 'console=ttyS0 root="a b" é' })
    const end = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    const listed = [
      ['kernel', 'vmlinuz', kernel],
      ['initrd', '1-z-microcode.img', microcode],
      ['initrd', '2-initrd.img', initrd],
    ].map(([role = '', name = '', path = '']) => {
      const bytes = readFileSync(path)
      return `${role} ${bytes.length} sha256:${sha256(bytes.toString('latin1'))} ${site.generation()}/${name}\n`
    })
    const wanted = `aria2-initrd manifest 1\nserial 1\nnot-after ${end}T`
    assert.is(text('node.manifest').slice(0, wanted.length), wanted)
    assert.ok(
      text('node.manifest').endsWith(
        `Z\n${listed.join('')}inherit console,BOOTIF,ip\nnext_kernel_params console=ttyS0 root="a b" é\n`,
      ),
    )
    execFileSync(
      'openssl',
      [
        ...[
          'cms',
          '-verify',
          '-binary',
          '-inform',
          'DER',
          '-in',
          at('node.manifest.sig'),
          '-content',
          at('node.manifest'),
        ],
        ...['-CAfile', join(keys, 'site.pem'), '-purpose', 'any', '-out', '/dev/null'],
      ],
      { stdio: 'pipe' },
    )
    assert.is(commandLine, 'manifest=http://10.0.0.1/boot/node.manifest')
    assert.match(text('node.boot/boot.ipxe'), 'manifest=http://10.0.0.1/boot/node.manifest')
  },
)

withOpenssl('each publication counts the serial number up; --serial sets it', async () => {
  await signed({ serial: 41 })
  await signed()
  assert.is(line('serial'), '42')
})

withOpenssl('nodes that share get the torrent; those that do not, none', async () => {
  await signed({ nodes: 1000, originRate: 1 })
  assert.is(line('torrent'), `${site.generation()}.torrent`)
  await signed({ nodes: 1 })
  assert.is(line('torrent'), undefined)
})

withOpenssl('images are named as well', async () => {
  await site.publish([...files, image], { signers: signers() })
  assert.match(line('image') ?? '', /^70000 sha256:[0-9a-f]{64} node-[0-9a-f]{12}\/root\.squashfs$/)
})

withOpenssl('--valid-days ends it sooner, and never after the certificate', async () => {
  await signed({ validDays: 2 })
  assert.is(line('not-after')?.slice(0, 10), new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10))
  await signed({ validDays: 400 })
  assert.is(
    line('not-after')?.slice(0, 10),
    new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
  )
})

withOpenssl('two sign; a key and its certificate in one file', async () => {
  const one = selfSigned(keys, 'one', rsa(3072))
  const both = join(keys, 'both.pem')
  writeFileSync(both, `${readFileSync(one.key)}${readFileSync(one.certificate)}`)
  await signed({ signers: [...signersOf([both], []), ...signers()] })
  const shown = execFileSync('openssl', [
    'cms',
    '-cmsout',
    '-print',
    '-inform',
    'DER',
    '-in',
    at('node.manifest.sig'),
  ])
  assert.is([...shown.toString().matchAll(/issuerAndSerialNumber/g)].length, 2)
})

withOpenssl('without --sign there is no manifest, and the line has digests', async () => {
  const { line: commandLine, written } = await site.publish(files, { name: 'plain' })
  assert.not(existsSync(at('plain.manifest')))
  assert.not(written.some(path => path.includes('manifest')))
  assert.match(commandLine ?? '', 'kernel_sha=')
})

/** Publishes what must fail; the folder is as it was. */
async function refused(options: Partial<PublishOptions>): Promise<string> {
  await signed()
  const before = site.contents()
  const message = await failure(signed(options))
  assert.equal(site.contents(), before)
  return message
}

withOpenssl('what cannot sign is refused, and nothing changes', async () => {
  const { key, certificate } = selfSigned(keys, 'site')
  const other = selfSigned(keys, 'other')
  const locked = join(keys, 'locked.key')
  openssl(keys, 'pkey', '-in', key, '-aes256', '-passout', 'pass:x', '-out', locked)
  const cases: [{ key: string; certificate: string }, RegExp][] = [
    [
      { key, certificate: other.certificate },
      /^cannot sign with .*site\.key: private key does not match certificate$/,
    ],
    [{ key: join(keys, 'absent'), certificate }, /^cannot sign with .*absent: /],
    [{ key, certificate: join(keys, 'absent') }, /^cannot read .*absent: no such file$/],
    [{ key, certificate: key }, /site\.key holds no certificate in PEM$/],
    [{ key: certificate, certificate }, /^cannot sign with .*site\.pem: /],
  ]
  for (const [signer, message] of cases) assert.match(await refused({ signers: [signer] }), message)
  assert.match(await refused({ nextKernelParams: 'a\nkernel 1 sha256:0 x' }), /line break/)
  writeFileSync(at('node.manifest'), 'mine\n')
  assert.match(await failure(signed()), /node\.manifest is no manifest$/)
  assert.is(text('node.manifest'), 'mine\n')
})

/** A key that lives as long as this file's tests, in a keyring of its own. */
async function withKeyring(act: () => Promise<void>, makeKey = true): Promise<void> {
  // Short: gpg-agent's socket lies in it, and its path may have 107 characters.
  const home = mkdtempSync('/tmp/gpg-')
  const before = process.env.GNUPGHOME
  process.env.GNUPGHOME = home
  if (makeKey) gpg('--batch', '--passphrase', '', '--quick-generate-key', 'Boot Site <boot@example.org>')
  process.on('exit', () => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(home, { recursive: true, force: true })
  })
  try {
    await act()
  } finally {
    if (before === undefined) delete process.env.GNUPGHOME
    else process.env.GNUPGHOME = before
  }
}

const gpg = (...words: string[]) => execFileSync('gpg', words, { stdio: 'pipe' }).toString()
const withGpg = needs(test, { gpg: 'gpg', 'gpg-agent': 'gpg-agent' })

withGpg(
  '--gpg: gpg finds the signature of SHA256SUMS good, by its own choice of key and by name',
  async () => {
    await withKeyring(async () => {
      for (const key of [true, 'boot@example.org'] as const) {
        const { written } = await site.publish(files, { name: 'sums', gpg: key })
        assert.ok(written.includes('sums/SHA256SUMS.gpg'))
        gpg('--verify', at('sums/SHA256SUMS.gpg'), at('sums/SHA256SUMS'))
      }
      writeFileSync(join(site.source, 'other'), 'x')
      assert.throws(() => gpg('--verify', at('sums/SHA256SUMS.gpg'), join(site.source, 'other')))
    })
    await site.publish(files, { name: 'sums' })
    assert.not(existsSync(at('sums/SHA256SUMS.gpg')), 'that of another time is gone')
  },
)

withGpg('--gpg without a key, with one that is not there, and without gpg', async () => {
  await withKeyring(async () => {
    const failed = (gpg: string | true) => failure(site.publish(files, { name: 'sums', gpg }))
    assert.is(await failed(true), 'cannot sign SHA256SUMS: No secret key')
    assert.is(await failed('nobody'), 'cannot sign SHA256SUMS with the key nobody: No secret key')
    assert.match(await failed(kernel), /vmlinuz, which is a file here: /)
    const path = process.env.PATH
    process.env.PATH = '/nowhere'
    try {
      assert.is(await failed(true), 'gpg is not there, which signs SHA256SUMS')
    } finally {
      process.env.PATH = path
    }
  }, false)
})

test('a key without its certificate', async () => {
  assert.match(
    await failure(Promise.resolve().then(() => signersOf(['a', 'b'], ['c']))),
    /^2 keys and 1 certificates$/,
  )
})

test.run()
