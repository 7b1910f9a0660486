// What an HTTP server can answer, given to the packed aria2c with the options of the stages.
import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Aria2cInput, aria2cInputs } from './aria2c-run.ts'
import { declareInputs } from './inputs.ts'
import { type Answer, endless, startRawServer, trickle } from './raw-server.ts'

/** Each path's answer; the rows of the table below add theirs. */
const answers = new Map<string, Answer>()
const server = await startRawServer((socket, request) => {
  const path = request.split(' ')[1] ?? ''
  const answer = answers.get(path) ?? answers.get(path.split('?')[0] ?? '')
  if (answer === undefined) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
  else answer(socket, request)
})
test.after(() => server.close())

const inputs: Aria2cInput[] = []

/** A row: what is sent, what must follow. */
function answered(
  input: string,
  expected: string,
  answer: Answer | string,
  outcome: RegExp,
  more: Partial<Aria2cInput> & { name?: string } = {},
): void {
  const path = `/${inputs.length}/${more.name ?? 'file'}`
  answers.set(path, typeof answer === 'string' ? socket => socket.end(answer) : answer)
  const address = `http://127.0.0.1:${server.port}${path}`
  inputs.push({ input, expected, outcome, address, ...more })
}

const ok = 'HTTP/1.1 200 OK\r\n'
const body = 'x'.repeat(1000)
const whole = `${ok}Content-Length: 1000\r\n\r\n${body}`
const nothing = {
  also: (run: { files: Record<string, number> }) => `files: ${Object.keys(run.files).length}`,
}

// ---- lengths
for (const [words, length] of [
  ['2^50', '1125899906842624'],
  ['2^52', '4503599627370496'],
  ['2^62', '4611686018427387904'],
  ['2^63 - 1', '9223372036854775807'],
] as const) {
  answered(
    `Content-Length ${words}`,
    'no room, said before anything is allocated',
    `${ok}Content-Length: ${length}\r\n\r\n${body}`,
    /^9: (Not enough room|Too many pieces)/,
  )
}
for (const length of ['9223372036854775808', '18446744073709551617', '-1', '12abc', '0x10', '', '1e9', '+']) {
  const header = `${ok}Content-Length: ${length}\r\n`
  const isRefused = length !== ''
  answered(
    `Content-Length '${length}'`,
    isRefused ? 'a bad answer' : 'no length: what comes until the end',
    `${header}\r\n${body}`,
    isRefused ? /^22: Content-Length must be positive/ : /^0/,
  )
}
answered(
  'Content-Length longer than the body',
  'an error, not a file',
  `${ok}Content-Length: 2000\r\n\r\n${body}`,
  /^1: Got EOF/,
)
answered(
  'two Content-Lengths',
  'the first counts, or it is an error',
  `${ok}Content-Length: 1000\r\nContent-Length: 5\r\n\r\n${body}`,
  /^(0|22)/,
)
for (const range of [
  '0-9223372036854775807/9223372036854775807',
  '0-1125899906842623/1125899906842624',
  '900-100/1000',
  '0-999/10',
  '9223372036854775807-9223372036854775807/9223372036854775807',
  '-5-10/20',
  'bytes */*',
  'bytes 0-999/99999999999999999999',
]) {
  answered(
    `Content-Range ${range}`,
    'an error that names it, or no room',
    `HTTP/1.1 206 Partial Content\r\nContent-Length: 1000\r\nContent-Range: bytes ${range}\r\n\r\n${body}`,
    /^(22|9|1|8|0)/,
    { seconds: 20 },
  )
}

