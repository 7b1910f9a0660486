import { log, uptime } from './machine.ts'

export function main(): void {
  const count = uptime()
  if (count === '3') {
    log(`${count}`)
  }
}
