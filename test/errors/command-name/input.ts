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

function timeout(): void {
  log('hides an applet')
}

export function main(): void {
  timeout()
  test()
  digestOf()
  before()
}
