// The origin and the tracker of `serve` in a process of their own: FOLDER, port, tracker port.
import { startOrigin } from '../../generator/serve/origin.ts'
import { startTracker } from '../../generator/serve/tracker.ts'

const [, , folder = '.', port, trackerPort] = process.argv
await startOrigin({ folder, port: Number(port), onAnswer: () => {} })
await startTracker({ port: Number(trackerPort), onAnnounce: () => {}, onRefusal: () => {} })
