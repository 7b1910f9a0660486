// Several files in one run of the packed aria2c, by the list that the stages write: what it says of each when it has ended.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { callStage } from '../../generator/simulator/simulate.ts'
import { torrentOf } from '../hostile/made-torrent.ts'
import { startRawServer } from '../hostile/raw-server.ts'
import { boot } from '../support/boots.ts'

const { aria2c } = await provideBinaries(silent)
const scratch = mkdtempSync(join(tmpdir(), 'sources-together-'))
test.after(() => rmSync(scratch, { recursive: true }))

const content = Buffer.alloc(300_000, 'content ')
const digest = createHash('sha256').update(content).digest('hex')

const whole = (body: Buffer | string, type = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n${type}\r\n${body.toString('latin1')}`
const metalink = (hash: string): string =>
  whole(
    `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="f"><hash type="sha-256">${hash}</hash><url>SITE/whole</url></file></metalink>`,
    'Content-Type: application/metalink4+xml\r\n',
  )

const answers: Record<string, string> = {
  '/whole': whole(content),
  '/half': `HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n${content.toString('latin1')}`,
  '/without-a-length': `HTTP/1.0 200 OK\r\n\r\n${content.toString('latin1')}`,
  '/500': 'HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n',
  '/loop': 'HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n',
  '/huge': 'HTTP/1.1 200 OK\r\nContent-Length: 900000000000000\r\n\r\nx',
  '/words': 'HTTP/1.1 302 Found\r\nLocation: gopher://x\x1b[2J\r\nContent-Length: 0\r\n\r\n',
  '/rubbish.torrent': whole('d3:foo'),
  '/unseeded.torrent': whole(
    torrentOf({ length: 4, name: 'x', 'piece length': 16384, pieces: Buffer.alloc(20) }).torrent,
  ),
  '/right.meta4': metalink(digest),
  '/wrong.meta4': metalink('0'.repeat(64)),
  '/empty.meta4': whole(
    '<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"></metalink>',
    'Content-Type: application/metalink4+xml\r\n',
  ),
}
const server = await startRawServer((socket, request) => {
  const path = request.split(' ')[1]?.split('?')[0] ?? ''
  const answer = answers[path] ?? 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'
  const site = `http://127.0.0.1:${server.port}`
  if (path.startsWith('/slow')) {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n')
    setTimeout(() => socket.end('x'.repeat(2000)), 2000)
    return
  }
  socket.end(
    Buffer.from(
      answer.includes('SITE')
        ? whole(
            answer.split('\r\n\r\n')[1]?.replace('SITE', site) ?? '',
            'Content-Type: application/metalink4+xml\r\n',
          )
        : answer,
      'latin1',
    ),
  )
})
test.after(() => server.close())
const site = `http://127.0.0.1:${server.port}`

/** Runs aria2c as a boot of these addresses does; what the stages then say of each folder. */
async function fetchAll(cmdline: string): Promise<Map<string, string>> {
  const folder = mkdtempSync(join(scratch, 'run-'))
  const place = (text: string) =>
    text.replaceAll('/tmp/', `${folder}/`).replaceAll('/run/aria2-initrd/', `${folder}/`)
  const rehearsed = boot(cmdline, { serve: {}, until: 5 })
  const words = rehearsed.trace.find(([name]) => name === 'aria2c') ?? []
  const list = rehearsed.file('/run/aria2-initrd/together') ?? ''
  mkdirSync(join(folder, 'unfinished'))
  for (const [, name = ''] of list.matchAll(/^ dir=\/tmp\/(.*)$/gm))
    mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'together'), place(list))
  await new Promise(resolve =>
    spawn(aria2c.path, words.slice(1).map(place), { stdio: 'ignore', env: {} }).on('close', resolve),
  )
  const session = readFileSync(join(folder, 'unfinished/list'), 'latin1').replaceAll(`${folder}/`, '/tmp/')
  const told = new Map<string, string>()
  for (const [, address = '', name = ''] of list.matchAll(/^(\S.*)\n dir=\/tmp\/incoming\/(.*)$/gm)) {
    const { console, status } = callStage(
      'endTogether',
      [address, `/tmp/incoming/${name}`],
      { cmdline: '' },
      machine => {
        machine.files.place('/run/aria2-initrd/unfinished/list', Buffer.from(session, 'latin1'))
        for (const file of readdirSync(join(folder, 'incoming', name)))
          machine.files.place(`/tmp/incoming/${name}/${file}`, Buffer.from('x'))
      },
    )
    told.set(
      address.replace(site, ''),
      status === 0
        ? 'whole'
        : console
            .replace(/^.*?: .*?: /, '')
            .replaceAll(site, '')
            .trim(),
    )
  }
  return told
}

const asked: [path: string, told: RegExp][] = [
  ['/whole', /^whole$/],
  ['/half', /^\/half: Got EOF from the server\. \(aria2 status 1\)$/],
  ['/without-a-length', /status 22: The server named no length and hung up/],
  ['/500', /the server returned an error \(aria2 status 22: .*status=500\)$/],
  ['/loop', /aria2 status/],
  ['/huge', /status 9: Not enough room: needs 858306886 MiB, has \d+ MiB\)$/],
  ['/words', /^[ -~]*Redirect to gopher:\/\/x%1B\[2J failed[ -~]*$/],
  ['/gone', /^\/gone: not found on the server/],
  ['/rubbish.torrent', /cannot parse the torrent/],
  ['/unseeded.torrent', /stopped before completion \(aria2 status 7\)$/],
  ['/right.meta4', /^whole$/],
  ['/wrong.meta4', /checksum mismatch/],
  ['/empty.meta4', /cannot parse the Metalink/],
  ['magnet:?xt=urn:btih:zz', /fetched nothing$/],
  ['http://127.0.0.1:1/x', /Connection refused/],
]
test('each of many: whole, or why not', async () => {
  const addresses = asked.map(([path]) => (path.startsWith('/') ? `${site}${path}` : path))
  const told = await fetchAll(`url=${addresses.join(',')}`)
  assert.is(told.size, asked.length)
  for (const [path, words] of asked) assert.match(told.get(path) ?? '', words)
})

test('a file that a digest proves needs no length', async () => {
  const told = await fetchAll(
    `kernel_url=${site}/without-a-length kernel_sha=${digest} initrd_url=${site}/without-a-length?2 initrd_sha=${digest} url=${site}/whole`,
  )
  assert.equal([...told.values()], ['whole', 'whole', 'whole'])
})

test('files that come over slow connections come at the same time', async () => {
  const started = Date.now()
  const told = await fetchAll(`url=${['/slow-1', '/slow-2', '/slow-3'].map(path => site + path).join(',')}`)
  assert.equal([...told.values()], ['whole', 'whole', 'whole'])
  const seconds = (Date.now() - started) / 1000
  assert.ok(seconds < 4.5, `${seconds} s for three files of 2 s each`)
})

test.run()
