import { defaultParameters, log } from './machine.ts'
import type { Parameters } from './parameters.ts'

function show(given: Parameters): void {
  log(`${given.quiet}${given.retries}${given.delay}${given.answer}${given.debug}${given.counts}`)
  log(`${given.first}${given.second}`)
}

export function main(): void {
  const given = defaultParameters()
  show(given)
}
