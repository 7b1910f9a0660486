/** Which nodes are shown: those in one of the chosen states that have each word. */
import { type FleetNode, type FleetState, nodeName } from '../fleet-view.ts'
import { stateWord } from './fleet-model.ts'

export interface Filter {
  /** None chosen: all. */
  states: ReadonlySet<FleetState>
  /** Each is somewhere in what is known of the node; `rack:r1` is in that rack. */
  words: string[]
}

/** The words of what was typed. */
export const wordsOf = (typed: string): string[] => typed.toLowerCase().split(/\s+/).filter(Boolean)

/** Typed, it shows one rack; a name that has a space cannot be one word, and its first one is taken. */
export const rackWord = (rack: string): string => `rack:${rack.toLowerCase().split(/\s/)[0]}`

function has(node: FleetNode, word: string): boolean {
  if (word.startsWith('rack:')) return rackWord(node.rack) === word
  const { address, mac, ip, serial, rack, stage, cause, said, hardware, uuid } = node
  return [
    nodeName(node),
    address,
    mac,
    ip,
    serial,
    rack,
    stage,
    cause,
    said,
    hardware,
    uuid,
    stateWord(node.state),
  ].some(text => text.toLowerCase().includes(word))
}

/** Whether a filter lets a node through. */
export const passes = (node: FleetNode, { states, words }: Filter): boolean =>
  (states.size === 0 || states.has(node.state)) && words.every(word => has(node, word))
