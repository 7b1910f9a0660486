/** Servers and trackers beside a switch that do each thing wrong, by the path; started in its namespace. Words: folder, address. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { endless, give, trickle } from '../hostile/raw-server.ts'

const [folder = '', address = ''] = process.argv.slice(2)

const asked = new Map<string, number>()
/** How often a path was asked for, this time included. */
function count(path: string): number {
  const times = (asked.get(path) ?? 0) + 1
  asked.set(path, times)
  return times
}

const header = (length: number, status = '200 OK', more = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\n${more}Connection: close\r\n\r\n`
const empty = (status: string, more = ''): string => header(0, status, more)

/** As a tracker says it: peers that are all at one address. */
const peers = (port: number): string =>
  `d8:completei1e8:intervali60e5:peers6:${String.fromCharCode(...address.split('.').map(Number), port >> 8, port & 255)}e`

/** By the first folder of the path; the rest is a file's name. */
const faults: Record<string, (socket: Socket, content: Buffer, request: string, path: string) => void> = {
  good: (socket, content, request) => give(socket, request, content),
  'not-found': socket => socket.end(empty('404 Not Found')),
  forbidden: socket => socket.end(empty('403 Forbidden')),
  'broken-once': (socket, content, request, path) =>
    count(path) === 1 ? socket.end(empty('500 Internal Server Error')) : give(socket, request, content),
  'forbidden-once': (socket, content, request, path) =>
    count(path) === 1 ? socket.end(empty('403 Forbidden')) : give(socket, request, content),
  loop: (socket, _content, _request, path) => socket.end(empty('302 Found', `Location: ${path}\r\n`)),
  slow(socket, content) {
    socket.write(header(content.length))
    trickle(socket, content.toString('latin1'), 300)
  },
  endless(socket) {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
    endless(socket, `10000\r\n${'x'.repeat(65_536)}\r\n`)
  },
  short: (socket, content) =>
    socket.end(Buffer.concat([Buffer.from(header(content.length)), content.subarray(0, -10)])),
  half: (socket, content, request) => give(socket, request, content, '', content.length / 2),
  changed(socket, content, request, path) {
    if (path.endsWith('.torrent')) return give(socket, request, content)
    const other = Buffer.from(content)
    other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1
    give(socket, request, other)
  },
  hung: () => {},
  rubbish: socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nd8:interv'),
  'one-peer': (socket, _content, _request, path) => {
    const port = Number(path.split('/')[2])
    const body = Buffer.from(peers(port), 'latin1')
    socket.end(Buffer.concat([Buffer.from(header(body.length)), body]))
  },
}

function answer(socket: Socket, request: string): void {
  const path = decodeURIComponent(request.split(' ')[1]?.split('?')[0] ?? '')
  const [, fault = '', ...name] = path.split('/')
  const file = join(folder, name.join('/'))
  const content = existsSync(file) ? readFileSync(file) : Buffer.from('d8:intervali60e5:peers0:e')
  const answers = faults[fault]
  if (answers === undefined) socket.end(empty('404 Not Found'))
  else answers(socket, content, request, path)
}

const server = createServer(socket => {
  socket.on('error', () => {})
  socket.once('data', request => answer(socket, request.toString('latin1')))
})

/** On port 8002: gives half of a file, goes away for 3 s, and gives all of it from then on. */
function startDying(isBack: boolean): void {
  const sockets = new Set<Socket>()
  const dying = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', data => {
      const request = data.toString('latin1')
      if (isBack) return answer(socket, request)
      const path = request.split(' ')[1] ?? ''
      const content = readFileSync(join(folder, path.replace('/good/', '')))
      socket.write(
        Buffer.concat([Buffer.from(header(content.length)), content.subarray(0, content.length / 2)]),
        () => {
          dying.close()
          for (const each of sockets) each.resetAndDestroy()
          setTimeout(() => startDying(true), 3000)
        },
      )
    })
  })
  dying.listen(8002)
}

startDying(false)
server.listen(8001, () => process.stdout.write('serves\n'))
