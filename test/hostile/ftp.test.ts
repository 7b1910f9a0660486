// What an FTP server can reply, given to the packed aria2c with the options of the stages.
import { createServer, type Socket } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Aria2cInput, aria2cInputs } from './aria2c-run.ts'
import { declareInputs } from './inputs.ts'
import { endless, type RawServer, startRawServer, trickle } from './raw-server.ts'

/** Replies that are not those of a good server, by command; `greeting` comes before the first. */
type Replies = Record<string, string | ((socket: Socket) => void)>

const content = 'x'.repeat(1000)
const servers: { close(): unknown }[] = []
test.after(async () => {
  for (const each of servers) await each.close()
})

/** A server for one passive data connection, which gives the file. */
function startDataServer(send: (socket: Socket) => void): Promise<number> {
  const data = createServer(socket => {
    socket.on('error', () => {})
    send(socket)
  })
  servers.push(data)
  return new Promise(resolve =>
    data.listen(0, '127.0.0.1', () => {
      const address = data.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
}

async function startFtpServer(replies: Replies, send: (socket: Socket) => void): Promise<RawServer> {
  const port = await startDataServer(send)
  const good: Replies = {
    greeting: '220 ready',
    USER: '331 password',
    PASS: '230 welcome',
    TYPE: '200 ok',
    PWD: '257 "/"',
    CWD: '250 ok',
    SIZE: `213 ${content.length}`,
    MDTM: '213 20260101000000',
    EPSV: `229 Entering (|||${port}|)`,
    PASV: `227 Entering (127,0,0,1,${port >> 8},${port & 255})`,
    REST: '350 ok',
    RETR: '150 here it comes\r\n226 done',
  }
  const server = await startRawServer(socket => {
    const reply = (command: string) => {
      const words = replies[command] ?? good[command] ?? '500 what'
      if (typeof words === 'function') words(socket)
      else socket.write(`${words}\r\n`, 'latin1')
    }
    socket.on('data', lines => {
      for (const line of lines.toString('latin1').split('\r\n'))
        if (line !== '') reply(line.split(' ')[0] ?? '')
    })
    reply('greeting')
  }, true)
  servers.push(server)
  return server
}

const inputs: Aria2cInput[] = []

async function replied(
  input: string,
  expected: string,
  replies: Replies,
  outcome: RegExp,
  more: Partial<Aria2cInput> & { send?: (socket: Socket) => void; name?: string } = {},
): Promise<void> {
  const { send = socket => socket.end(content), name = 'file', ...rest } = more
  const server = await startFtpServer(replies, send)
  inputs.push({ input, expected, outcome, address: `ftp://127.0.0.1:${server.port}/${name}`, ...rest })
}

await replied('what a good server replies', 'the file', {}, /^0/, { also: run => `${run.files.file} bytes` })

// ---- numbers
for (const size of ['1125899906842624', '9223372036854775807'])
  await replied(
    `SIZE ${size}`,
    'no room, said before anything is allocated',
    { SIZE: `213 ${size}` },
    /^9: (Not enough room|Too many pieces)/,
  )
for (const size of ['9223372036854775808', '-1', '12abc', '', 'x'])
  await replied(`SIZE '${size}'`, 'an error of FTP', { SIZE: `213 ${size}` }, /^21: Size must be positive/)
await replied('SIZE larger than what comes', 'an error, not a file', { SIZE: '213 2000' }, /^1: Got EOF/)
await replied(
  'no SIZE',
  'an error: nothing shows that it is whole',
  { SIZE: '500 what' },
  /^22: The server named no length and hung up/,
)
for (const reply of [
  '227 no brackets',
  '227',
  '227 (',
  '227 (1,2',
  '227 (1,2,3,4,5)',
  '227 (999,0,0,1,0,0)',
  '227 (127,0,0,1,256,0)',
  '227 (127,0,0,1,-1,-1)',
  '227 (99999999999,1,1,1,1,1)',
  '227 (a,b,c,d,e,f)',
])
  await replied(`PASV: ${reply}`, 'an error of FTP', { PASV: reply }, /^21/)
await replied('PASV: a port where nobody listens', 'an error', { PASV: '227 (127,0,0,1,0,1)' }, /^(1|6|21)/)
await replied(
  'PASV: the address of another machine',
  'the data come from this one all the same',
  { PASV: '227 (203,0,113,1,0,1)' },
  /^(1|6|21)/,
)
for (const time of ['', ' ', ' 2026', ' 99999999999999', ' aaaaaaaaaaaaaa', ` ${'9'.repeat(200)}`])
  await replied(
    `MDTM '213${time.slice(0, 20)}'`,
    'the file, without a time',
    { MDTM: `213${time}` },
    /^(0|21)/,
    { options: ['--remote-time=true'] },
  )

// ---- replies
for (const [words, greeting] of [
  ['not FTP', 'HTTP/1.1 200 OK'],
  ['a code of four digits', '2200 ready'],
  ['a code alone', '220'],
  ['binary', '\x00\xff\xfe\x01'],
] as const)
  await replied(`greeting: ${words}`, 'an error of FTP', { greeting }, /^(21|2)/, {
    options: ['--timeout=3', '--connect-timeout=3'],
  })
await replied(
  'greeting without end',
  '64 KiB, then an error',
  { greeting: socket => endless(socket, 'a') },
  /^21/,
)
await replied(
  'a reply of many lines without end',
  '64 KiB, then an error',
  { USER: socket => endless(socket, '331-line\r\n') },
  /^21/,
)
await replied(
  'a reply, one byte at a time',
  'the timeout ends it',
  { USER: socket => trickle(socket, `331-${'a'.repeat(9000)}`) },
  /^2: No complete FTP reply/,
  { options: ['--timeout=3'] },
)
await replied('no reply', 'the timeout ends it', { USER: () => {} }, /^2: Timeout/, {
  options: ['--timeout=3'],
})
await replied('PWD without quotes', 'an error of FTP', { PWD: '257 /' }, /^21/)
await replied('PWD with one quote', 'an error of FTP', { PWD: '257 "/' }, /^21/)
await replied(
  'PWD with line ends and ESC',
  'the file or an error',
  { PWD: '257 "/%0d%0aDELE x\x1b[31m"' },
  /^(0|21)/,
)
await replied('no such file', 'not found', { RETR: '550 none' }, /^3: Resource not found/)
await replied('a code that is none of FTP', 'an error of FTP', { USER: '999 what' }, /^21/)
await replied('goodbye in the middle', 'an error', { SIZE: socket => socket.end('421 bye\r\n') }, /^(1|2|21)/)

// ---- data
await replied('data, one byte at a time', 'too slow', {}, /^5: Too slow/, {
  send: socket => trickle(socket, content),
  options: ['--startup-idle-time=3'],
})
await replied('no data', 'the timeout ends it', {}, /^(2: Timeout|5: Too slow)/, {
  send: () => {},
  options: ['--timeout=3'],
})
await replied(
  'the last reply, one byte at a time',
  'the file',
  {
    RETR: socket => {
      socket.write('150 ok\r\n')
      trickle(socket, `226-${'a'.repeat(9000)}`)
    },
  },
  /^0/,
  { options: ['--timeout=3'] },
)
await replied(
  '2^31 bytes under the name of a torrent',
  'too large for memory',
  { SIZE: '213 2147483648' },
  /^9: (Too large|Not enough)/,
  { name: 'a.torrent' },
)

assert.ok(inputs.length > 0)
declareInputs(test, 'ftp', aria2cInputs(inputs))
test.run()
