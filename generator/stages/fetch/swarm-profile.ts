/**
 * How nodes take part in a swarm. Chosen by measurement: test/lab/README.md has the numbers, generator/swarm/README.md
 * the origin's side.
 */

/** Peers at a time: a mesh that is dense enough. More make each slower, and the slowest piece decides. */
export const swarmPeers = 24
/** Seconds after which a tracker that was not there is asked again; aria2's own are 120. */
export const announceRetry = 3
/** Seconds that a tracker has to answer; aria2's own are 60, also when the boot wants to go on. */
export const trackerTimeout = 3
/** Seconds without progress after which peers have failed and the web server is asked too. */
export const swarmStall = 20
/** The same beside a web server: it may be busy with all the nodes whose peers failed. */
export const webServerStall = 60
/** HTTP streams of a torrent's pieces beside the swarm: each keeps its pieces from the peers. */
export const webStreams = 1
/** The order of that stream's pieces: all nodes would ask for the same ones at the same time. */
export const webPieceOrder = 'random'
/** Bytes/s below which a web or FTP server is given up: 1,000 nodes take them from a server with 10 Mbit/s. */
export const lowestSpeed = 1024
/** Seconds over which that speed is measured: in a crowd a connection may rest for tens of seconds. */
export const lowestSpeedTime = 60
/** Messages of one run on the console and in the log; then they are counted. A serial line takes them in 3 s. */
export const messageLimit = 20
