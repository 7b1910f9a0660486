import { log } from './machine.ts'

function $report(_: string): void {
  const naïve = 'x'
  log(`${_}${naïve}`)
}

export function main(): void {
  $report('a')
}
