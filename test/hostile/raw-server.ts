/** A server that answers with bytes, not with a protocol. */
import { createServer, type Socket } from 'node:net'

/** What a client gets. `request` is the first that it sent; empty for a server that speaks first. */
export type Answer = (socket: Socket, request: string) => void

export interface RawServer {
  port: number
  close(): Promise<void>
}

/**
 * Starts a server on loopback. @param answer called with the first bytes of a client, or at once where `speaksFirst`
 */
export async function startRawServer(answer: Answer, speaksFirst = false): Promise<RawServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    if (speaksFirst) answer(socket, '')
    else socket.once('data', request => answer(socket, request.toString('latin1')))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** Sends a text again and again for as long as the client takes it. */
export function endless(socket: Socket, text: string | Buffer): void {
  const block = Buffer.from(text)
  const chunk =
    block.length < 65_536 ? Buffer.concat(Array(Math.ceil(65_536 / block.length)).fill(block)) : block
  const send = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', send)
  send()
}

/** Sends a text byte by byte, then its last part again and again. @param every milliseconds between two bytes */
export function trickle(socket: Socket, text: string, every = 200): void {
  let place = 0
  const timer = setInterval(() => {
    socket.write(text[place % text.length] ?? '')
    place += 1
  }, every)
  socket.on('close', () => clearInterval(timer))
}
