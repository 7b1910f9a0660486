// What was published, read by programs that are not ours.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { type CommandResult, runCommand } from '../../generator/host/processes/run-command.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { pieceLengthFor } from '../../generator/swarm/piece-length.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { baseUrl, initrdLike, kernelLike, noise, publishSite, tracker } from './site.ts'

const site = publishSite()
const contents = {
  'vmlinuz-6.1+b1': kernelLike(700_000),
  'initrd.img': initrdLike(262_144),
  'root.squashfs': noise(1_500_001, 3),
}
const files = Object.entries(contents).map(([name, content]) => site.write(name, content))
const published = await site.publish(files, { trackers: [tracker, 'http://10.0.0.2:6969/announce'] })
const at = (path: string) => join(site.served, path)
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const { aria2c } = await provideBinaries(silent)

/** A run of the aria2c that the image has. */
async function fetched(words: string[]): Promise<CommandResult & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-fetch-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const options = ['--no-conf', '--seed-time=0', '--enable-dht=false', '--timeout=10', '--summary-interval=0']
  const env = { PATH: process.env.PATH }
  return { folder, ...(await runCommand(aria2c.path, [...options, `--dir=${folder}`, ...words], { env })) }
}

test('the folder is what was announced', () => {
  const names = ['root.squashfs', 'vmlinuz-6.1+b1', 'initrd.img', 'SHA256SUMS']
  assert.equal(
    Object.keys(site.contents()),
    [
      ...['autoexec.ipxe', 'bss.json', 'boot-service.json', 'boot.ipxe', 'dnsmasq.conf', 'grub.cfg'].map(
        name => `node.boot/${name}`,
      ),
      ...['node.boot/pxelinux.cfg', 'node.boot/warewulf.ipxe', 'node.boot/xcat.stanza'],
      ...['node.magnet', 'node.meta4', 'node.torrent', ...names.map(name => `node/${name}`)],
      ...['stage-one/initrd.img', 'stage-one/vmlinuz'],
    ].sort(),
  )
  assert.equal(
    published.written.sort(),
    [...Object.keys(site.contents()), `${published.generation}.torrent`].sort(),
  )
  for (const [name, content] of Object.entries(contents))
    assert.equal(readFileSync(at(`node/${name}`)), content)
})

test('sha256sum -c takes SHA256SUMS', () => {
  const run = spawnSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: at('node'), encoding: 'utf8' })
  assert.is(run.status, 0, run.stderr)
  assert.is(run.stdout, 'vmlinuz-6.1+b1: OK\ninitrd.img: OK\nroot.squashfs: OK\n')
})

needs(test, { 'transmission-show': 'transmission-cli' })('transmission-show reads the torrents', () => {
  const show = (name: string) => execFileSync('transmission-show', [at(name)], { encoding: 'utf8' })
  const all = show('node.torrent')
  assert.match(all, `Hash: ${published.infoHash}`)
  assert.match(all, /Created on: Unknown/)
  const length = pieceLengthFor(2_462_145)
  assert.match(all, `Piece Count: ${Math.ceil(2_462_145 / length)}\n`)
  assert.match(all, new RegExp(`Piece Size: ${length / 1024}\\.0+ KiB`))
  assert.match(all, /Privacy: Public torrent/)
  assert.match(
    all,
    /Tier #1\n {2}http:\/\/10\.0\.0\.1:6969\/announce\n+ {2}Tier #2\n {2}http:\/\/10\.0\.0\.2/,
  )
  assert.not.match(all, /WEBSEEDS/)
  for (const file of ['root.squashfs (1.50 MB)', 'vmlinuz-6.1+b1 (700.0 kB)', 'initrd.img (262.1 kB)'])
    assert.match(all, `  ${published.generation}/${file}\n`)
})

needs(test, { 'transmission-show': 'transmission-cli' })(
  'private, web seed, one file, no tracker',
  async () => {
    const show = (name: string) => execFileSync('transmission-show', [at(name)], { encoding: 'utf8' })
    await site.publish(files.slice(0, 1), { name: 'other', private: true, webSeed: true, trackers: [] })
    const text = show('other.torrent')
    assert.match(text, /Privacy: Private torrent/)
    assert.match(text, `WEBSEEDS\n\n  ${baseUrl}/\n`)
    assert.not.match(text, 'announce')
    assert.match(text, `${site.generation('other')}/vmlinuz-6.1+b1`)
    assert.is(readFileSync(at('other.magnet'), 'utf8').includes('&ws=http%3A%2F%2F10.0.0.1%2Fboot%2F'), true)
    assert.equal(
      readdirSync(site.served).filter(name => /^other.*\.torrent$/.test(name)),
      [`${site.generation('other')}.torrent`, 'other.torrent'],
    )
  },
)

