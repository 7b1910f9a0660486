// A peer at 10.9.0.2 tells the tracker at 10.9.0.1 that it is 9.9.9.9; prints what the tracker makes of it.
import { startTracker } from '../../generator/serve/tracker.ts'
import { rawClient } from './raw-client.ts'

const tracker = await startTracker({ host: '10.9.0.1' })
const { socket, end } = await rawClient(tracker.port, '10.9.0.1', '10.9.0.2')
const query = `info_hash=${'%aa'.repeat(20)}&peer_id=${'p'.repeat(20)}&port=7001&left=5&ip=9.9.9.9`
socket.write(
  `GET /announce?${query} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n`,
)
await end
for (const { peer } of tracker.announces) process.stdout.write(`${peer}\n`)
await tracker.close()
