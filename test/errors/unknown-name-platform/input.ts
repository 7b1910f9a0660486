import { readFileSync } from 'node:fs'
import { log } from './machine.ts'
import { later } from './no-such-file.ts'
import { plenty } from 'lodash'

export function main(): void {
  console.log('a')
  setTimeout('a', 3)
  const path = process.argv
  log(readFileSync('/a'))
  later()
  plenty()
  do {
    log(path)
  } while (path === '')
}
