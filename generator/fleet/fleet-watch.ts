/** All that `serve` does about the fleet: sees it, keeps its boots, raises alarms, and shows it on a port of its own. */
import { freePort } from '../serve/free-port.ts'
import { BootHistory } from './boot-history.ts'
import { EventStream } from './event-stream.ts'
import { FailureAlarm } from './failure-alarm.ts'
import type { FleetAccess } from './fleet-access.ts'
import { FleetMetrics } from './fleet-metrics.ts'
import { Fleet } from './fleet-nodes.ts'
import { startFleetServer } from './fleet-server.ts'
import type { NodeDetails } from './fleet-view.ts'
import { KeptNodes } from './kept-nodes.ts'
import { LiveUpdates } from './live-updates.ts'
import { type RackMap, rackOf } from './rack-map.ts'
import { SwarmSeries } from './swarm-series.ts'

export interface FleetWatchOptions {
  /** Where it is shown. */
  bind: string
  /** Undefined is the usual one, or any where that is taken; 0 is any. */
  port?: number
  access: FleetAccess
  racks?: RackMap
  /** The folder of the history and of the nodes as they stand; without it none are kept. */
  state?: string
  /** A program that is run for each node that fails. */
  onFailure?: string
}

export interface FleetWatch {
  readonly fleet: Fleet
  /** Of the page. */
  readonly url: string
  close(): Promise<void>
}

/** Where people look for it. */
export const fleetPort = 8001

/** Begins to watch. `sentBytes` tells what the server has sent until now. */
export async function startFleetWatch(
  options: FleetWatchOptions,
  sentBytes: () => { http: number; seeder: number },
  say: (line: string) => void,
  onRefusal: (peer: string, reason: string) => void,
): Promise<FleetWatch> {
  const { bind, access, racks = new Map(), state, onFailure } = options
  const history = state === undefined ? undefined : new BootHistory(state, say)
  const fleet = new Fleet({
    rackOf: (mac, address) => rackOf(racks, mac, address),
    usualSeconds: (mac, address) => history?.usualSeconds(mac, address),
  })
  const kept = state === undefined ? undefined : new KeptNodes(fleet, state, say)
  history?.follow(fleet)
  const series = new SwarmSeries(fleet, () => {
    const { http, seeder } = sentBytes()
    return http + seeder
  })
  const shows = {
    live: new LiveUpdates(fleet, series),
    events: new EventStream(fleet),
    metrics: new FleetMetrics(fleet, sentBytes),
    details: (key: string): NodeDetails | undefined => {
      const node = fleet.node(key)
      if (node === undefined) return undefined
      const boots = history?.bootsOf(node.mac, node.address) ?? []
      return { node, timeline: fleet.timeline(key), boots }
    },
  }
  const alarm = onFailure === undefined ? undefined : new FailureAlarm(fleet, onFailure, say)
  const seconds = setInterval(() => {
    fleet.sweep()
    series.add()
  }, 1000).unref()
  const stop = async () => {
    clearInterval(seconds)
    shows.live.close()
    shows.events.close()
    alarm?.close()
    await kept?.close()
    history?.close()
  }
  try {
    const port = options.port ?? (await freePort(bind, fleetPort)) ?? 0
    const server = await startFleetServer({ bind, port, access, shows, onRefusal })
    return {
      fleet,
      url: server.url,
      async close() {
        await server.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}
