// Files from servers, as the packed aria2c gets them with the options of the stages: whole, and of one build, or not at all.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { outcome, runAria2c } from '../hostile/aria2c-run.ts'
import { type Answer, give, rangeOf, startRawServer } from '../hostile/raw-server.ts'
import { boot } from '../support/boots.ts'
import { needs } from '../support/needs.ts'

/** As with `connections=4`. */
const several = ['--split=4', '--max-connection-per-server=4']

const size = 8 << 20
const oldBuild = Buffer.alloc(size, 'old build ')
const newBuild = Buffer.alloc(size, 'new build ')

const answers = new Map<string, Answer>()
const server = await startRawServer((socket, request) => {
  const answer = answers.get(request.split(' ')[1] ?? '')
  if (answer === undefined) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
  else answer(socket, request)
})
test.after(() => server.close())

const at = (path: string, answer: Answer): string => {
  answers.set(path, answer)
  return `http://127.0.0.1:${server.port}${path}`
}

test('a server that has no parts of files: one connection gets it all', async () => {
  let asked = 0
  const address = at('/whole', socket => {
    asked += 1
    socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`), newBuild]))
  })
  const run = await runAria2c(...several, address)
  assert.is(outcome(run).slice(0, 1), '0', outcome(run))
  assert.equal(run.files, { whole: size })
  assert.ok(asked >= 1)
})

for (const [words, refuse] of [
  ['hangs up on others', (socket: Socket) => void socket.end()],
  [
    'is too busy for others',
    (socket: Socket) => void socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'),
  ],
] as const) {
  test(`a server that has one connection for a node, and ${words}: the file comes`, async () => {
    let open = 0
    const address = at(`/one-at-a-time-${words.replaceAll(' ', '-')}`, (socket, request) => {
      if (open > 0) return refuse(socket)
      open += 1
      socket.on('close', () => {
        open -= 1
      })
      give(socket, request, newBuild, 'ETag: "1"\r\n')
    })
    const run = await runAria2c(...several, address)
    assert.is(run.status, 0, run.log)
    assert.equal(Object.values(run.files), [size])
  })
}

for (const [tag, header] of [
  ['a strong ETag', 'ETag: "1"\r\n'],
  ['a time', 'Last-Modified: Sat, 28 Nov 2026 20:00:00 GMT\r\n'],
  ['a weak ETag and a time', 'ETag: W/"1"\r\nLast-Modified: Sat, 28 Nov 2026 20:00:00 GMT\r\n'],
] as const) {
  test(`a file with ${tag} comes over several connections`, async () => {
    const ranges: string[] = []
    const path = `/parts-${tag.replaceAll(' ', '-')}`
    const address = at(path, (socket, request) => {
      ranges.push(String(rangeOf(request, size)))
      give(socket, request, newBuild, header)
    })
    const run = await runAria2c(...several, address)
    assert.is(outcome(run), '0')
    assert.ok(ranges.length > 1, ranges.join(' '))
  })
}

for (const [tag, header] of [
  ['no validator', ''],
  ['a weak ETag', 'ETag: W/"1"\r\n'],
] as const) {
  test(`a file with ${tag} comes over one connection`, async () => {
    let asked = 0
    const address = at(`/one-${tag.replaceAll(' ', '-')}`, (socket, request) => {
      asked += 1
      give(socket, request, newBuild, header)
    })
    const run = await runAria2c(...several, address)
    assert.is(outcome(run), '0')
    assert.is(asked, 1)
  })
}

for (const [change, headers] of [
  ['its ETag', ['ETag: "old"\r\n', 'ETag: "new"\r\n']],
  [
    'its time',
    ['Last-Modified: Sat, 28 Nov 2026 20:00:00 GMT\r\n', 'Last-Modified: Sat, 28 Nov 2026 20:00:01 GMT\r\n'],
  ],
  ['its ETag, which is gone', ['ETag: "old"\r\n', '']],
] as const) {
  test(`a file that is replaced while it comes, ${change}: never a mix`, async () => {
    let asked = 0
    const address = at(`/replaced-${change.replaceAll(/\W+/g, '-')}`, (socket, request) => {
      asked += 1
      give(socket, request, asked === 1 ? oldBuild : newBuild, headers[asked === 1 ? 0 : 1])
    })
    const run = await runAria2c(...several, address)
    assert.match(outcome(run), /^8: The file has changed on the server/)
  })
}

const metalink = (hash: string, ...mirrors: string[]): string =>
  `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="f"><size>${size}</size>${hash}${mirrors
    .map((mirror, priority) => `<url priority="${priority + 1}">${mirror}</url>`)
    .join('')}</file></metalink>`

for (const [name, hash, wanted] of [
  ['without a digest never a mix', '', /^8: Without a digest the bytes of two addresses cannot be one file/],
  [
    'with a digest the mix is found out',
    `<hash type="sha-256">${execFileSync('sha256sum', { input: newBuild, encoding: 'latin1' }).slice(0, 64)}</hash>`,
    /^32/,
  ],
] as const) {
  test(`a mirror that dies halfway, and one with another build: ${name}`, async () => {
    const id = hash.length
    const first = at(`/first-${id}`, (socket, request) =>
      give(socket, request, oldBuild, 'ETag: "a"\r\n', 3 << 20),
    )
    // aria2 takes one address of a host.
    // Of several mirrors on one host aria2 takes one.
    const second = at(`/second-${id}`, (socket, request) =>
      give(socket, request, newBuild, 'ETag: "b"\r\n'),
    ).replace('127.0.0.1', 'localhost')
    const list = at(`/list-${id}.meta4`, socket =>
      socket.end(
        `HTTP/1.1 200 OK\r\nContent-Type: application/metalink4+xml\r\nConnection: close\r\n\r\n${metalink(hash, first, second)}`,
      ),
    )
    const run = await runAria2c('--split=1', list)
    assert.match(outcome(run), wanted)
  })
}

// ---- ends
const half = 'x'.repeat(1000)
for (const [kind, answer, wanted] of [
  [
    'Connection: close without a length',
    `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${half}`,
    /^22: The server named no length/,
  ],
  ['HTTP/1.0 without a length', `HTTP/1.0 200 OK\r\n\r\n${half}`, /^22: The server named no length/],
  [
    'chunks without the last one',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${half}\r\n`,
    /^1: Got EOF/,
  ],
  [
    'a chunk that is not all there',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${half}`,
    /^1: Got EOF/,
  ],
  ['less than the length', `HTTP/1.0 200 OK\r\nContent-Length: 2000\r\n\r\n${half}`, /^1: Got EOF/],
  ['HTTP/1.0 with a length', `HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\n${half}`, /^0$/],
  ['all chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${half}\r\n0\r\n\r\n`, /^0$/],
  ['no byte, and that said', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', /^0$/],
] as const) {
  test(`the end: ${kind}`, async () => {
    const run = await runAria2c(
      ...several,
      at(`/end-${kind.replaceAll(/\W+/g, '-')}`, socket => socket.end(answer)),
    )
    assert.match(outcome(run), wanted)
  })
}

test('the end: no length, and a digest that /init compares afterwards', async () => {
  const address = at('/later', socket => socket.end(`HTTP/1.0 200 OK\r\n\r\n${half}`))
  assert.is(outcome(await runAria2c(...several, '--require-certain-end=false', address)), '0')
})

// ---- headers
test('a header goes to the server that was named, not to where it redirects', async () => {
  const seen: string[] = []
  const other = await startRawServer((socket, request) => {
    seen.push(`other ${/^authorization:.*$/im.exec(request)?.[0] ?? 'nothing'}`)
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
  })
  const address = at('/moved', (socket, request) => {
    seen.push(`first ${/^authorization:.*$/im.exec(request)?.[0]}`)
    socket.end(
      `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:${other.port}/x\r\nContent-Length: 0\r\n\r\n`,
    )
  })
  const run = await runAria2c(...several, '--header=Authorization: Bearer secret', address)
  await other.close()
  assert.is(outcome(run), '0')
  assert.equal(seen, ['first Authorization: Bearer secret', 'other nothing'])
})

// ---- TLS
/** A certificate of its own for 127.0.0.1, with its key. @param from the first day on which it is valid, YYYYMMDD */
function selfSigned(folder: string, from: string): { key: string; certificate: string } {
  const place = (name: string) => join(folder, name)
  writeFileSync(
    place('ca'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${place('index')}\nnew_certs_dir=${folder}\nserial=${place('serial')}\ndefault_md=sha256
policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:true\n`,
  )
  writeFileSync(place('index'), '')
  writeFileSync(place('serial'), '01\n')
  const openssl = (...words: string[]) => void execFileSync('openssl', words, { stdio: 'pipe', cwd: folder })
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-out', 'key')
  openssl('req', '-new', '-key', 'key', '-subj', '/CN=127.0.0.1', '-out', 'request')
  openssl(
    ...['ca', '-batch', '-config', 'ca', '-selfsign', '-keyfile', 'key', '-in', 'request', '-notext'],
    ...['-startdate', `${from}000000Z`, '-enddate', '20490101000000Z', '-out', 'certificate'],
  )
  return { key: place('key'), certificate: place('certificate') }
}

for (const [validity, from, wanted] of [
  ['is valid', '20200101', /^0$/],
  [
    'is not valid yet: the clock is named',
    '20480101',
    /^1: SSL\/TLS handshake failure: certificate is not yet valid, by this machine's clock \(\w{3}, \d\d .* GMT\)$/,
  ],
] as const) {
  needs(test, { openssl: 'openssl' })(`a certificate that ${validity}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sources-tls-'))
    const { key, certificate } = selfSigned(folder, from)
    const https = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, answer) =>
      answer.end('x'),
    )
    await new Promise<void>(resolve => https.listen(0, '127.0.0.1', resolve))
    const bound = https.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0
    const address = `https://127.0.0.1:${port}/x`
    const run = await runAria2c(...several, `--ca-certificate=${certificate}`, address)
    assert.match(outcome(run), wanted)
    // One that nobody vouches for, and what the stages write where the command line says insecure.
    assert.match(outcome(await runAria2c(...several, address)), /^1: SSL\/TLS handshake failure: /)
    const { file } = boot(`url=${address} retries=1 insecure`, { without: [] })
    const settings = join(folder, 'settings')
    writeFileSync(settings, file('/run/aria2-initrd/aria2c.conf') ?? '')
    assert.is(outcome(await runAria2c('--no-conf=false', `--conf-path=${settings}`, address)), '0')
    https.closeAllConnections()
    https.close()
    rmSync(folder, { recursive: true })
  })
}

test.run()
