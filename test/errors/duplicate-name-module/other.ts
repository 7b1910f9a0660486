import { log } from './machine.ts'

export function other(): void {
  log('one')
}
