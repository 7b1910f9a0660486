import { log } from './machine.ts'

export function main(): void {
  const text = 'a'
  text
  'use strict'
  log(text)
}
