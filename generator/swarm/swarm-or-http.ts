/** Whether nodes share what they fetch, or all of them take it from the web server. */

export interface Delivery {
  /** Bytes that each node fetches. */
  bytes: number
  /** How many nodes boot at a time; many where that is not known. */
  nodes?: number
  /** Nodes that know no tracker find each other on their own segment only. */
  hasTracker: boolean
  /** Mbit/s that the web server's machine can send, default 1,000. */
  originRate?: number
  /** Mbit/s of a node's link each way, default 1,000. */
  nodeRate?: number
}

/** A site that does not say how many nodes it boots has some racks of them. */
const unknownNodes = 64

/**
 * What a swarm takes until its last node boots on: so many times the lower bound, and so long to form and to leave.
 * Measured with 2 to 32 nodes, 8 to 256 MiB: test/lab/README.md.
 */
const overBound = 1.2
const secondsToFormAndLeave = 2

/** Compares the times after which the last node boots on, at the rates that are known. */
export function plainHttpIsBetter(delivery: Delivery): boolean {
  const { bytes, nodes = unknownNodes, hasTracker, originRate = 1000, nodeRate = 1000 } = delivery
  if (!hasTracker || nodes === 1) return true
  const megabits = (bytes * 8) / 1e6
  const byHttp = Math.max((nodes * megabits) / originRate, megabits / nodeRate)
  const bound = Math.max(
    megabits / originRate,
    megabits / nodeRate,
    (nodes * megabits) / (originRate + nodes * nodeRate),
  )
  return byHttp <= overBound * bound + secondsToFormAndLeave
}