// ---- headers
answered(
  'a header without end',
  '64 KiB, then an error',
  socket => {
    socket.write(ok)
    endless(socket, 'X-Field: a value of no use\r\n')
  },
  /^22: Too large HTTP header/,
)
answered(
  'a header field without end',
  '64 KiB, then an error',
  socket => {
    socket.write(`${ok}X-Field: `)
    endless(socket, 'a')
  },
  /^22: Too large HTTP header/,
)
answered(
  'a Location without end',
  'an error',
  socket => {
    socket.write('HTTP/1.1 302 Found\r\nLocation: http://')
    endless(socket, 'a')
  },
  /^22: Too large HTTP header/,
)
answered(
  'a field name without end',
  'an error',
  socket => {
    socket.write(ok)
    endless(socket, 'a')
  },
  /^22: Too large HTTP header/,
)
answered(
  'a reason phrase without end',
  'an error',
  socket => {
    socket.write('HTTP/1.1 200 ')
    endless(socket, 'OK')
  },
  /^22: Too large HTTP header/,
)
answered(
  'a protocol version without end',
  'an error',
  socket => endless(socket, 'H'),
  /^22: Too large HTTP header/,
)
answered(
  'a status code without end',
  'an error',
  socket => {
    socket.write('HTTP/1.1 ')
    endless(socket, '2')
  },
  /^22: Too large HTTP header/,
)
answered(
  '10,000 cookies',
  'an error',
  `${ok}${'Set-Cookie: a=b; Path=/\r\n'.repeat(10_000)}Content-Length: 1000\r\n\r\n${body}`,
  /^22: Too large HTTP header/,
)
answered(
  'a cookie for a domain of 4,000 labels',
  'the file',
  `${ok}Set-Cookie: a=b; Domain=${'a.'.repeat(3900)}\r\nContent-Length: 1000\r\n\r\n${body}`,
  /^0/,
)
answered(
  'a cookie that expires in the year 0',
  'the file',
  `${ok}Set-Cookie: a=b; Expires=Thu, 31 Feb 0000 99:99:99 GMT; Max-Age=-99999999999999999999\r\nContent-Length: 1000\r\n\r\n${body}`,
  /^0/,
)
answered(
  '1,000 Link headers to mirrors',
  'the file',
  `${ok}${'Link: <http://127.0.0.1:1/>; rel=duplicate\r\n'.repeat(1000)}Content-Length: 1000\r\n\r\n${body}`,
  /^0/,
)
answered(
  'a Digest that is wrong',
  'error 32',
  `${ok}Digest: SHA-256=${Buffer.alloc(32).toString('base64')}\r\nContent-Length: 1000\r\n\r\n${body}`,
  /^32|^1/,
)
answered(
  'a header with NUL bytes',
  'the file or a bad answer',
  `${ok}X\0Y: \0\r\nContent-Length: 1000\r\n\r\n${body}`,
  /^(0|22)/,
)
answered('not HTTP', 'a bad answer', '\x00\x01\x02 rubbish\r\n\r\n', /^22/)
answered('an empty answer', 'an error', socket => socket.end(), /^1: Got EOF/)
for (const code of ['000', '099', '99', '1000', 'abc', '-20', '600', '999', '204', '306']) {
  answered(
    `status code ${code}`,
    'a bad answer',
    `HTTP/1.1 ${code} Words\r\nContent-Length: 0\r\n\r\n`,
    /^22/,
  )
}
answered('304, which was not asked for', 'a bad answer', 'HTTP/1.1 304 Not Modified\r\n\r\n', /^22: Got 304/)
answered(
  '100 Continue without end',
  'the timeout ends it',
  socket => endless(socket, 'HTTP/1.1 100 Continue\r\n\r\n'),
  /^2: No complete HTTP header/,
  { options: ['--timeout=3'] },
)
answered(
  'one 100 Continue a second',
  'the timeout ends it',
  socket => trickle(socket, 'HTTP/1.1 100 Continue\r\n\r\n', 40),
  /^2: No complete HTTP header/,
  { options: ['--timeout=3'] },
)
answered(
  'a header, one byte at a time',
  'the timeout ends it',
  socket => trickle(socket, `${ok}X-Slow: ${'a'.repeat(9000)}`),
  /^2: No complete HTTP header/,
  { options: ['--timeout=3'] },
)
answered('no answer', 'the timeout ends it', () => {}, /^2: Timeout/, { options: ['--timeout=3'] })
answered(
  'a header, one byte at a time, timeout as booted',
  'within 30 s and a little',
  socket => trickle(socket, `${ok}X-Slow: ${'a'.repeat(9000)}`, 1000),
  /^2: No complete HTTP header/,
  { seconds: 45 },
)

