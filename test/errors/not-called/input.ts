import { log } from './machine.ts'

export function forgotten(): void {
  log('never')
}

export function main(): void {
  log('always')
}
