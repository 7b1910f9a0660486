import { after, exists, log, lowerCase, readFile } from './machine.ts'

const kind = exists('/a') ? 'a' : 'b'

export function main(): void {
  const text = readFile('/a')
  log(`${exists('/b') ? 'b' : 'no b'} ${exists('/c') ? 'c' : 'no c'}`)
  log(lowerCase(text) + (exists('/b') ? 'b' : 'no b'))
  if ((exists('/b') ? 'b' : 'no b') === text || after(text, '=', '') === kind) {
    log('asked')
  }
  while (after(text, '=', 'x') === 'y') {
    log('round')
  }
}
