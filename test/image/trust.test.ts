// build --trust: what /init reads about who may sign, and what is refused; the image's own time.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { imageTime } from '../../generator/image/additions/trust.ts'
import type { ImageOptions } from '../../generator/image/build-image.ts'
import { readLock } from '../../generator/programs/lock.ts'
import { keyFolder, rsa, selfSigned } from '../support/certificates.ts'
import { cli } from '../support/cli.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'
import { madeUpKernel, madeUpModule } from './made-up-kernel.ts'
import { buildStandIn } from './stand-in.ts'

const kernel = { root: madeUpKernel({ 'kernel/net/card.ko': madeUpModule() }) }
const outputDir = mkdtempSync(join(tmpdir(), 'aria2-initrd-trust-'))
test.after(() => rmSync(outputDir, { recursive: true }))
const keys = keyFolder()
const withOpenssl = needs(test, { openssl: 'openssl' })

/** The files of an image whose paths begin so, and what is in them. */
async function filesOf(options: Partial<ImageOptions>, start: string): Promise<Record<string, string>> {
  await buildStandIn({ outputDir, kernel, ...options })
  const target = join(mkdtempSync(join(outputDir, 'extracted-')), 'root')
  const { status, stderr } = cli('inspect', join(outputDir, 'initrd.img'), '--extract', target)
  assert.is(status, 0, stderr)
  return Object.fromEntries(
    readdirSync(target, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(target, join(entry.parentPath, entry.name)))
      .filter(path => path.startsWith(start))
      .map(path => [path.slice(start.length), readFileSync(join(target, path), 'latin1')]),
  )
}

const refused = (options: Partial<ImageOptions>): Promise<string> =>
  failure(buildStandIn({ outputDir, kernel, ...options }))

const folder = 'etc/aria2-initrd/trust/'

withOpenssl('certificates, each once and in an order of their own; how many; the oldest serial', async () => {
  const [one, two] = [selfSigned(keys, 'one').certificate, selfSigned(keys, 'two', rsa(3072)).certificate]
  const files = await filesOf({ trust: [one, two, one], signatures: 2, minSerial: 7 }, folder)
  assert.equal(Object.keys(files).sort(), [
    'certificates/1.pem',
    'certificates/2.pem',
    'min_serial',
    'needed',
  ])
  assert.is(files.needed, '2\n')
  assert.is(files.min_serial, '7\n')
  assert.equal(
    [files['certificates/1.pem'], files['certificates/2.pem']].sort(),
    [one, two].map(path => readFileSync(path, 'latin1')).sort(),
  )
  assert.equal(await filesOf({ trust: [two, one], signatures: 2, minSerial: 7 }, folder), files)
})

withOpenssl('an image that trusts nobody has nothing of it', async () => {
  assert.equal(await filesOf({}, folder), {})
})

withOpenssl('what cannot be trusted', async () => {
  const { key, certificate } = selfSigned(keys, 'three')
  const short = selfSigned(keys, 'short', rsa(1024)).certificate
  const junk = join(keys, 'junk')
  writeFileSync(junk, 'hello')
  assert.match(await refused({ trust: [junk] }), /junk holds no certificate in PEM$/)
  assert.match(await refused({ trust: [key] }), /three\.key holds a private key/)
  assert.match(await refused({ trust: [join(keys, 'absent')] }), /^cannot read .*absent: no such file$/)
  assert.match(
    await refused({ trust: [short] }),
    /short\.pem: certificate 1 \(CN=short\) has a short RSA key$/,
  )
  assert.match(
    await refused({ trust: [certificate], signatures: 2 }),
    /^--signatures 2: only one certificate is trusted$/,
  )
  assert.match(
    await refused({ trust: [certificate, certificate], signatures: 2 }),
    /only one certificate is trusted$/,
  )
  assert.match(await refused({ trust: [certificate], signatures: 0 }), /^--signatures 0: /)
  assert.match(await refused({ signatures: 2 }), /^--signatures and --min-serial are about manifests$/)
  assert.match(await refused({ minSerial: 2 }), /^--signatures and --min-serial are about manifests$/)
  assert.match(
    await refused({ trust: [certificate], without: ['signatures'] }),
    /^--trust needs the part signatures$/,
  )
})

withOpenssl(
  'the image knows a time that is past: of its programs, and of certificates that count from then on',
  async () => {
    const { lists } = readLock()
    const { certificate } = selfSigned(keys, 'four')
    const locked = imageTime(lists, [])
    assert.is(locked, Math.max(...Object.values(lists ?? {}).map(time => Date.parse(time) / 1000)))
    assert.equal(await filesOf({}, 'etc/aria2-initrd/time'), { '': `${locked}\n` })
    const made = imageTime(lists, [readFileSync(certificate, 'utf8')])
    assert.ok(made > locked && made <= Date.now() / 1000)
    assert.equal(await filesOf({ trust: [certificate] }, 'etc/aria2-initrd/time'), { '': `${made}\n` })
    process.env.SOURCE_DATE_EPOCH = '4000000000'
    try {
      assert.is(imageTime(lists, []), 4_000_000_000)
    } finally {
      delete process.env.SOURCE_DATE_EPOCH
    }
    assert.equal(await filesOf({ without: ['clock'] }, 'etc/aria2-initrd/time'), {})
  },
)

test.run()
