// Files by way of tinyproxy, as the packed aria2c gets them with the settings that the stages write.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { outcome, runAria2c } from '../hostile/aria2c-run.ts'
import { startRawServer } from '../hostile/raw-server.ts'
import { boot } from '../support/boots.ts'
import { needs } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'sources-proxy-'))
const asked: string[] = []
const server = await startRawServer((socket, request) => {
  asked.push(/^via:.*tinyproxy/im.test(request) ? 'by the proxy' : 'directly')
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')
})
let proxy: ChildProcess | undefined
test.after(async () => {
  proxy?.kill('SIGKILL')
  await server.close()
  rmSync(folder, { recursive: true })
})

/** A port that nobody has at the moment. */
const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const listener = createServer().listen(0, '127.0.0.1', () => {
      const address = listener.address()
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const isUp = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
      .on('connect', () => socket.end(() => resolve(true)))
      .on('error', () => resolve(false))
  })

let proxyPort: number | undefined
/** tinyproxy for one user, started for the first test that needs it. */
async function tinyproxy(): Promise<number> {
  if (proxyPort !== undefined) return proxyPort
  proxyPort = await freePort()
  writeFileSync(
    join(folder, 'conf'),
    `Port ${proxyPort}\nListen 127.0.0.1\nTimeout 20\nMaxClients 10\nBasicAuth node secret\n`,
  )
  proxy = spawn('tinyproxy', ['-d', '-c', join(folder, 'conf')], { stdio: 'ignore' })
  for (let tries = 0; !(await isUp(proxyPort)); tries += 1) {
    assert.ok(tries < 100, 'tinyproxy does not answer')
    await sleep(100)
  }
  return proxyPort
}

/** Fetches an address as a boot with such parameters does. */
async function fetchBy(parameters: string): Promise<string> {
  asked.length = 0
  const address = `http://127.0.0.1:${server.port}/x`
  const rehearsed = boot(`url=${address} ${parameters} retries=1`)
  assert.not.match(rehearsed.console, 'secret')
  assert.not.ok(rehearsed.trace.flat().some(word => word.includes('secret')))
  const settings = join(folder, 'settings')
  writeFileSync(settings, rehearsed.file('/run/aria2-initrd/aria2c.conf') ?? '')
  const run = await runAria2c('--no-conf=false', `--conf-path=${settings}`, address)
  return `${outcome(run)} ${asked.join()}`
}

const proxyTest = needs(test, { tinyproxy: 'tinyproxy' })

proxyTest('a proxy with a password is asked', async () => {
  assert.is(await fetchBy(`proxy=http://node:secret@127.0.0.1:${await tinyproxy()}/`), '0 by the proxy')
})

proxyTest('what no_proxy names is asked directly', async () => {
  const given = `proxy=http://node:secret@127.0.0.1:${await tinyproxy()}/`
  for (const list of ['127.0.0.1', '.example.org,127.0.0.0/8'])
    assert.is(await fetchBy(`${given} no_proxy=${list}`), '0 directly', list)
})

proxyTest('a proxy that refuses the password is an error in words', async () => {
  const seen = await fetchBy(`proxy=http://node:secretive@127.0.0.1:${await tinyproxy()}/`)
  assert.is(seen, '24: Authorization failed. ')
})

test('without a proxy there are no settings', () => {
  assert.is(boot('url=http://s/k').file('/run/aria2-initrd/aria2c.conf'), undefined)
})

test('what is no proxy is refused, and not shown', () => {
  for (const given of [
    'proxy=secret',
    'proxy=ftp://secret',
    '"proxy=http://a\n on-download-complete=x"',
    '"no_proxy=a\nx" proxy=http://p',
  ]) {
    const ended = boot(`url=http://s/k ${given}`)
    assert.match(ended.console, 'command-line: proxy')
    assert.not.match(ended.console, 'secret')
    assert.not.ok(ended.ran('aria2c'))
  }
})

test('a lease counts where the proxy answers through it', () => {
  const ended = boot('url=http://s/k proxy=http://10.0.2.9:3128')
  assert.ok(ended.commands('nc').every(line => line.endsWith('10.0.2.9 3128')))
})

test.run()