test('aria2 sees the same torrent, and the magnet link is for it', async () => {
  const shown = (await fetched(['-S', at('node.torrent')])).output
  assert.match(shown, `Info Hash: ${published.infoHash}`)
  assert.match(shown, 'Total Length: 2.3MiB (2,462,145)')
  const theirs = new URL(/Magnet URI: (.*)/.exec(shown)?.[1] ?? '')
  const ours = new URL(readFileSync(at('node.magnet'), 'utf8').trim())
  assert.is(ours.searchParams.get('xt')?.toLowerCase(), theirs.searchParams.get('xt')?.toLowerCase())
  assert.equal(ours.searchParams.getAll('tr'), theirs.searchParams.getAll('tr'))
  assert.is(ours.searchParams.get('dn'), published.generation)
})

needs(test, { xmllint: 'libxml2-utils' })('xmllint reads the Metalink: sizes, digests, pieces', () => {
  execFileSync('xmllint', ['--nonet', '--noout', at('node.meta4')])
  for (const [index, [name, content]] of Object.entries(contents).entries()) {
    const file = `/*/*[local-name()="file"][${index + 1}]`
    const value = (path: string) =>
      execFileSync('xmllint', ['--nonet', '--xpath', `string(${file}${path})`, at('node.meta4')], {
        encoding: 'utf8',
      }).trim()
    assert.is(value('/@name'), name)
    assert.is(value('/*[local-name()="size"]'), String(content.length))
    assert.is(value('/*[local-name()="hash"]'), sha256(content))
    assert.is(value('/*[local-name()="url"]'), `${baseUrl}/${published.generation}/${name}`)
    const length = Number(value('/*[local-name()="pieces"]/@length'))
    assert.is(length, pieceLengthFor(2_462_145))
    assert.is(
      value('/*[local-name()="pieces"]/*[2]'),
      content.length > length ? sha256(content.subarray(length, 2 * length)) : '',
    )
  }
})

test('aria2 fetches the Metalink from a server, and refuses a file that is not the one', async () => {
  const origin = await startOrigin({ folder: site.served })
  try {
    await site.publish(files, { baseUrl: origin.url })
    const words = ['--max-tries=1', `${origin.url}/node.meta4`]
    const good = await fetched(words)
    assert.is(good.status, 0, good.output)
    for (const [name, content] of Object.entries(contents))
      assert.equal(readFileSync(join(good.folder, name)), content)
    // The torrent with the server's address beside it, as a node does it that has no peers (BEP 19).
    const byTorrent = await fetched(['-T', at('node.torrent'), `${origin.url}/`])
    assert.is(byTorrent.status, 0, byTorrent.output)
    for (const [name, content] of Object.entries(contents))
      assert.equal(readFileSync(join(byTorrent.folder, site.generation(), name)), content)
    writeFileSync(at('node/root.squashfs'), noise(1_500_001, 4))
    const bad = await fetched(words)
    assert.is.not(bad.status, 0, bad.output)
  } finally {
    await origin.close()
  }
})

test('the same files give the same bytes, at another time, in another place', async () => {
  const other = publishSite()
  const again = Object.entries(contents).map(([name, content]) => other.write(name, content))
  for (const path of again) utimesSync(path, 1, 1)
  await other.publish(again)
  rmSync(site.served, { recursive: true })
  await site.publish(files)
  assert.equal(other.contents(), site.contents())
  const text = JSON.stringify(Object.values(other.contents()))
  assert.not.match(text, other.source)
  assert.not.match(text, new RegExp(String(new Date().getFullYear())))
})

test('the command says what it published, and that nothing had changed', () => {
  const call = () =>
    cli(
      'publish',
      ...files,
      '-o',
      join(site.served, 'sub'),
      '--base-url',
      baseUrl,
      '--no-stage-one',
      '--nodes',
      '3',
    )
  const first = call()
  assert.is(first.status, 0, first.stderr)
  assert.match(first.stderr, /^reading 3 of 3 files \(2\.5 MB\)\n$/)
  assert.match(first.stdout, `sub/initrd.img  262.1 kB\n    sha256 ${sha256(contents['initrd.img'])}`)
  assert.match(first.stdout, /no --tracker: only nodes on one segment would find each other/)
  assert.not.match(first.stdout, 'kernel command line')
  const second = call()
  assert.is(second.stderr, '')
  assert.match(second.stdout, 'sub/initrd.img  262.1 kB, unchanged\n')
  rmSync(join(site.served, 'sub'), { recursive: true })
})

test.run()
