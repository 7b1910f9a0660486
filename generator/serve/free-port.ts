import { createServer } from 'node:net'

/** A TCP port that nobody listens on just now: the wished one, or any. Undefined when the wished one is taken. */
export async function freePort(host: string, wished = 0): Promise<number | undefined> {
  const server = createServer()
  const port = await new Promise<number | undefined>(resolve => {
    server.once('error', () => resolve(undefined))
    server.listen(wished, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : undefined)
    })
  })
  if (port !== undefined) await new Promise(resolve => server.close(resolve))
  return port
}
