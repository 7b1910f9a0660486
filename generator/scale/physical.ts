/** The numbers that the simulator takes from the world, each with its source. What aria2 does is in swarm-host.ts and peer-policy.ts. */

/** Of 1,514 bytes of an Ethernet frame 1,448 are a file's: IPv4, TCP with timestamps. Links carry frames. */
export const frameShare = 1448 / 1514

/** Seconds from one host to another and back where no queue is. One switch of a cluster takes some tens of microseconds. */
export const roundTrip = 0.0002

/**
 * How long a queue before a link may be: 40 ms in the lab (test/lab/network-batch.ts); on a switch about 1 MB for a port,
 * its share of the 16 to 32 MB that one chip has for all.
 */
export const labQueue = 0.04
export const switchQueueBytes = 1e6

/** Seconds from a node's start to aria2's first announce: aria2's own start, and the torrent by HTTP (scale/swarm/1). */
export const announceAfter = 0.03

/** Bytes of a block that peers ask for (BEP 3, and BtConstants.h). */
export const requestLength = 16 * 1024

/**
 * Seconds of one core that aria2c takes for a byte, SHA-1 and the kernel's part included: measured over the loopback with
 * 1 GiB in pieces of 1 MiB on a Xeon with SHA-NI (test/scale/aria2-cost.ts). aria2 has one thread.
 */
export const receiveCost = 1 / (540 * 2 ** 20)
export const sendCost = 1 / (1000 * 2 ** 20)

/**
 * Seconds that super seeding takes to choose a piece to show, for each piece of the torrent: it looks at all of them
 * (aria2-cooperative-swarm.patch, showPiece; the same measurement with 4,096 pieces).
 */
export const showCost = 0.28e-6
