import { log } from './machine.ts'

export function main(): void {
  const unused = 'a'
  for (const word of ['a', 'b']) {
    log('word')
  }
}
