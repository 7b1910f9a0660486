import { exists, log } from './machine.ts'

export function main(): void {
  const path = '/a'
  if (exists(path)) {
    const path = '/b'
    log(path)
  }
  for (const word of ['a', 'b']) {
    log(word)
    for (const word of ['c', 'd']) {
      log(word)
    }
  }
  const fileName = 'a'
  if (exists(fileName)) {
    const filename = 'b'
    const fileNAME = 'c'
    const file_name = 'd'
    log(filename + fileNAME + file_name)
  }
}
