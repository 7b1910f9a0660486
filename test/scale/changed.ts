/** Numbers of the profile at other values: which of them bends a swarm. */
import { requestLength } from '../../generator/scale/physical.ts'
import { type Scenario, type SwarmProfile, shippedProfile } from '../../generator/scale/scenario.ts'
import { simulateSwarm } from '../../generator/scale/simulate-swarm.ts'
import type { LabCase } from '../lab/case.ts'
import { fluidBound, median } from '../lab/measure.ts'
import { labScenario } from './held.ts'

const profile = (changes: Partial<SwarmProfile>): Partial<Scenario> => ({
  profile: { ...shippedProfile, ...changes },
})

/** What is told of each, and what it changes. */
export const changed: [text: string, changes: Partial<Scenario>][] = [
  ['as shipped', {}],
  ['another seed', { seed: 2 }],
  ['no local discovery', { discovers: false }],
  ['25 peers an answer, not 50', profile({ numWant: 25 })],
  ['200 peers an answer', profile({ numWant: 200 })],
  ['12 peers at a time, not 24', profile({ maxPeers: 12 })],
  ['48 peers at a time', profile({ maxPeers: 48 })],
  ['announces each second, not 3 s', profile({ announceEvery: 1 })],
  ['dials every 2 s, not 10 s', profile({ dialEvery: 2 })],
  ['12 connections accepted a turn, not 3', profile({ accepted: 12 })],
  ['turns of 20 ms, not 50 ms', profile({ turn: 0.02 })],
  ['aria2 twice as fast', profile({ speed: 2 })],
  ['aria2 ten times as fast', profile({ speed: 10 })],
  ['FAR_TURN 0.2 s, not 1 s', profile({ farTurn: 0.2 })],
  ['NEAR_SILENCE 1 s, not 3 s', profile({ nearSilence: 1 })],
  ['MIN_FAR_REQUESTS 256, not 16', profile({ farRequests: 256 * requestLength })],
]

/** Blocks that one far peer is asked for at the least: near ones are asked for 8, far ones as shipped for 2. */
export const farLeasts = [8, 2]

/** How many times its bound a lab case with racks takes, by `farLeasts`; the middle one of three seeds. */
export function rackTimes(lab: LabCase): number[] {
  return farLeasts.map(blocks => {
    const changes = profile({ farLeast: blocks * requestLength })
    const makespans = [1, 2, 3].map(seed => simulateSwarm({ ...labScenario(lab), ...changes, seed }).makespan)
    return median(makespans) / fluidBound(lab)
  })
}
