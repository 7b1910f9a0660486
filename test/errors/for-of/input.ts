import { lines, log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/run/list')
  let line = ''
  for (line of lines(text)) {
    log(line)
  }
}
