/** The lab's swarms in the simulator's words, and how far both agree. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Bound, httpBounds } from '../../generator/scale/bounds.ts'
import { labQueue } from '../../generator/scale/physical.ts'
import { type Scenario, shippedProfile } from '../../generator/scale/scenario.ts'
import { simulateSwarm } from '../../generator/scale/simulate-swarm.ts'
import { pieceLengthFor } from '../../generator/swarm/piece-length.ts'
import type { Results } from '../lab/bench/store.ts'
import type { LabCase } from '../lab/case.ts'
import { median } from '../lab/measure.ts'
import { rackOfNode } from '../lab/network.ts'
import { startOf } from '../lab/watch.ts'

/** A lab case beside its simulation: seconds, copies on the origin's cable, and how far the simulation is off, in percent. */
export interface Held {
  id: string
  nodes: number
  labMakespan: number
  makespan: number
  makespanOff: number
  labCopies: number
  copies: number
  copiesOff: number
}

export const heldFile = fileURLToPath(new URL('../../generator/scale/held.json', import.meta.url))
const labFile = fileURLToPath(new URL('../lab/results.json', import.meta.url))
const { cases } = JSON.parse(readFileSync(labFile, 'utf8')) as Results

/** Without a tracker nodes find each other by multicast, which is not simulated. */
export const heldCases: string[] = Object.keys(cases).filter(
  id => cases[id]?.lab.method === 'swarm' && !id.includes('no-tracker'),
)
export const httpCases: string[] = Object.keys(cases).filter(
  id => cases[id]?.lab.method === 'http-wget' && cases[id]?.lab.stagger === undefined,
)

const off = (value: number, wanted: number): number => Math.round((value / wanted - 1) * 1000) / 10
const rounded = (value: number): number => Math.round(value * 1000) / 1000

function measured(id: string): { lab: LabCase; makespan: number; copies: number } {
  const found = cases[id]
  if (found === undefined) throw new Error(`${id}: not measured`)
  const middle = (key: 'makespan' | 'copies') => median(found.runs.map(run => run[key] ?? Infinity))
  return { lab: found.lab, makespan: middle('makespan'), copies: middle('copies') }
}

/** @param changes such as a coarser grain */
export function heldTo(id: string, changes: Partial<Scenario> = {}): Held {
  const { lab, makespan, copies } = measured(id)
  const outcome = simulateSwarm({ ...labScenario(lab), ...changes })
  return {
    id,
    nodes: lab.nodes,
    labMakespan: rounded(makespan),
    makespan: rounded(outcome.makespan),
    makespanOff: off(outcome.makespan, makespan),
    labCopies: rounded(copies),
    copies: rounded(outcome.copies),
    copiesOff: off(outcome.copies, copies),
  }
}

/** How far the formula for plain HTTP is off, in percent. */
export function httpOff(id: string): number {
  const { lab, makespan } = measured(id)
  const { nodes, size, rate, originRate, secondRack } = lab
  const racks = secondRack === undefined ? 1 : 2
  const site = { nodes, size, racks, nodeRate: rate, originRate, uplink: secondRack ?? Infinity, stageOne: 0 }
  return off((httpBounds(site)[0] as Bound).seconds, makespan)
}

/** The seed of what is by chance: one of many, and not chosen for its outcome. */
const seed = 1

export function labScenario(lab: LabCase): Scenario {
  const { nodes, size, rate, originRate, slowNode = rate, secondRack, racks, cut, die } = lab
  const uplink = racks?.uplink ?? secondRack
  // The simulator counts racks from 0, where the origin is.
  const rackOf = (node: number) => rackOfNode(node, nodes, lab) - 1
  const pulled = Math.floor(nodes * (cut?.share ?? 0))
  return {
    nodes,
    size,
    pieceLength: lab.pieceLength ?? pieceLengthFor(size),
    originRate,
    nodeRate: node => (node === 0 ? slowNode : rate),
    racks: 1 + (racks?.count ?? 1),
    // Half of the nodes behind an uplink do not see it: all have one prefix.
    prefixOf: racks === undefined ? () => 0 : rackOf,
    rackOf,
    ...(uplink === undefined ? {} : { uplink }),
    queue: () => labQueue,
    startOf: node => startOf(node, lab),
    seedTime: lab.parameters === 'seed_time=0' ? 0 : 5,
    trackerAt: lab.trackerLate ?? -Infinity,
    discovers: true,
    tellsSeeder: false,
    lost: [
      ...Array.from({ length: pulled }, (_, at) => ({
        node: nodes - 1 - at,
        at: cut?.at ?? 0,
        how: 'cable' as const,
      })),
      ...(die === undefined ? [] : [{ node: nodes - 1, at: die, how: 'power' as const }]),
    ],
    originGone: lab.originGone === true,
    profile: shippedProfile,
    detail: Infinity,
    seed,
  }
}