// ---- answers that are thrown away
answered(
  '404 with a body without end',
  'not found, at once',
  socket => {
    socket.write('HTTP/1.1 404 Not Found\r\n\r\n')
    endless(socket, body)
  },
  /^3: Resource not found/,
)
answered(
  '404 with 2^62 bytes',
  'not found, at once',
  socket => {
    socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 4611686018427387904\r\n\r\n')
    endless(socket, body)
  },
  /^3: Resource not found/,
)
answered(
  '404 with a body, one byte at a time',
  'not found, after the timeout',
  socket => {
    socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n')
    trickle(socket, body)
  },
  /^3: Resource not found/,
  { options: ['--timeout=3'] },
)
answered(
  '404 with a chunk extension without end',
  'not found, at once',
  socket => {
    socket.write('HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1;')
    endless(socket, 'a')
  },
  /^3: Resource not found/,
)
answered(
  'a redirect with a body without end, to itself',
  'too many redirects',
  (socket, request) => {
    socket.write(`HTTP/1.1 302 Found\r\nLocation: ${request.split(' ')[1]}\r\n\r\n`)
    endless(socket, body)
  },
  /^23: Too many redirects/,
  { seconds: 30 },
)
answered(
  'a redirect without an address',
  'a bad answer',
  'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n',
  /^22: Got 302/,
)
for (const target of ['file:///etc/passwd', 'gopher://x/', 'http://', '\x1b[2J']) {
  answered(
    `a redirect to ${target}`,
    'an error',
    `HTTP/1.1 302 Found\r\nLocation: ${target}\r\nContent-Length: 0\r\n\r\n`,
    /^(1|3|23|22)/,
    nothing,
  )
}
answered(
  '503 with Retry-After of 2^63',
  'busy',
  'HTTP/1.1 503 Busy\r\nRetry-After: 9223372036854775808\r\nContent-Length: 0\r\n\r\n',
  /^29/,
)
answered(
  'ESC and newlines in what is shown',
  'escaped',
  `HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\x1b[31m%0aaria2-initrd:%20verify:%20digest%20holds\x9b\r\nContent-Length: 0\r\n\r\n`,
  /^(1|6)/,
  {
    also: run => {
      assert.not.match(run.console, /^aria2-initrd: verify/m)
      return 'no line begins as one of /init'
    },
  },
)

// ---- chunks
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`
for (const size of ['ffffffffffffffff', '10000000000000000', '-1', 'xyz', '', ' 5']) {
  answered(
    `chunk size '${size}'`,
    'a bad answer',
    `${chunked}${size}\r\n${body}`,
    /^22: (Bad chunk size|Too big chunk)/,
  )
}
answered(
  'chunk size 7fffffffffffffff',
  'an error at the end of what came',
  `${chunked}7fffffffffffffff\r\n${body}`,
  /^1: Got EOF/,
)
answered(
  'a chunk size without end',
  'an error',
  socket => {
    socket.write(chunked)
    endless(socket, '0')
  },
  /^22: Too large chunk extension/,
)
answered(
  'a chunk extension without end',
  'an error',
  socket => {
    socket.write(`${chunked}5;`)
    endless(socket, 'a')
  },
  /^22: Too large chunk extension/,
)
answered(
  'a trailer without end',
  'an error',
  socket => {
    socket.write(`${chunked}5\r\nhello\r\n0\r\n`)
    endless(socket, 'X: y\r\n')
  },
  /^22: Too large chunk extension or trailer/,
)
answered(
  'a chunk without its line end',
  'a bad answer',
  `${chunked}5\r\nhello${body}`,
  /^22: Bad chunk encoding/,
)
for (const coding of [
  'gzip, chunked',
  'identity',
  'xyz',
  `chunked\r\nTransfer-Encoding: ${'a'.repeat(5000)}`,
]) {
  answered(
    `Transfer-Encoding ${coding.slice(0, 20).split('\r')[0]}${coding.length > 100 ? ', twice' : ''}`,
    'an error, or the file',
    `${ok}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    /^(0|1|22)/,
  )
}
const bomb = gzipSync(Buffer.alloc(200 << 20))
answered(
  '200 MiB of zeros as 200 KiB of gzip, typed as a torrent',
  '15 MiB, then an error',
  socket => {
    socket.write(
      `${ok}Content-Type: application/x-bittorrent\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${bomb.length.toString(16)}\r\n`,
    )
    socket.end(bomb)
  },
  /^(9|25|26|22)/,
  { memory: 64 },
)

