// manifest.json and sbom.json, `--ca` and `--sources`.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SPDX, Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { debianRelease } from '../../generator/host/debian/release.ts'
import { readCertificates, withCertificates } from '../../generator/image/additions/certificates.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { billOfMaterials } from '../../generator/image/records/bill-of-materials.ts'
import type { Manifest } from '../../generator/image/records/manifest.ts'
import { kernelSources, linkedLibraries } from '../../generator/programs/linked-sources.ts'
import { readLock } from '../../generator/programs/lock.ts'
import { recipes } from '../../generator/programs/recipes.ts'
import { failure } from '../support/failure.ts'
import { unpackedContents } from '../support/image.ts'
import { needs } from '../support/needs.ts'
import { folderWith, madeUpKernel, madeUpModule } from './made-up-kernel.ts'
import { buildStandIn } from './stand-in.ts'

const output = mkdtempSync(join(tmpdir(), 'records-'))
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
const site = folderWith({ 'motd ä': 'hello' })
await buildStandIn({ outputDir: output, kernel: { root: kernelRoot }, add: [`${site}/motd ä:/etc/motd ä`] })
const read = (name: string) => readFileSync(join(output, name))
const manifest: Manifest = JSON.parse(read('manifest.json').toString())
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

test('the manifest lists what is in the image: no more, no less, and each as it is', async () => {
  const entries = await unpackedContents(join(output, 'initrd.img'))
  assert.equal(
    manifest.files.map(({ path, mode }) => [path, mode]),
    entries.map(({ path, mode }) => [path, (mode & 0o7777).toString(8).padStart(4, '0')]),
  )
  for (const [index, { type, size, sha256: digest, target, origin }] of manifest.files.entries()) {
    const { content = Buffer.alloc(0) } = entries[index] ?? {}
    if (type === 'file') assert.equal([size, digest], [content.length, sha256(content)])
    if (type === 'symlink') assert.is(target, content.toString())
    assert.ok(origin.length > 3)
    for (const path of [site, kernelRoot]) assert.not.match(origin, path)
  }
  assert.is(manifest.image.sha256, sha256(read('initrd.img')))
  assert.is(manifest.kernel.sha256, sha256(read('vmlinuz')))
})

const originOf = (path: string) => manifest.files.find(each => each.path === path)?.origin

test('each file says where it came from', () => {
  assert.is(originOf('usr/bin/aria2c'), 'aria2c 1.0')
  assert.is(originOf('bin/cat'), 'busybox 1.0')
  assert.is(originOf('lib/modules/6.0-test/kernel/card.ko'), 'kernel 6.0-test, a kernel tree')
  assert.is(originOf('etc/motd ä'), 'added (motd ä)')
  assert.match(originOf('etc/ssl/certs/ca-certificates.crt') ?? '', /^ca-certificates \d\S*$/)
})

test('the bill of materials is valid CycloneDX 1.6, by the schema of the project itself', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  assert.is(await validator.validate(read('sbom.json').toString()), null)
  const wrong = JSON.stringify({ ...JSON.parse(read('sbom.json').toString()), components: [{ name: 'x' }] })
  assert.is.not(await validator.validate(wrong), null)
})

interface Bill {
  serialNumber: string
  components: { name: string; version?: string; licenses?: { expression: string }[]; 'bom-ref': string }[]
  dependencies: { ref: string; dependsOn: string[] }[]
}
const billOf = (changed: Partial<Manifest> = {}) => billOfMaterials({ ...manifest, ...changed }) as Bill

test('it names every package of the lock with its version and licence, the kernel, and what was added', () => {
  const { components, dependencies } = billOf()
  for (const [name, { version }] of Object.entries(readLock().packages)) {
    const component = components.find(each => each.name === name)
    assert.is(component?.version, version, name)
    assert.ok(component?.licenses?.[0]?.expression, name)
  }
  for (const { name, version } of components.filter(each => !each.name.startsWith('/')))
    assert.ok(version, name)
  assert.ok(components.some(each => each.name === '/etc/motd ä'))
  const refs = new Set(['aria2-initrd', ...components.map(each => each['bom-ref'])])
  for (const { ref, dependsOn } of dependencies)
    for (const each of [ref, ...dependsOn]) assert.ok(refs.has(each), each)
  const [debian] = billOf({
    kernel: { ...manifest.kernel, origin: 'Debian linux-image-6.1 6.1.2-1' },
  }).components.filter(each => each.name === 'linux')
  assert.match(JSON.stringify(debian), 'pkg:deb/debian/linux-image-6.1@6.1.2-1?arch=amd64')
})

