// The origin's servers, in the origin's network namespace: HTTP at once, the tracker when told. Started by origin.ts.
import { rackOf } from '../../generator/fleet/rack-map.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { startTracker, type Tracker } from '../../generator/serve/tracker.ts'
import type { OriginOrder, OriginReply } from './origin.ts'
import { trackerPort } from './seeder-words.ts'

const [folder = '', address = '', infoHash = '', racks = '[]'] = process.argv.slice(2)
const origin = await startOrigin({ folder, host: address, port: 80 })
const map = new Map(JSON.parse(racks) as [string, string][])
let tracker: Tracker | undefined

const reply = (message: OriginReply) => process.send?.(message)

process.on('message', async (order: OriginOrder) => {
  if (order === 'start tracker') {
    tracker = await startTracker({
      ...{ host: address, port: trackerPort, infoHashes: [infoHash] },
      rackOf: peer => rackOf(map, '', peer),
    })
    reply({ done: order })
  }
  if (order === 'report') {
    const httpSent = origin.requests.reduce((sum, { sent }) => sum + sent, 0)
    reply({ done: order, httpSent, announces: tracker?.announces ?? [] })
  }
})
// The lab is gone.
process.on('disconnect', () => process.exit())
reply({ done: 'start' })
