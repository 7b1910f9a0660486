import { log, uptime, wholeNumber } from './machine.ts'

export function main(): void {
  const started = uptime()
  const text = 'abc'
  const negative = -started
  const rounded = Math.trunc(started)
  const longer = text.length + 1
  const deeper = wholeNumber(text) + 1
  log(`${negative} ${rounded} ${longer} ${deeper}`)
}
