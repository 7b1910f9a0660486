import { exists, log, mount, rescueShell, succeeds } from './machine.ts'

function isReady(): boolean {
  return exists('/ready')
}

export function main(): void {
  if (succeeds(() => isReady())) {
    log('a predicate')
  }
  if (succeeds(() => exists('/ready'))) {
    log('a predicate of the machine')
  }
  if (succeeds(() => succeeds(() => mount('/a')))) {
    log('twice')
  }
  succeeds(() => {
    mount('/a')
  })
  succeeds(rescueShell)
}
