import { setTimeout as sleep } from 'node:timers/promises'
import { startFleetWatch } from '../../generator/fleet/fleet-watch.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { chromiumProgram, openPage, startBrowser } from '../fleet/browser.ts'
import { makeNodes } from '../fleet/load.ts'
import type { Bench } from './own-image.ts'
import { median } from './table.ts'

const measuredSeconds = 15

/** What a frame's main thread does, from its first callback until it has painted; and frames of 50 ms or more. */
const measure = `(() => {
  const found = globalThis.frames = { work: [], long: [] }
  const { port1, port2 } = new MessageChannel()
  let began = 0
  const frame = () => {
    began = performance.now()
    port2.postMessage(0)
  }
  port1.onmessage = () => {
    found.work.push(performance.now() - began)
    requestAnimationFrame(frame)
  }
  new PerformanceObserver(list => found.long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'long-animation-frame' })
  requestAnimationFrame(frame)
})()`

/** Lets each node say how far it is, twice a second, until it is told to stop. */
async function keepChanging(change: (round: number) => void, isOver: () => boolean): Promise<void> {
  for (let round = 0; !isOver(); round += 1) {
    change(round)
    await sleep(500)
  }
}

/** The page's first paint, and its frames while all nodes change. */
export async function fleetRows({ progress }: Bench): Promise<string[][]> {
  await ensurePrograms([{ program: chromiumProgram, package: 'chromium', why: 'show the fleet' }], progress)
  const quiet = () => {}
  const sent = () => ({ http: 0, seeder: 0 })
  const watch = await startFleetWatch(
    { bind: '127.0.0.1', port: 0, access: { hosts: [] } },
    sent,
    quiet,
    quiet,
  )
  const nodes = makeNodes(1000)
  const change = (round: number) => {
    for (const [index, { address, node }] of nodes.entries()) {
      const part = ((round * 3 + index) % 100) / 100
      watch.fleet.reported(address, {
        ...{ node, stage: 'download', event: 'progress', ms: 5000 + round * 500, cause: '' },
        ...{ kibFromServer: 64, kibFromSwarm: 0 },
        text: `[#2089b0 ${Math.round(300 * part)}MiB/300MiB(${Math.round(100 * part)}%) CN:44 SD:3 DL:${10 + (index % 80)}MiB]`,
      })
    }
  }
  let isOver = false
  const changes = keepChanging(change, () => isOver)
  const browser = await startBrowser()
  try {
    // The first one makes the bundle.
    const first = await openPage(browser, watch.url)
    await first.page.locator('tr[data-key]').first().waitFor()
    await first.page.context().close()
    const { page } = await openPage(browser, watch.url)
    await page.locator('tr[data-key]').first().waitFor()
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    )
    await page.evaluate(measure)
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    /** Seconds of the page's main thread until now: all of it, and its scripts. */
    const worked = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
      return { tasks: of('TaskDuration'), scripts: of('ScriptDuration') }
    }
    const before = await worked()
    await sleep(measuredSeconds * 1000)
    const after = await worked()
    const { work, long } = (await page.evaluate('frames')) as { work: number[]; long: number[] }
    const ms = (value: number) => `${value.toFixed(1)} ms`
    const eachSecond = (of: 'tasks' | 'scripts') => ms((1000 * (after[of] - before[of])) / measuredSeconds)
    return [
      ['', 'target', 'measured'],
      ['first paint', '1 s', ms(paint)],
      [`frames in ${measuredSeconds} s`, '', String(work.length)],
      ['work of a frame, median', '', ms(median(work))],
      ['work of a frame, slowest', '50 ms', ms(Math.max(...work))],
      ['frames of 50 ms and more, with what came before', '0', String(long.length)],
      ['main thread, of each second', '', eachSecond('tasks')],
      ['its scripts, of each second', '', eachSecond('scripts')],
    ]
  } finally {
    isOver = true
    await changes
    await browser.close()
    await watch.close()
  }
}
