/** Peers, and a choice among them by chance in which no client counts for more than another. */

interface Client<Kind> {
  name: string
  peers: Kind[]
  /** Its place in the list of clients. */
  at: number
}

export class PeersByClient<Kind extends { client: string }> {
  readonly #clients = new Map<string, Client<Kind>>()
  readonly #list: Client<Kind>[] = []

  /** How many clients there are. */
  get size(): number {
    return this.#list.length
  }

  /** The peers of a client. */
  of(client: string): readonly Kind[] {
    return this.#clients.get(client)?.peers ?? []
  }

  add(peer: Kind): void {
    const client = this.#clients.get(peer.client) ?? this.#newClient(peer.client)
    client.peers.push(peer)
  }

  /** Forgets the same object that was added. */
  remove(peer: Kind): void {
    const client = this.#clients.get(peer.client)
    const at = client?.peers.indexOf(peer) ?? -1
    if (client === undefined || at < 0) return
    client.peers.splice(at, 1)
    if (client.peers.length > 0) return
    this.#clients.delete(client.name)
    const last = this.#list.pop()
    if (last === undefined || last === client) return
    last.at = client.at
    this.#list[client.at] = last
  }

  /** So many peers by chance, of as many clients as there are: the peers of one cannot hide those of the others. */
  some(count: number): Kind[] {
    const clients = this.#someClients(Math.min(count, this.#list.length))
    const firsts = clients.map(({ peers }) => Math.floor(Math.random() * peers.length))
    const chosen: Kind[] = []
    for (let round = 0; chosen.length < count; round += 1) {
      const before = chosen.length
      clients.forEach(({ peers }, index) => {
        const peer = peers[((firsts[index] ?? 0) + round) % peers.length]
        if (round < peers.length && chosen.length < count && peer !== undefined) chosen.push(peer)
      })
      if (chosen.length === before) break
    }
    return chosen
  }

  /** Different ones by chance (Fisher and Yates, without a copy of the list). */
  #someClients(count: number): Client<Kind>[] {
    const moved = new Map<number, number>()
    return Array.from({ length: count }, (_, index) => {
      const other = index + Math.floor(Math.random() * (this.#list.length - index))
      const chosen = moved.get(other) ?? other
      moved.set(other, moved.get(index) ?? index)
      return this.#list[chosen] as Client<Kind>
    })
  }

  #newClient(name: string): Client<Kind> {
    const client = { name, peers: [], at: this.#list.length }
    this.#clients.set(name, client)
    this.#list.push(client)
    return client
  }
}
