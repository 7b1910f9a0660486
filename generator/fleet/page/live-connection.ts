/** The live connection to the server, which comes back by itself. */
import { type FleetMessage, fleetPaths } from '../fleet-view.ts'

export interface LiveListener {
  /** A message; the first one of a connection tells all there is. */
  took(message: FleetMessage, isFirst: boolean): void
  /** The connection is there; or, with a time, it has not been since then. */
  connected(lostAt?: number): void
}

const retryMs = 1000
/** After so long without a message the server is asked whether it is there: a cut cable ends no connection. */
const silenceMs = 15_000
const patienceMs = 5000

/** Follows the fleet for as long as the page lives. */
export function followFleet(listener: LiveListener): void {
  let lostAt: number | undefined
  let stream: EventSource
  let timer = 0

  const after = (ms: number, act: () => void) => {
    clearTimeout(timer)
    timer = window.setTimeout(act, ms)
  }
  const open = () => {
    stream = new EventSource(fleetPaths.live)
    stream.addEventListener('fleet', event => heard(event, true))
    stream.addEventListener('changes', event => heard(event, false))
    stream.addEventListener('error', retry)
    after(silenceMs, ask)
  }
  const heard = ({ data }: MessageEvent<string>, isFirst: boolean) => {
    after(silenceMs, ask)
    lostAt = undefined
    listener.connected()
    listener.took(JSON.parse(data) as FleetMessage, isFirst)
  }
  const retry = () => {
    stream.close()
    lostAt ??= Date.now()
    listener.connected(lostAt)
    after(retryMs, open)
  }
  const ask = async () => {
    const asked = stream
    const signal = AbortSignal.timeout(patienceMs)
    const isThere = await fetch(fleetPaths.page, { method: 'HEAD', signal }).then(
      ({ ok }) => ok,
      () => false,
    )
    if (asked !== stream) return
    if (isThere && stream.readyState === EventSource.OPEN) after(silenceMs, ask)
    else retry()
  }
  open()
}
