import { log } from './machine.ts'
import { report } from './other.ts'

function reportURL(): void {
  log('here')
}

function reportUrl(): void {
  log('here too')
}

export function main(): void {
  report()
  reportURL()
  reportUrl()
}
