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

/** The first byte that a request wants, and the one behind the last; undefined where it wants all. */
export function rangeOf(request: string, size: number): [number, number] | undefined {
  const found = /^range: bytes=(\d+)-(\d*)/im.exec(request)
  if (found === null) return undefined
  return [Number(found[1]), found[2] === '' ? size : Number(found[2]) + 1]
}

/**
 * Gives a file or the part of it that is asked for, as servers do that can.
 * @param header lines of the answer besides those that it needs
 * @param until hang up in the middle, before this byte of the file
 */
export function give(
  socket: Socket,
  request: string,
  content: Buffer,
  header = '',
  until = content.length,
): void {
  const range = rangeOf(request, content.length)
  const [first, end] = range ?? [0, content.length]
  const status = range === undefined ? '200 OK' : '206 Partial Content'
  const place = range === undefined ? '' : `Content-Range: bytes ${first}-${end - 1}/${content.length}\r\n`
  socket.write(
    `HTTP/1.1 ${status}\r\nContent-Length: ${end - first}\r\n${place}${header}Connection: close\r\n\r\n`,
  )
  socket.end(content.subarray(first, Math.min(end, until)))
}

/** Sends a text again and again for as long as the client takes it. */
export function endless(socket: Socket, text: string | Buffer): void {
  const block = Buffer.from(text)
  const chunk =
    block.length < 65_536 ? Buffer.concat(Array(Math.ceil(65_536 / block.length)).fill(block)) : block
  // Others are served meanwhile: a fast reader would have the next piece at once.
  const send = () => void socket.write(chunk, error => error || setImmediate(send))
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