/** The names in an expression of licences that SPDX's list does not have, or has as something else. */
function unknownLicences(expression: string): string[] {
  return expression.split(/ (?:AND|OR) /).flatMap(term => {
    const [licence = '', exception] = term.split(' WITH ')
    const isException = (id: string) => /exception|-note$/.test(id)
    const wrong = SPDX.isSupportedSpdxId(licence) && !isException(licence) ? [] : [licence]
    const known = exception === undefined || (SPDX.isSupportedSpdxId(exception) && isException(exception))
    return known ? wrong : [...wrong, exception]
  })
}

test("each licence and each exception is one of SPDX's list", () => {
  for (const { name, licenses = [] } of billOf().components) {
    for (const { expression } of licenses) assert.equal(unknownLicences(expression), [], name)
  }
  assert.equal(unknownLicences('GPL-2 WITH openssl-exception'), ['GPL-2', 'openssl-exception'])
  assert.equal(unknownLicences('MIT AND GPL-2.0-only WITH MIT'), ['MIT'])
})

test('every recipe is in it, so a new library cannot be forgotten', () => {
  const names = new Set(billOf().components.map(each => each.name))
  for (const recipe of recipes) assert.ok(names.has(recipe.package), recipe.package)
})

test('the same image has the same serial number, another image another', () => {
  assert.is(billOf().serialNumber, billOf().serialNumber)
  const other = billOf({ image: { ...manifest.image, sha256: '0'.repeat(64) } })
  assert.is.not(billOf().serialNumber, other.serialNumber)
})

/** A self-signed certificate and its key. */
function certificate(subject: string, isCa: boolean): { pem: string; key: string; der: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'ca-'))
  try {
    const words = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ]
    const kind = ['-addext', `basicConstraints=critical,CA:${isCa ? 'TRUE' : 'FALSE'}`]
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'pem')]
    execFileSync('openssl', [...words, '-subj', `/CN=${subject}`, ...kind, ...files], { stdio: 'pipe' })
    const pem = readFileSync(join(folder, 'pem'), 'utf8')
    const der = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64')
    return { pem, key: readFileSync(join(folder, 'key'), 'utf8'), der }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const withOpenssl = needs(test, { openssl: 'openssl' })

withOpenssl(
  'CA files follow the bundle, each certificate once, without what stands around them',
  async () => {
    const [one, two] = [certificate('one', true), certificate('two', true)]
    const folder = folderWith({
      'a b.pem': `subject=one\r\n${one.pem.replaceAll('\n', '\r\n')}${two.pem}`,
      'b.pem': one.pem,
    })
    const bundle = withCertificates(
      Buffer.from('bundle\n'),
      readCertificates([join(folder, 'a b.pem'), join(folder, 'b.pem')]),
    )
    assert.is(bundle.toString(), `bundle\n${one.pem}${two.pem}`)
    await buildStandIn({
      outputDir: join(folder, 'out'),
      kernel: { root: kernelRoot },
      ca: [join(folder, 'b.pem')],
    })
    const entries = await unpackedContents(join(folder, 'out/initrd.img'))
    const packed = entries.find(({ path }) => path === 'etc/ssl/certs/ca-certificates.crt')
    assert.is(packed?.content.toString(), `certificates\n${one.pem}`)
    rmSync(folder, { recursive: true })
  },
)

