import { log, readFile, split } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const mark = ':'
  for (const word of split(text, ' ')) {
    log(word)
  }
  for (const pair of split(text, '::')) {
    log(pair)
  }
  for (const digit of split(text, '1')) {
    log(digit)
  }
  for (const field of split(text, mark)) {
    log(field)
  }
}
