/** What a boot tells others: /init takes events down, the reporter in the image tells them, and `serve` reads them. */

/** What happens, in the order in which a boot comes to it. */
export const bootEventKinds = [
  /** A stage begins. */
  'entered',
  /** What the console says. */
  'says',
  /** aria2's progress, every ten seconds. */
  'progress',
  /** Something was fetched: from a `server` or a `swarm`, KiB, and its address. */
  'fetched',
  /** Why a stage, or a try of it, ended: the console's words. */
  'failed',
  /** A stage is over. */
  'finished',
  /** The boot ends without a kernel to start, as it was asked to. */
  'complete',
  /** The boot ends because it failed. */
  'gave-up',
  /** The next kernel is started. */
  'handed-over',
  /** The next system runs: it says so itself, if it is made to; `ms` is of its kernel. */
  'up',
] as const

export type BootEventKind = (typeof bootEventKinds)[number]

export const isBootEventKind = (text: string): text is BootEventKind =>
  bootEventKinds.some(kind => kind === text)

/** An event as `report=` gets it, JSON by POST. Texts are printable ASCII; what is not known is empty. */
export interface BootEvent {
  node: { mac: string; ip: string; hostname: string; uuid: string; serial: string }
  stage: string
  event: BootEventKind
  /** Milliseconds since the kernel started. */
  ms: number
  /** What web servers gave until now, and what torrents did: peers and their web servers. */
  kibFromServer: number
  kibFromSwarm: number
  text: string
  /** Of `failed` and `gave-up`: the last thing that failed. */
  cause: string
}
