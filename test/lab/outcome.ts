import type { CaseResult, LabCase, NodeResult } from './case.ts'
import type { LabNode } from './lab-node.ts'
import { median } from './measure.ts'
import type { Traffic } from './network.ts'
import type { OriginReport } from './origin.ts'
import { sha256Of } from './payload.ts'
import type { Published } from './published.ts'

/** What came of a node; its file is read now, so this is for the time after the measurement. */
export async function nodeResult(
  node: LabNode,
  published: Published,
  traffic: Traffic,
  lost: boolean,
): Promise<NodeResult> {
  const { start, complete } = node.times
  const path = node.off ? undefined : node.pathOf(published.name)
  return {
    name: node.name,
    times: node.times,
    ...(start === undefined || complete === undefined ? {} : { took: complete - start }),
    same: complete !== undefined && path !== undefined && (await sha256Of(path)) === published.sha256,
    ...traffic,
    lost,
  }
}

type Summary = Pick<
  CaseResult,
  'nodes' | 'makespan' | 'booted' | 'median' | 'slowest' | 'slowestOther' | 'complete'
>

/** The run in a few numbers. */
export function summary(lab: LabCase, nodes: NodeResult[]): Summary {
  const stay = nodes.filter(node => !node.lost)
  const begin = Math.min(...nodes.map(node => node.times.start ?? Infinity))
  const took = stay.map(node => node.took ?? Infinity)
  return {
    nodes,
    makespan: Math.max(...stay.map(node => node.times.complete ?? Infinity)) - begin,
    booted: Math.max(...stay.map(node => node.times.end ?? Infinity)) - begin,
    median: median(took),
    slowest: Math.max(...took),
    slowestOther: Math.max(...(lab.slowNode === undefined ? took : took.slice(1))),
    complete: stay.every(node => node.same),
  }
}

/** Payload bytes that the origin gave: what its aria2 told the tracker at its end, and what HTTP answered. */
export function payloadOf({ announces, httpSent }: OriginReport, address: string): number {
  const uploads = announces.filter(({ peer }) => peer.startsWith(`${address}:`)).map(each => each.uploaded)
  return httpSent + Math.max(0, ...uploads)
}
