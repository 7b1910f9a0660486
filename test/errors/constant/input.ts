import { log, uptime } from './machine.ts'
import { folder } from './other.ts'

const lines = 'one\ntwo\n'
const below = `${folder}/below`
const now = uptime()

export function main(): void {
  log(`${lines}${below}${now}`)
}
