import { log, uptime } from './machine.ts'

export function main(): void {
  const seconds = uptime()
  const part = Math.trunc(100 / seconds)
  const none = seconds % 0
  log(`${part} ${none}`)
}
