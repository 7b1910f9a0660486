import { createServer, type Server, type Socket } from 'node:net'

export interface FaultyServer {
  readonly port: number
  close(): Promise<void>
}

/** What the server does with a request, by its path. `gone` takes the whole server along. */
const faults: Record<string, (socket: Socket, server: Server) => void> = {
  '/truncated': socket => socket.end(`${header(1_000_000)}${'x'.repeat(400_000)}`),
  '/gone': (socket, server) => {
    server.close()
    socket.write(`${header(1_000_000)}${'x'.repeat(400_000)}`, () => socket.resetAndDestroy())
  },
  '/hung': () => {},
  '/stalled': socket => socket.write(`${header(1_000_000)}${'x'.repeat(400_000)}`),
  '/broken': socket => socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n'),
  '/rubbish': socket => socket.end('\u0000\u0001 this is not HTTP\n'),
}

const header = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`

/** A server that breaks its promises, each path in its own way. */
export async function startFaultyServer(): Promise<FaultyServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', request => {
      const path = request.toString('latin1').split(' ')[1] ?? ''
      const fault = faults[path]
      if (fault === undefined) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
      else fault(socket, server)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
