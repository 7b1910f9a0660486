/**
 * How nodes fetch{@part bittorrent  and take part in a swarm}, as measured (test/lab/README.md){@part bittorrent ; where a number is "not 120", that is aria2's own. The origin's side:
 * generator/swarm/README.md}.
 */

/** Peers at a time: more make each slower, and the slowest piece decides. */
export const swarmPeers = 24
/** Seconds until a tracker that was not there is asked again, not 120. */
export const announceRetry = 3
/** Seconds that a tracker has to answer, not 60. */
export const trackerTimeout = 3
/** Seconds without progress until the web server is asked as well. */
export const swarmStall = 20
/** The same where no peer has data, and the tracker knows of none, or does not answer. */
export const seedWait = 3
/** The same beside a web server: it may be busy with all the nodes. */
export const webServerStall = 60
/** HTTP streams beside the swarm: each keeps its pieces from the peers. */
export const webStreams = 1
/** Their order of pieces: else all nodes ask for the same ones at once. */
export const webPieceOrder = 'random'
/** Bytes/s of a server below which it is given up: 10 Mbit/s for 1,000 nodes. */
export const lowestSpeed = 1024
/** Seconds over which that is measured: connections may rest for tens. */
export const lowestSpeedTime = 60
/** Messages of a run that are shown, and not counted: 3 s of a serial line. */
export const messageLimit = 20
