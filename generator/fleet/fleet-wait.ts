/** Waits until so many nodes have come so far: for scripts that switch machines on. */
import type { FleetPicture } from './fleet-client.ts'
import { totals } from './fleet-table.ts'
import type { FleetNode, FleetState } from './fleet-view.ts'

/** How far a boot can be waited for; who is up has handed over before. */
export const waitGoals = {
  up: ['up'],
  'handed-over': ['handed-over', 'up'],
  complete: ['complete', 'handed-over', 'up'],
} as const satisfies Record<string, FleetState[]>

export type WaitGoal = keyof typeof waitGoals

export interface Wait {
  nodes: number
  goal: WaitGoal
  /** Boots that began earlier than so many seconds before the wait do not count: they are of yesterday. */
  sinceSeconds: number
}

export interface WaitEnd {
  reached: FleetNode[]
  failed: FleetNode[]
  /** All that count. */
  nodes: FleetNode[]
}

/**
 * Follows pictures of a fleet until the wait is over: enough nodes are there, or one has failed, or the pictures end.
 *
 * @param say takes how it stands, when that changes
 */
export async function waitForNodes(
  pictures: AsyncIterable<FleetPicture>,
  wait: Wait,
  say: (line: string) => void,
): Promise<WaitEnd> {
  const goal: readonly FleetState[] = waitGoals[wait.goal]
  let end: WaitEnd = { reached: [], failed: [], nodes: [] }
  let said = ''
  let since: number | undefined
  for await (const picture of pictures) {
    since ??= picture.serverTime - wait.sinceSeconds * 1000
    const from = since
    // Of a boot whose beginning nobody saw, its last word tells the time.
    const nodes = [...picture.nodes.values()].filter(({ began, lastSeen, state }) =>
      state === 'booting' || state === 'silent' ? lastSeen >= from : began >= from,
    )
    end = {
      nodes,
      reached: nodes.filter(({ state }) => goal.includes(state)),
      failed: nodes.filter(({ state }) => state === 'failed'),
    }
    const line = totals(nodes)
    if (line !== said) say(line)
    said = line
    if (end.failed.length > 0 || end.reached.length >= wait.nodes) break
  }
  return end
}
