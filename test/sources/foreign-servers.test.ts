// Files from vsftpd and from transmission, as the packed aria2c gets them with the options of the stages.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { infoHash } from '../../generator/publish/torrent.ts'
import { optionsFor, outcome, runAria2c } from '../hostile/aria2c-run.ts'
import { torrentOf } from '../hostile/made-torrent.ts'
import { needs } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'sources-foreign-'))
const children: ChildProcess[] = []
test.after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** A port that nobody has at the moment. */
const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address()
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Starts a server and waits until it takes connections. */
async function start(port: number, program: string, ...words: string[]): Promise<void> {
  children.push(spawn(program, words, { stdio: 'ignore' }))
  const isUp = () =>
    new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
        .on('connect', () => socket.end(() => resolve(true)))
        .on('error', () => resolve(false))
    })
  for (let tries = 0; !(await isUp()); tries += 1) {
    assert.ok(tries < 150, `${program} does not answer`)
    await sleep(100)
  }
}

const content = randomBytes(700_001)

needs(
  test,
  { vsftpd: 'vsftpd' },
  true,
)('vsftpd: a file by FTP, one that is not there, a user without a password', async () => {
  const [port, site] = [await freePort(), join(folder, 'ftp')]
  mkdirSync(join(site, 'pub'), { recursive: true })
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(site, 'pub/vmlinuz'), content)
  writeFileSync(
    join(folder, 'vsftpd.conf'),
    [
      ...['listen=YES', 'listen_address=127.0.0.1', `listen_port=${port}`, 'background=NO'],
      ...['anonymous_enable=YES', 'local_enable=NO', `anon_root=${site}`, 'run_as_launching_user=YES'],
      ...[`secure_chroot_dir=${join(folder, 'empty')}`, 'seccomp_sandbox=NO', 'xferlog_enable=NO', ''],
    ].join('\n'),
  )
  await start(port, 'vsftpd', join(folder, 'vsftpd.conf'))
  const at = `127.0.0.1:${port}/pub`
  const whole = await runAria2c(`ftp://${at}/vmlinuz`)
  assert.is(outcome(whole), '0')
  assert.equal(whole.files, { vmlinuz: content.length })
  assert.match(outcome(await runAria2c(`ftp://${at}/gone`)), /^3/)
  assert.match(outcome(await runAria2c(`ftp://somebody:wrong@${at}/vmlinuz`)), /^(21|24)/)
})

needs(test, { 'transmission-daemon': 'transmission-daemon' })(
  'transmission: a magnet link that names it',
  async () => {
    const [port, data, settings] = [await freePort(), join(folder, 'data'), join(folder, 'transmission')]
    mkdirSync(join(settings, 'watch'), { recursive: true })
    mkdirSync(data)
    writeFileSync(join(data, 'vmlinuz'), content)
    const pieces: Buffer[] = []
    for (let at = 0; at < content.length; at += 65_536)
      pieces.push(
        createHash('sha1')
          .update(content.subarray(at, at + 65_536))
          .digest(),
      )
    const { torrent } = torrentOf({
      length: content.length,
      name: 'vmlinuz',
      'piece length': 65_536,
      pieces: Buffer.concat(pieces),
    })
    writeFileSync(join(settings, 'watch/vmlinuz.torrent'), torrent)
    writeFileSync(
      join(settings, 'settings.json'),
      JSON.stringify({
        'bind-address-ipv4': '127.0.0.1',
        'dht-enabled': false,
        'download-dir': data,
        'lpd-enabled': false,
        'peer-port': port,
        'pex-enabled': false,
        'port-forwarding-enabled': false,
        'rpc-enabled': false,
        'utp-enabled': false,
        'watch-dir': join(settings, 'watch'),
        'watch-dir-enabled': true,
      }),
    )
    await start(port, 'transmission-daemon', '--foreground', '--config-dir', settings)
    const address = `magnet:?xt=urn:btih:${infoHash(torrent)}&dn=vmlinuz&x.pe=127.0.0.1:${port}`
    const run = await runAria2c(...optionsFor(`url=${address}`), '--seed-time=0', address)
    assert.is(outcome(run), '0')
    assert.equal(run.files, { vmlinuz: content.length })
  },
)

test.run()
