import { exists, log } from './machine.ts'

function report(): void {
  if (exists('/a')) {
    return log('a')
  }
  log('b')
}

export function main(): void {
  report()
}
