import { log } from './machine.ts'

export function report(): void {
  log('there')
}

function main(): void {
  log('a second main')
}

export function other(): void {
  main()
}
