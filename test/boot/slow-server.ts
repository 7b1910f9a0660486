import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'

export interface SlowServer {
  /** For a guest of QEMU. */
  url: string
  close(): void
}

/** Serves one file of so many bytes, so many of them a second; a part of it where that is asked for. */
export async function startSlowServer(size: number, rate: number): Promise<SlowServer> {
  const server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(start === 0 ? 200 : 206, {
      'content-length': size - start,
      'content-range': `bytes ${start}-${size - 1}/${size}`,
      'accept-ranges': 'bytes',
    })
    let left = size - start
    const timer = setInterval(() => {
      const piece = Math.min(left, rate / 10)
      left -= piece
      response.write(Buffer.alloc(piece, 7))
      if (left === 0) response.end()
    }, 100)
    response.on('close', () => clearInterval(timer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${hostFromGuest}:${port}/slow`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
