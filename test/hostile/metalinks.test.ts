// What a Metalink can hold, given to the packed aria2c with the options of the stages.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Aria2cInput, aria2cInputs } from './aria2c-run.ts'
import { declareInputs } from './inputs.ts'
import { endless, startRawServer } from './raw-server.ts'

const documents = new Map<string, string | Buffer>()
const content = 'x'.repeat(1000)
const server = await startRawServer((socket, request) => {
  const path = request.split(' ')[1] ?? ''
  const document = documents.get(path)
  if (document !== undefined)
    socket.end(
      Buffer.concat([
        Buffer.from(
          `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/metalink4+xml\r\nContent-Length: ${Buffer.byteLength(document)}\r\n\r\n`,
        ),
        Buffer.from(document),
      ]),
    )
  else if (path.endsWith('/good'))
    socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${content.length}\r\n\r\n${content}`)
  else if (path.endsWith('/endless')) {
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/metalink4+xml\r\n\r\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">',
    )
    endless(socket, '<file name="a"><url>http://127.0.0.1:1/</url></file>')
  } else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
})
test.after(() => server.close())

const base = `http://127.0.0.1:${server.port}`
const inputs: Aria2cInput[] = []

function named(
  input: string,
  expected: string,
  document: string | Buffer,
  outcome: RegExp,
  more: Partial<Aria2cInput> = {},
): void {
  const path = `/${inputs.length}.meta4`
  documents.set(path, document)
  inputs.push({ input, expected, outcome, address: `${base}${path}`, ...more })
}

const version4 = (files: string) =>
  `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">${files}</metalink>`
const version3 = (files: string) =>
  `<?xml version="1.0"?><metalink version="3.0" xmlns="http://www.metalinker.org/"><files>${files}</files></metalink>`
const file4 = (rest: string, name = 'file') => `<file name="${name}">${rest}</file>`
const good = `<url>${base}/good</url>`
const dead = '<url>http://127.0.0.1:1/x</url>'
const written = {
  also: (run: { files: Record<string, number> }) => `files: ${Object.keys(run.files).join(' ') || 'none'}`,
}

named('a good one', 'the file', version4(file4(`<size>1000</size>${good}`)), /^0/, written)

// ---- numbers
for (const size of ['1125899906842624', '9223372036854775807'])
  named(
    `size ${size}`,
    'no room, said before anything is allocated',
    version4(file4(`<size>${size}</size>${good}`)),
    /^9: (Not enough room|Too many pieces)/,
  )
for (const size of ['9223372036854775808', '-1', 'abc', ''])
  named(`size '${size}'`, 'cannot parse the Metalink', version4(file4(`<size>${size}</size>${good}`)), /^20/)
named('size that is not that of the file', 'an error', version4(file4(`<size>999</size>${good}`)), /^(1|8): /)
named(
  'version 3: size 2^50',
  'no room',
  version3(file4(`<size>1125899906842624</size><resources><url type="http">${base}/good</url></resources>`)),
  /^9: /,
)
for (const length of ['0', '-1', '2147483648', '4294967296', 'abc'])
  named(
    `pieces of '${length}'`,
    'the file, or cannot parse the Metalink',
    version4(
      file4(
        `<size>1000</size><pieces length="${length}" type="sha-256"><hash>${'0'.repeat(64)}</hash></pieces>${good}`,
      ),
    ),
    /^(0|20|1|32)/,
  )
named(
  '1 GiB in pieces of 1 byte',
  'too many pieces',
  version4(file4(`<size>1073741824</size><pieces length="1" type="sha-1"></pieces>${good}`)),
  /^9: Too many pieces/,
)
named(
  'no size, and pieces of 1 byte',
  'the file',
  version4(file4(`<pieces length="1" type="sha-1"></pieces>${good}`)),
  /^(0|9)/,
)
named(
  'pieces of 2147483647 bytes',
  'the file',
  version4(file4(`<size>1000</size><pieces length="2147483647" type="sha-1"></pieces>${good}`)),
  /^0/,
)
for (const priority of ['0', '-1', '1000000', '99999999999'])
  named(
    `priority ${priority}`,
    'cannot parse the Metalink',
    version4(file4(`<url priority="${priority}">${base}/good</url>`)),
    /^20/,
  )
named(
  'version 3: preference -2147483648, maxconnections 2^40',
  'the file',
  version3(
    file4(
      `<resources maxconnections="1099511627776"><url type="http" preference="-2147483648" maxconnections="-5">${base}/good</url></resources>`,
    ),
  ),
  /^0/,
)

// ---- digests
named(
  'a wrong digest',
  'the digest is wrong',
  version4(file4(`<hash type="sha-256">${'0'.repeat(64)}</hash>${good}`)),
  /^32/,
)
for (const [type, digest] of [
  ['sha-256', 'abc'],
  ['sha-999', '00'],
  ['', '00'],
  ['sha-256', ''],
])
  named(
    `a digest ${type} '${digest}'`,
    'no digest, or cannot parse the Metalink',
    version4(file4(`<hash type="${type}">${digest}</hash>${good}`)),
    /^(0|20)/,
  )

// ---- names
for (const name of [
  '../../x',
  '/etc/x',
  'a/../../x',
  '',
  '.',
  '..',
  'a&#10;b',
  'a&#27;[31m',
  'x'.repeat(300),
  'a/b/c',
])
  named(
    `a file called '${name.length > 60 ? '300 characters' : name}'`,
    'in its folder, or an error',
    version4(file4(good, name)),
    /^(0|1|15|16|17|18|20)/,
    { also: run => `files: ${Object.keys(run.files).join(' ').slice(0, 60) || 'none'}` },
  )

// ---- numbers of things
named(
  '5,001 files',
  'cannot parse the Metalink',
  version4(Array.from({ length: 5001 }, (_, index) => file4(dead, `f${index}`)).join('')),
  /^20: Metalink names more than 5000 files/,
  { memory: 64 },
)
named(
  '3,000 files from a dead mirror',
  'few lines, and a count',
  version4(Array.from({ length: 3000 }, (_, index) => file4(dead, `f${index}`)).join('')),
  /^(1|6): /,
  {
    memory: 128,
    seconds: 60,
    also: run => {
      assert.ok(run.console.length < 16_384, `${run.console.length} bytes`)
      assert.match(run.log, /29\d\d messages more, the last of which:/)
      return 'N messages more, the last of which:'
    },
  },
)
named(
  '50,000 dead mirrors',
  'few lines, and a count',
  version4(
    file4(Array.from({ length: 50_000 }, (_, index) => `<url>http://127.0.0.1:1/${index}</url>`).join('')),
  ),
  /^(1|6): /,
  {
    memory: 96,
    seconds: 60,
    also: run => {
      assert.match(run.log, /80 messages more, the last of which:/)
      return 'N messages more, the last of which:'
    },
  },
)
named(
  '1,000,000 addresses of one letter',
  'few are tried',
  version4(file4('<url>a</url>'.repeat(1_000_000))),
  /^3: Resource not found/,
  { memory: 160, seconds: 30 },
)
named(
  '800,000 files without an address',
  'cannot parse the Metalink',
  version4('<file name="a"/>'.repeat(800_000)),
  /^20/,
  { memory: 160, seconds: 30 },
)
named('1,000,000 open elements', 'cannot parse the Metalink', version4('<a>'.repeat(1_000_000)), /^20/, {
  memory: 64,
})
named(
  'an attribute of 10 MB',
  'cannot parse the Metalink, or the file',
  version4(file4(good, 'a').replace('<url>', `<url location="${'a'.repeat(10_000_000)}">`)),
  /^(0|20)/,
  { memory: 160 },
)
named(
  '1,000 wrong sizes with ESC',
  'one line',
  version4(file4('<size>\u001b</size>'.replace('\u001b', '&#x9b;').repeat(1000))),
  /^20/,
)

// ---- XML
named(
  'entities that multiply',
  'cannot parse the Metalink',
  `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a "${'a'.repeat(1000)}">${Array.from({ length: 9 }, (_, index) => `<!ENTITY ${'bcdefghij'[index]} "${`&${'abcdefghi'[index]};`.repeat(10)}">`).join('')}]><metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="&j;">${good}</file></metalink>`,
  /^20/,
  { memory: 96 },
)
named(
  'an entity that names a file',
  'cannot parse the Metalink, or nothing of it',
  `<?xml version="1.0"?><!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>${version4(file4(`<size>&a;</size>${good}`)).slice(21)}`,
  /^(0|20)/,
)
named('cut off', 'cannot parse the Metalink', version4(file4(good)).slice(0, -12), /^20: Could not parse/)
named('not XML', 'cannot parse the Metalink', 'rubbish', /^20: Could not parse/)
named('nothing', 'an error', '', /^(20|1|0)/)
named('NUL bytes', 'cannot parse the Metalink', Buffer.alloc(1000), /^20: Could not parse/)
named(
  'broken UTF-8',
  'cannot parse the Metalink',
  Buffer.concat([Buffer.from('<metalink>'), Buffer.from([0xff, 0xfe, 0x9b])]),
  /^20: Could not parse/,
)
named('no file', 'cannot parse the Metalink: it names none', version4(''), /^20: No file matched/)
named(
  'another namespace',
  'cannot parse the Metalink: it names no file',
  `<metalink xmlns="urn:x">${file4(good)}</metalink>`,
  /^20: No file matched/,
)
named('a file without an address', 'an error', version4(file4('<size>1000</size>')), /^(1|20|0)/)

// ---- what follows
named(
  'one that names itself',
  'not followed for ever',
  version4(file4(`<url>${base}/${inputs.length}.meta4</url>`, 'a.meta4')),
  /^20: Torrents and Metalinks lead to one another/,
)
named(
  'a torrent that is none',
  'cannot parse the torrent',
  version4(file4(`<metaurl mediatype="torrent">${base}/good</metaurl>`)),
  /^(1|25|26|20)/,
)
named(
  'a metaurl to itself',
  'an error',
  version4(file4(`<metaurl mediatype="torrent">${base}/${inputs.length}.meta4</metaurl>`)),
  /^(1|25|26|20)/,
)
named(
  'addresses that are no web addresses',
  'an error',
  version4(file4('<url>file:///etc/passwd</url><url>javascript:x</url><url>ftp://</url>')),
  /^(1|3|20|6|19)/,
)
inputs.push({
  input: 'one without end',
  expected: '15 MiB, then an error',
  outcome: /^9: Maximum length/,
  address: `${base}/endless`,
  memory: 96,
  seconds: 30,
})

declareInputs(test, 'metalinks', aria2cInputs(inputs))
test.run()
