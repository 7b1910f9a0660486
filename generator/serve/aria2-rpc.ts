/** aria2's JSON-RPC interface (its manual, «RPC INTERFACE»), as far as a seeder needs it. */
export class Aria2Rpc {
  #url: string
  /** Where it may listen, too: aria2 has no IPv4 loopback on a machine without an IPv4 address. */
  #otherUrl: string
  readonly #secret: string

  constructor(port: number, secret: string) {
    this.#url = `http://127.0.0.1:${port}/jsonrpc`
    this.#otherUrl = `http://[::1]:${port}/jsonrpc`
    this.#secret = secret
  }

  /** Waits until it answers; false when that is not within the time (milliseconds). */
  async ready(limit: number, over: () => boolean): Promise<boolean> {
    const deadline = Date.now() + limit
    while (!over() && Date.now() < deadline) {
      try {
        await this.#call('aria2.getVersion')
        return true
      } catch {
        const tried = this.#url
        this.#url = this.#otherUrl
        this.#otherUrl = tried
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    }
    return false
  }

  /** Starts a torrent; its data lie in the folder. The answer is aria2's name for it, the gid. */
  async addTorrent(torrent: Buffer, folder: string): Promise<string> {
    return String(await this.#call('aria2.addTorrent', torrent.toString('base64'), [], { dir: folder }))
  }

  /** Ends a torrent at once, without a word to the tracker. */
  async remove(gid: string): Promise<void> {
    await this.#call('aria2.forceRemove', gid)
  }

  /** Bytes of payload that each running torrent has given, by gid. */
  async given(): Promise<Map<string, number>> {
    const active = await this.#call('aria2.tellActive', ['gid', 'uploadLength'])
    const entries = active as { gid: string; uploadLength: string }[]
    return new Map(entries.map(({ gid, uploadLength }) => [gid, Number(uploadLength)]))
  }

  /** Why a torrent does not run any more, in aria2's words. */
  async reasonOf(gid: string): Promise<string> {
    const { errorMessage } = (await this.#call('aria2.tellStatus', gid, ['errorMessage'])) as {
      errorMessage?: string
    }
    return errorMessage || 'aria2 gave no reason'
  }

  /** @throws Error with what aria2 says */
  async #call(method: string, ...params: unknown[]): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [`token:${this.#secret}`, ...params] }),
      signal: AbortSignal.timeout(10_000),
    })
    const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } }
    if (error !== undefined) throw new Error(error.message)
    return result
  }
}
