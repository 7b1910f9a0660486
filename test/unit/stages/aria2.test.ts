import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { callStage } from '../../../generator/simulator/simulate.ts'
import { unknownServer } from '../../scenarios/scenario.ts'
import { boot, both } from '../../support/boots.ts'

const optionsOf = (cmdline: string): string[] => boot(cmdline).trace.find(([name]) => name === 'aria2c') ?? []

test('aria2c is told all that its defaults would spoil', () => {
  const words = optionsOf('kernel_url=http://s/k')
  for (const option of [
    '--no-conf',
    '--no-netrc',
    '--user-agent=aria2-initrd',
    '--dir=/tmp/incoming/kernel',
    '--file-allocation=none',
    '--max-tries=1',
  ])
    assert.ok(words.includes(option), option)
  assert.is(words.at(-1), 'http://s/k')
})

test('headers are in a file of aria2c alone: not on its command line, nor on the console', () => {
  const headers = ['Authorization: Bearer a b', "X-Y: '*'"]
  const cmdline = `${both} ${headers.map(header => `"http_header=${header}"`).join(' ')}`
  const ended = boot(cmdline)
  const words = ended.trace.find(([name]) => name === 'aria2c') ?? []
  assert.ok(words.includes('--conf-path=/run/aria2-initrd/aria2c.conf'))
  assert.not.ok(words.includes('--no-conf'))
  assert.not.ok(words.some(word => word.includes('Bearer')))
  assert.not.match(ended.console, 'Bearer')
  assert.is(
    ended.file('/run/aria2-initrd/aria2c.conf')?.toString(),
    "header=Authorization: Bearer a b\nheader=X-Y: '*'\n\n",
  )
})

test('a header that is refused is not shown', () => {
  const { console, end } = boot(`${both} http_header=secret`)
  assert.match(console, 'http_header: not of the form NAME: VALUE\n')
  assert.not.match(console, 'secret')
  assert.match(end, 'reboot')
})

test('a file comes over several connections, a torrent over one', () => {
  assert.ok(optionsOf(both).includes('--split=1'))
  assert.ok(optionsOf(`${both} connections=2`).includes('--max-connection-per-server=2'))
  assert.ok(optionsOf('url=http://s/t.torrent').includes('--split=1'))
  assert.ok(optionsOf('url=http://s/t.torrent').includes('--bt-stop-unseeded=3'))
  assert.not.ok(optionsOf('url=magnet:?xt=a').some(word => word.startsWith('--bt-stop-unseeded')))
})

test('after a server that has no parts of files there is one connection', () => {
  const serve = { 'http://s/k': [{ status: 8 }, 'kernel'] }
  const runs = boot('kernel_url=http://s/k', { serve }).trace.filter(([name]) => name === 'aria2c')
  assert.equal(
    runs.map(words => words.includes('--split=1')),
    [true, false],
  )
})

test('without a digest the end of a file must be certain', () => {
  assert.ok(optionsOf(both).includes('--require-certain-end=true'))
  const digest = `kernel_sha=${'0'.repeat(64)}`
  assert.not.ok(optionsOf(`kernel_url=http://s/k ${digest}`).includes('--require-certain-end=true'))
})

test('where the status has no name the cause stands alone', () => {
  const serve = {
    'http://s/k': { status: 1, cause: 'SSL/TLS handshake failure: certificate is not yet valid' },
  }
  assert.match(
    boot(`${both} retries=1`, { serve }).console,
    'download: http://s/k: SSL/TLS handshake failure: certificate is not yet valid (aria2 status 1)\n',
  )
})

test('a port that aria2 cannot open is not why a torrent stopped', () => {
  const bind = 'Failed to bind a socket, cause: Address family not supported by protocol'
  const said = (status: number, cause: string): string =>
    boot('url=http://s/x.torrent retries=1', { serve: { 'http://s/x.torrent': { status, cause } } }).console
  assert.match(said(7, bind), 'stopped before completion (aria2 status 7)\n')
  assert.match(said(7, 'Tracker said no'), '(aria2 status 7: Tracker said no)\n')
  assert.match(said(1, bind), `http://s/x.torrent: ${bind} (aria2 status 1)\n`)
})

