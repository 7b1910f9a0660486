import { before, lines, log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  for (const character of text) {
    log(character)
  }
  for (const line of lines(before(text, '='))) {
    log(line)
  }
}
