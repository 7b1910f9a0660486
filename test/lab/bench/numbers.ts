/** A case's runs in one number each: the middle one, and the worst where that is what counts. */
import { cpuBound, median } from '../measure.ts'
import type { Results, StoredRun } from './store.ts'

export interface Numbers {
  makespan: number
  /** The quickest and the slowest run. */
  range: [number, number]
  overBound: number
  bound: number
  /** A node's time in the middle. */
  median: number
  /** Of the slowest node to the median. */
  spread: number
  slowestOther: number
  booted: number
  copies: number
  payloadCopies: number | undefined
  /** Files that came into the rack with the most. */
  uplinkCopies: number | undefined
  /** The busiest run's. */
  idle: number
  load: number
  complete: boolean
  cpuBound: boolean
  runs: number
}

export function numbersOf(results: Results, id: string): Numbers | undefined {
  const runs = results.cases[id]?.runs ?? []
  if (runs.length === 0) return undefined
  const each = (key: keyof StoredRun) => runs.map(run => Number(run[key] ?? Infinity))
  const middle = (key: keyof StoredRun) => median(each(key))
  const makespans = each('makespan')
  const idle = Math.min(...each('idle'))
  return {
    makespan: middle('makespan'),
    range: [Math.min(...makespans), Math.max(...makespans)],
    overBound: middle('makespan') / middle('bound'),
    bound: middle('bound'),
    median: middle('median'),
    spread: median(runs.map(run => (run.slowest ?? Infinity) / (run.median ?? Infinity))),
    slowestOther: middle('slowestOther'),
    booted: middle('booted'),
    copies: middle('copies'),
    uplinkCopies: runs.every(run => run.uplinkCopies !== undefined) ? middle('uplinkCopies') : undefined,
    payloadCopies: runs.every(run => run.payloadCopies !== undefined) ? middle('payloadCopies') : undefined,
    idle,
    load: Math.max(...each('load')),
    complete: runs.every(run => run.complete === true),
    cpuBound: idle < cpuBound,
    runs: runs.length,
  }
}
