import { log } from './machine.ts'

function test(): void {
  log('hides [ ]')
}

function digestOf(): void {
  log('hides a helper')
}

function before(): void {
  log('hides the machine')
}

export function main(): void {
  test()
  digestOf()
  before()
}
