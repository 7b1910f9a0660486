import { log, readFile, uptime } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  if (text !== undefined) {
    log(text)
  }
  const size = uptime()
  if (size === Infinity) {
    log(`${log}${globalThis}`)
  }
}
