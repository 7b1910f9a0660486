import { aria2c, log, readFile } from './machine.ts'

function name(): string {
  return readFile('/name')
}

function status(): number {
  return aria2c(9, '--version')
}

export function main(): void {
  log(readFile('/a'))
  log(`hello ${name()}`)
  const answer = name() + 'y'
  const code = status() + aria2c(9, '--help')
  if (name() === 'x') {
    log(`${answer}${code}`)
  }
}