withOpenssl('what is no CA certificate is refused, above all a private key', () => {
  const { pem, key, der } = certificate('one', true)
  const damaged = pem.replace(/\n[A-Za-z0-9+/]{10}/, '\nAAAAAAAAAA')
  const leaf = certificate('leaf', false).pem
  const folder = folderWith({ key: `${pem}${key}`, der, damaged, leaf, empty: '', cut: pem.slice(0, 200) })
  const says: Record<string, RegExp> = {
    key: /\/key holds a private key/,
    der: /\/der holds no certificate in PEM$/,
    damaged: /\/damaged: certificate 1 is damaged$/,
    leaf: /\/leaf: certificate 1 \(CN=leaf\) is not that of a CA$/,
    empty: /\/empty holds no certificate/,
    cut: /\/cut holds no certificate/,
    absent: /^cannot read .*\/absent: no such file$/,
  }
  for (const [name, message] of Object.entries(says)) {
    try {
      readCertificates([join(folder, name)])
      assert.unreachable(name)
    } catch (error) {
      assert.instance(error, CommandError, `${name}: ${error}`)
      assert.match((error as Error).message, message)
    }
  }
  rmSync(folder, { recursive: true })
})

/** The sources are in the cache of whoever has built the programs; else they come from the mirror. */
needs(test, { 'apt-get': 'apt' })(
  '--sources keeps every locked file, the C libraries and the recipes; a folder in use stays as it is',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sources ä-'))
    const options = { outputDir: join(folder, 'out'), kernel: { root: kernelRoot } }
    const sources = join(folder, 'new/kept')
    await buildStandIn({ ...options, sources })
    for (const { files } of Object.values(readLock().packages)) {
      for (const { name, sha256: digest } of files) {
        assert.is(sha256(readFileSync(join(sources, 'sources', name))), digest, name)
      }
    }
    const kept = readdirSync(join(sources, 'sources'))
    const readme = readFileSync(join(sources, 'README'), 'utf8')
    for (const { name, version } of linkedLibraries(readLock())) {
      assert.ok(
        kept.some(file => file.startsWith(`${name}_`) && file.includes('.orig.tar')),
        name,
      )
      assert.match(readme, `${name} ${version}`)
    }
    assert.match(readme, 'The kernel was taken from a kernel tree')
    for (const recipe of recipes) assert.ok(existsSync(join(sources, `recipes/recipes/${recipe.name}.sh`)))
    assert.ok(existsSync(join(sources, 'recipes/lock.json')))
    assert.match(readme, 'GNU General Public License')
    assert.equal(readdirSync(join(folder, 'new')), ['kept'], 'nothing is left beside it')

    rmSync(join(folder, 'out'), { recursive: true })
    const message = await buildStandIn({ ...options, sources }).catch(error => error.message)
    assert.is(message, `the folder ${sources} is not empty`)
    assert.not.ok(existsSync(join(folder, 'out')), 'it is told before the image is made')
    rmSync(folder, { recursive: true })
  },
)

needs(test, { 'apt-get': 'apt' })("the source of Debian's kernel is found, with its signatures", async () => {
  const { origin } = await kernelFromPackage('linux-image-amd64', terminalProgress())
  const archive = await DebianArchive.open(debianRelease, silent)
  const sources = (await kernelSources(origin, archive)) ?? []
  assert.equal(sources.map(({ name }) => name).sort(), ['linux', 'linux-signed-amd64'])
  for (const { name, version } of sources) {
    const files = await archive.files('source', name, version)
    assert.ok(
      files.some(file => file.name.startsWith(`${name}_`) && file.sha256.length === 64),
      `${name} ${version}`,
    )
  }
  assert.is(await kernelSources('a kernel tree', archive), undefined)
  const gone = await failure(kernelSources('Debian linux-image-6.12.1-amd64 6.12.1-1', archive))
  assert.match(gone, 'no longer tell the source of linux-image-6.12.1-amd64 6.12.1-1')
})

needs(
  test,
  { 'apt-get': 'apt', mount: 'mount' },
  true,
)('--sources on a full disk: one error, nothing left there, the image of before untouched', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  try {
    const before = readdirSync(output).map(name => [name, sha256(read(name))])
    const options = { outputDir: output, kernel: { root: kernelRoot }, sources: join(disk, 'kept') }
    assert.is(await failure(buildStandIn(options)), `cannot write ${disk}/kept: the disk is full`)
    assert.equal(readdirSync(disk), [])
    assert.equal(
      readdirSync(output).map(name => [name, sha256(read(name))]),
      before,
    )
  } finally {
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true })
  }
})

test.after(() => {
  for (const folder of [output, kernelRoot, site]) rmSync(folder, { recursive: true })
})

test.run()
