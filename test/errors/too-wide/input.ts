import { fail, log } from './machine.ts'

export function main(): void {
  log('this text is long, and there is no place in it where a shell script could go on in the next line; so')
  fail('short')
}
