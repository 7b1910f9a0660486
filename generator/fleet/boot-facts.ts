/** What is known of one boot: plain data, as a file keeps it, and the figures that follow from it. */
import { randomBytes } from 'node:crypto'
import type { Aria2Progress } from './aria2-progress.ts'
import type { FleetState, TimelineEntry } from './fleet-view.ts'

/** What a peer told the tracker. */
export interface SwarmNews {
  infoHash: string
  left: number
  downloaded: number
  /** Where it says that it stands. */
  rack?: string
}

/** A boot of which nothing is known yet. */
export const freshBoot = (now: number) => ({
  /** Tells it from this node's other boots. */
  boot: randomBytes(9).toString('base64url'),
  state: 'booting' as FleetState,
  stage: '',
  began: now,
  stageBegan: now,
  lastSeen: now,
  endedAt: 0,
  /** Of its own clock: its last word, and the first of the stage. */
  lastMs: 0,
  stageMs: 0,
  cause: '',
  said: '',
  /** What it has reported of files that are there, and what comes just now. */
  fromServer: 0,
  fromSwarm: 0,
  coming: null as Aria2Progress | null,
  rateAt: 0,
  /** What servers saw. */
  httpBytes: 0,
  isBroken: false,
  torrents: [] as SwarmNews[],
  timeline: [] as TimelineEntry[],
})

export type BootFacts = ReturnType<typeof freshBoot>

/** Bytes from the web server: as it reports, or where it does not, as the server has sent. */
export const fromServerOf = ({ fromServer, coming, httpBytes, lastMs }: BootFacts): number =>
  lastMs === 0 ? httpBytes : fromServer + (coming?.isSwarm === false ? coming.have : 0)

/** Bytes from torrents: as it reports, or where it does not, as the tracker was told. */
export const fromSwarmOf = ({ fromSwarm, coming, torrents, lastMs }: BootFacts): number =>
  lastMs === 0
    ? torrents.reduce((sum, { downloaded }) => sum + downloaded, 0)
    : fromSwarm + (coming?.isSwarm === true ? coming.have : 0)

/** Bytes of its torrents that it has not got, as the tracker was told. */
export const lacksOf = ({ torrents }: BootFacts): number => torrents.reduce((sum, { left }) => sum + left, 0)

/** Of the download, 0 to 100; undefined where it is not known. */
export function percentOf(boot: BootFacts): number | undefined {
  const { coming, torrents, state, stage, lastMs } = boot
  if (state === 'up' || state === 'handed-over' || state === 'complete') return 100
  if (coming !== null) return coming.total === 0 ? 0 : Math.min(100, (100 * coming.have) / coming.total)
  if (stage === 'verify' || stage === 'kexec') return 100
  if (lastMs > 0 || torrents.length === 0) return undefined
  const [has, lacks] = [fromSwarmOf(boot), lacksOf(boot)]
  return has + lacks === 0 ? 0 : (100 * has) / (has + lacks)
}
