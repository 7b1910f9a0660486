/** Lab cases in the simulator's words. */
import { labQueue } from '../../generator/scale/physical.ts'
import { type Scenario, shippedProfile } from '../../generator/scale/scenario.ts'
import { pieceLengthFor } from '../../generator/swarm/piece-length.ts'
import type { LabCase } from '../lab/case.ts'

export function scenarioOf(lab: LabCase, seed = 1): Scenario {
  const { nodes, size, rate, originRate, slowNode = rate, secondRack, stagger = 0, cut, die } = lab
  const behind = secondRack === undefined ? nodes : Math.ceil(nodes / 2)
  const cutFrom = nodes - Math.floor(nodes * (cut?.share ?? 0))
  return {
    nodes,
    size,
    pieceLength: lab.pieceLength ?? pieceLengthFor(size),
    originRate,
    nodeRate: node => (node === 0 ? slowNode : rate),
    racks: 2,
    rackOf: node => (node >= behind ? 1 : 0),
    ...(secondRack === undefined ? {} : { uplink: secondRack }),
    queue: () => labQueue,
    startOf: node => node * stagger,
    seedTime: lab.parameters === 'seed_time=0' ? 0 : 5,
    trackerAt: lab.trackerLate ?? -10,
    tellsSeeder: false,
    lost: [
      ...(cut === undefined
        ? []
        : Array.from({ length: nodes - cutFrom }, (_, at) => ({ node: cutFrom + at, at: cut.at, how: 'cable' as const }))),
      ...(die === undefined ? [] : [{ node: nodes - 1, at: die, how: 'power' as const }]),
    ],
    originGone: lab.originGone === true,
    profile: shippedProfile,
    detail: Infinity,
    seed,
  }
}