// ---- bodies
for (const [type, name] of [
  ['application/x-bittorrent', 'a.torrent'],
  ['application/metalink4+xml', 'a.meta4'],
] as const) {
  answered(
    `a body without end, typed as ${type}`,
    '15 MiB, then an error',
    socket => {
      socket.write(`${ok}Content-Type: ${type}\r\n\r\n${name === 'a.torrent' ? '1000000000:' : '<metalink>'}`)
      endless(socket, ' ')
    },
    /^9: Maximum length/,
    { name, memory: 80 },
  )
  answered(
    `2^31 bytes typed as ${type}`,
    'too large for memory',
    `${ok}Content-Type: ${type}\r\nContent-Length: 2147483648\r\n\r\n${body}`,
    /^9: Too large to be kept in memory/,
    { name },
  )
  answered(
    `a body typed as ${type}, one byte at a time`,
    'too slow',
    socket => {
      socket.write(`${ok}Content-Type: ${type}\r\nContent-Length: 100000\r\n\r\n`)
      trickle(socket, ' ')
    },
    /^5: Too slow/,
    { name, options: ['--startup-idle-time=3'] },
  )
}
answered(
  'a body, one byte at a time',
  'too slow',
  socket => {
    socket.write(`${ok}Content-Length: 100000\r\n\r\n`)
    trickle(socket, body)
  },
  /^5: Too slow/,
  { options: ['--startup-idle-time=3'] },
)
answered(
  'a body, one byte every 2 s, limits as booted',
  'too slow, after a minute',
  socket => {
    socket.write(`${ok}Content-Length: 100000\r\n\r\n`)
    trickle(socket, body, 2000)
  },
  /^5: Too slow/,
  { seconds: 75 },
)
answered(
  'a body of no stated length, one byte at a time',
  'too slow',
  socket => {
    socket.write(`${ok}\r\n`)
    trickle(socket, body)
  },
  /^5: Too slow/,
  { options: ['--startup-idle-time=3'] },
)
answered(
  'a body that stops',
  'the timeout ends it',
  socket => socket.write(`${ok}Content-Length: 100000\r\n\r\n${body}`),
  /^2: Timeout|^5: Too slow/,
  { options: ['--timeout=3'] },
)
answered(
  '2 KiB/s, in a crowd',
  'the file',
  socket => {
    socket.write(`${ok}Content-Length: 16384\r\n\r\n`)
    const timer = setInterval(() => socket.write(Buffer.alloc(1024)), 400)
    socket.on('close', () => clearInterval(timer))
  },
  /^0/,
  { options: ['--startup-idle-time=3'], seconds: 60 },
)
answered(
  'more than Content-Length',
  'what Content-Length says',
  socket => {
    socket.write(whole)
    endless(socket, body)
  },
  /^0/,
  { also: run => `${Object.values(run.files)[0]} bytes` },
)

// ---- names
for (const [words, disposition] of [
  ['../../etc/passwd', 'attachment; filename="../../etc/passwd"'],
  ['/etc/passwd', 'attachment; filename="/etc/passwd"'],
  ['..%2F..%2Fx, encoded', "attachment; filename*=UTF-8''..%2F..%2Fx"],
  ['a NUL, encoded', "attachment; filename*=UTF-8''a%00b"],
  ['a newline, encoded', "attachment; filename*=UTF-8''a%0Ab"],
  ['a percent sign at the end', "attachment; filename*=UTF-8''a%"],
  ['broken UTF-8', "attachment; filename*=UTF-8''%ff%fe"],
  ['300 characters', `attachment; filename="${'a'.repeat(300)}"`],
  ['2,000 characters', `attachment; filename="${'a'.repeat(2000)}"`],
  ['without its end', 'attachment; filename="a'],
  ['nothing', 'attachment; filename=""'],
] as const) {
  answered(
    `Content-Disposition: ${words}`,
    'one file, in its folder, or an error',
    `${ok}Content-Disposition: ${disposition}\r\nContent-Length: 1000\r\n\r\n${body}`,
    /^(0|1|15|16|17|18)/,
    {
      also: run =>
        `files: ${Object.keys(run.files)
          .map(name => (name.length > 60 ? `${name.slice(0, 20)}…` : name))
          .join(' ')}`,
    },
  )
}

declareInputs(test, 'http', aria2cInputs(inputs))
test.run()
