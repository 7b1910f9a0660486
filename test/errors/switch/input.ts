import { log, readFile } from './machine.ts'

export function main(): void {
  const kind = readFile('/kind')
  const other = 'b'
  switch (kind) {
    default:
      log('default first')
      break
    case 'a': {
      log('a')
      break
    }
  }
  switch (kind) {
    case 'a':
      log('a')
      break
    case 'a':
      log('a again')
      break
    case other:
      log('a variable')
      break
    case 'c':
      const inside = 'c'
      log(inside)
      break
  }
}
