import { log, readFile } from './machine.ts'

export function main(): void {
  const kind = readFile('/run/kind')
  switch (kind) {
    case 'a':
    case 'b':
      log('a or b')
    case 'c':
      log('c')
      break
    default:
      log('another')
  }
}
