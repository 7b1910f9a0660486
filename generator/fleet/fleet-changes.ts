/** What has changed, and when: each change has a number, and who looks on asks for those since the last that he knows. */
import type { ObservedNode } from './observed-node.ts'

/** Keys that are remembered as gone. */
const mostGone = 20_000

export class FleetChanges {
  #version = 0
  #gone: { key: string; version: number }[] = []
  /** Bytes that nodes have got until now, those that are forgotten included. */
  readonly received = { server: 0, swarm: 0 }

  /** The number of the last change. */
  get version(): number {
    return this.#version
  }

  /** Another change. @returns its number */
  count(): number {
    this.#version += 1
    return this.#version
  }

  /** Changes a node. */
  changed(node: ObservedNode, change: () => void): void {
    const before = { server: node.fromServer, swarm: node.fromSwarm }
    change()
    this.received.server += Math.max(0, node.fromServer - before.server)
    this.received.swarm += Math.max(0, node.fromSwarm - before.swarm)
    node.version = this.count()
  }

  /** A node is forgotten. */
  gone(key: string): void {
    this.#gone.push({ key, version: this.count() })
    if (this.#gone.length > mostGone) this.#gone = this.#gone.slice(-mostGone)
  }

  /** Keys that were forgotten since a version; undefined where that is longer ago than is remembered. */
  goneSince(since: number): string[] | undefined {
    const [oldest] = this.#gone
    if (this.#gone.length >= mostGone && oldest !== undefined && oldest.version > since) return undefined
    return this.#gone.filter(({ version }) => version > since).map(({ key }) => key)
  }
}
