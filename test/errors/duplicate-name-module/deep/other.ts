import { log } from '../machine.ts'

export function deeper(): void {
  log('two')
}