test('insecure: said aloud, and only where the image was built so', () => {
  const serve = unknownServer
  const line = 'kernel_url=https://s/k retries=1'
  const cause = 'https://s/k: SSL/TLS handshake failure: self-signed certificate (aria2 status 1)'
  assert.match(boot(line, { serve, without: [] }).console, cause)
  const refused = boot(`${line} insecure`, { serve }).console
  assert.match(refused, 'insecure is not in this image: built --without insecure')
  assert.match(refused, cause)
  const { console, file } = boot(`${line} insecure`, { serve, without: [] })
  assert.match(console, 'download: warning: insecure: certificates of servers are not checked')
  assert.not.match(console, cause)
  assert.match(file('/run/aria2-initrd/aria2c.conf') ?? '', /^check-certificate=false$/m)
})

test('seed_time is seconds, aria2 wants minutes', () => {
  assert.ok(optionsOf(both).includes('--seed-time=0.083'))
  assert.ok(optionsOf(`${both} seed_time=90`).includes('--seed-time=1.500'))
  assert.ok(optionsOf(`${both} seed_time=0`).includes('--seed-time=0.000'))
  assert.ok(optionsOf(`${both} seed_time=999999999`).includes('--seed-time=16666666.650'))
})

test("the rack's name is handed on as it is", () => {
  assert.ok(optionsOf(`${both} "rack=row 3, $(b)"`).includes('--bt-rack=row 3, $(b)'))
  assert.not.ok(optionsOf(both).some(word => word.startsWith('--bt-rack')))
})

test('seed_ratio and tracker are handed on', () => {
  const words = optionsOf(`${both} seed_ratio=1.5 tracker=http://t/announce`)
  assert.ok(words.includes('--seed-ratio=1.5'))
  assert.ok(words.includes('--bt-exclude-tracker=*'))
  assert.ok(words.includes('--bt-tracker=http://t/announce'))
})

test('aria2_options come last, one word each', () => {
  const words = optionsOf(`kernel_url=http://s/k aria2_options="--timeout=9  --header=X:*"`)
  assert.equal(words.slice(-3), ['--timeout=9', '--header=X:*', 'http://s/k'])
})

for (const option of [
  '--on-download-complete=/bin/sh',
  '--on-bt-download-complete=x',
  '--save-session=/x',
  '--rpc-listen-all=true',
  '--check-certificate=false',
  '--conf-path=/x',
  '--dir=/etc',
  '--out=passwd',
  '--index-out=1=../x',
  '--input-file=/x',
  '--log=/x',
  '--daemon=true',
  '--enable-rpc',
  '--di=/etc',
  '--conf=/x',
  '--inp=/x',
  '--=x',
  '--',
]) {
  test(`aria2_options: ${option} is refused`, () => {
    const ended = boot(`${both} aria2_options=${option}`)
    assert.match(ended.console, `command-line: aria2_options: --`)
    assert.match(ended.console, ' is not allowed\n')
    assert.not.ok(ended.ran('aria2c'))
  })
}

for (const option of ['-d/etc', 'http://other/file', '-', '*']) {
  test(`aria2_options: ${option} is not written --name=value`, () => {
    assert.match(
      boot(`${both} aria2_options=${option}`).console,
      `command-line: aria2_options: '${option}' is not an option; write --name=value\n`,
    )
  })
}

test('a failure tells the address, the status in words and the last cause in the log', () => {
  const serve = { 'http://s/k': { status: 6, cause: 'Network problem has occurred. cause:No route to host' } }
  assert.match(
    boot(`${both} retries=1`, { serve }).console,
    /download: http:\/\/s\/k: network problem \(aria2 status 6: .*No route to host\)\n/,
  )
})

test('each status that a run here can end with has words of its own', () => {
  const texts = [
    ...[1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 15, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29, 32],
    ...[127, 134, 136, 137, 139, 143],
  ].map(status => callStage('statusInWords', [status], { cmdline: '' }).value)
  assert.is(new Set(texts).size, texts.length)
  assert.is(callStage('statusInWords', [99], { cmdline: '' }).value, 'see aria2c(1)')
})

test('an old log is no cause for a new failure', () => {
  const serve = { 'http://a/k': { status: 6, cause: 'old cause' }, 'http://b/k': { status: 2 } }
  assert.match(
    boot('kernel_url=http://a/k,http://b/k retries=1', { serve }).console,
    'http://b/k: timed out (aria2 status 2)\n',
  )
})

test('aria2 ends well without a file where it cannot read a torrent: that is a failure', () => {
  const serve = { 'http://s/t.torrent': { status: 0, cause: 'Bencoding failed' } }
  const { console, end } = boot('url=http://s/t.torrent retries=1', { serve })
  assert.match(
    console,
    'download: http://s/t.torrent: aria2 succeeded, but fetched nothing: Bencoding failed\n',
  )
  assert.match(end, 'reboot')
})

test.run()
