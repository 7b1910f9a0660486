import { defaultParameters, log } from './machine.ts'
import type { Parameters } from './parameters.ts'

function show(parameters: Parameters): void {
  log(`${parameters.greeting}, ${parameters.secret}`)
}

export function main(): void {
  const parameters = defaultParameters()
  show(parameters)
}
