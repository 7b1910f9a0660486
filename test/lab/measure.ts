import { readFileSync } from 'node:fs'
import type { LabCase } from './case.ts'

/**
 * The least makespan in seconds by the fluid model: max(F/u_s, F/d, N·F/(u_s+Σu)); where nodes come one after another
 * also the last one's coming and F/d, where a rack has an uplink of its own also F over that. Payload alone is counted,
 * while a link carries its rate in Ethernet frames: of 1,514 bytes 1,448 are payload, so that nothing real comes below
 * 1.046 times the bound where one link decides.
 */
export function fluidBound(lab: LabCase): number {
  const { nodes, size, rate, originRate, slowNode = rate, stagger = 0, waves = 0, racks } = lab
  const uplink = racks?.uplink ?? lab.secondRack ?? Infinity
  const slowest = Math.min(rate, slowNode)
  const together = originRate + (nodes - 1) * rate + slowNode
  const bits = size * 8
  return Math.max(
    bits / originRate,
    bits / slowest,
    (bits * nodes) / together,
    bits / uplink,
    stagger * (nodes - 1) + bits / rate,
    waves * ((racks?.count ?? 1) - 1) + bits / Math.min(rate, uplink),
  )
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
