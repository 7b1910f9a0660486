import { readFileSync } from 'node:fs'
import type { LabCase } from './case.ts'

/**
 * The least makespan in seconds by the fluid model: max(F/u_s, F/d, N·F/(u_s+Σu)). Payload alone is counted, and a link
 * carries its rate in Ethernet frames: of 1,514 bytes 1,448 are payload, so that nothing real comes below 1.046 times
 * the bound where one link decides.
 */
export function fluidBound({ nodes, size, rate, originRate, slowNode }: LabCase): number {
  const slowest = Math.min(rate, slowNode ?? rate)
  const all = originRate + (nodes - 1) * rate + (slowNode ?? rate)
  return size * 8 * Math.max(1 / originRate, 1 / slowest, nodes / all)
}

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** Ticks of all processors since the machine's start (proc(5), /proc/stat). */
export interface Ticks {
  idle: number
  all: number
}

export function ticks(): Ticks {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  // user nice system idle iowait irq softirq steal; guest time is in user already.
  const counts = line.split(/\s+/).slice(1, 9).map(Number)
  return { idle: (counts[3] ?? 0) + (counts[4] ?? 0), all: counts.reduce((sum, each) => sum + each, 0) }
}

/** Below this share of idle time the machine was the limit, and not the network that it plays. */
export const cpuBound = 0.1
