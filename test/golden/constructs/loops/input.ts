import { lines, log, split, words } from './machine.ts'

function firstLong(row: string): string {
  for (const item of words(row)) {
    if (item.length > 2) {
      return item
    }
  }
  return 'none'
}

export function main(): void {
  const text = 'one\n\n  two *\nthree\n'
  for (const line of lines(text)) {
    log(`line <${line}>`)
  }
  for (const word of words(text)) {
    log(`word <${word}>`)
  }
  const record = ':a::b c:'
  for (const field of split(record, ':')) {
    log(`field <${field}>`)
    for (const inner of split(field, '-')) {
      log(`inner <${inner}>`)
    }
  }
  for (const given of ['x', 'y z', '$HOME', '']) {
    log(`given <${given}>`)
  }
  let round = 0
  while (true) {
    round += 1
    if (round === 2) {
      continue
    }
    if (round > 4) {
      break
    }
    log(`round ${round}`)
  }
  while (round > 3 && round !== 100) {
    round -= 1
  }
  log(`left at ${round}`)
  const found = firstLong('a bb ccc dddd')
  const missing = firstLong('a')
  log(`${found} ${missing}`)
}
