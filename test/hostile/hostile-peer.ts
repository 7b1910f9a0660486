/** A peer that says what it likes. */
import { connect, type Socket } from 'node:net'

let peers = 0

/** A handshake as any client sends it, with extensions (BEP 10) and fast (BEP 6); each has a name of its own. */
export function handshake(infoHash: Buffer): Buffer {
  peers += 1
  return Buffer.concat([
    Buffer.from('\x13BitTorrent protocol\0\0\0\0\0\x10\0\x04', 'latin1'),
    infoHash,
    Buffer.from(`-XX0000-${String(peers).padStart(12, '0')}`),
  ])
}

/** A message of the peer protocol, with the right length. */
export function message(id: number, ...payload: (Buffer | string | number)[]): Buffer {
  const body = Buffer.concat([
    Buffer.from([id]),
    ...payload.map(part => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1')
      if (typeof part !== 'number') return part
      const word = Buffer.alloc(4)
      word.writeUInt32BE(part % 2 ** 32)
      return word
    }),
  ])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

export class HostilePeer {
  received = Buffer.alloc(0)
  closed = false
  #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]).subarray(-1_000_000)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
    })
  }

  /** @param from an address of the loopback */
  static dial(port: number, from = '127.0.0.1'): Promise<HostilePeer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: from })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new HostilePeer(socket)))
    })
  }

  /** Resolves when the kernel has it, or the connection has gone, or the other side has not read for a second. */
  send(bytes: Buffer | string): Promise<void> {
    return new Promise(resolve => {
      const limit = setTimeout(resolve, 1000)
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => {
        clearTimeout(limit)
        resolve()
      })
      if (this.closed) resolve()
    })
  }

  /** Takes nothing more from the other side. */
  stopReading(): void {
    this.#socket.pause()
  }

  close(): void {
    this.#socket.destroy()
  }
}
