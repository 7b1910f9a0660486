/** The live connection to the server, which comes back by itself. */
import { type FleetMessage, fleetPaths } from '../fleet-view.ts'

export interface LiveListener {
  /** A message; the first one of a connection tells all there is. */
  took(message: FleetMessage, isFirst: boolean): void
  /** The connection is there; or, with a time, it has not been since then. */
  connected(lostAt?: number): void
}

const retryMs = 1000
/** The server says something each second or two: after so long it is gone, whatever TCP believes. */
const silenceMs = 15_000

/** Follows the fleet for as long as the page lives. */
export function followFleet(listener: LiveListener): void {
  let lostAt: number | undefined
  let stream: EventSource
  let silence = 0

  const lost = () => {
    lostAt ??= Date.now()
    listener.connected(lostAt)
  }
  const heard = (event: MessageEvent<string>, isFirst: boolean) => {
    clearTimeout(silence)
    silence = window.setTimeout(retry, silenceMs)
    lostAt = undefined
    listener.connected()
    listener.took(JSON.parse(event.data) as FleetMessage, isFirst)
  }
  const retry = () => {
    clearTimeout(silence)
    stream.close()
    lost()
    silence = window.setTimeout(open, retryMs)
  }
  const open = () => {
    stream = new EventSource(fleetPaths.live)
    stream.addEventListener('fleet', event => heard(event, true))
    stream.addEventListener('changes', event => heard(event, false))
    stream.addEventListener('error', retry)
    clearTimeout(silence)
    silence = window.setTimeout(retry, silenceMs)
  }
  open()
}
