import { log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  if (text < 'b') {
    log(text)
  }
}
