import { log, readFile, wholeNumber, writeFile } from './machine.ts'

function first(path: string): string {
  const text = readFile(path)
  return `<${text}>`
}

function second(file: string): string {
  return first(file)
}

export function main(): void {
  writeFile('there', 'some text')
  const good = second('there')
  log(good)
  const number = wholeNumber('12')
  log(`${number + 1}`)
  const bad = wholeNumber('08')
  log(`never here: ${bad}`)
}
