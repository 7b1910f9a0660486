/** A client that sends what it is told and nothing else. */
import { connect, type Socket } from 'node:net'

export interface RawClient {
  socket: Socket
  /** All that came so far, one character for a byte. */
  answer(): string
  /** When the other side has hung up: all that came. */
  end: Promise<string>
}

export async function rawClient(port: number, host = '127.0.0.1', localAddress?: string): Promise<RawClient> {
  const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) })
  let answer = ''
  socket.setEncoding('latin1').on('data', piece => {
    answer += piece
  })
  // A server may hang up hard.
  socket.on('error', () => {})
  const end = new Promise<string>(resolve => socket.on('close', () => resolve(answer)))
  await new Promise(resolve => socket.once('connect', resolve))
  return { socket, answer: () => answer, end }
}

/** Sends one request, its blank line added, and gives the whole answer. */
export async function rawRequest(port: number, head: string): Promise<string> {
  const client = await rawClient(port)
  client.socket.write(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`, 'latin1')
  return client.end
}
