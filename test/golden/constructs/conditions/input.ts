import { exists, log } from './machine.ts'

function isKnown(name: string): boolean {
  return name === 'a' || name === 'b'
}

function isMarked(text: string): boolean {
  if (text === '') {
    return false
  }
  for (const mark of ['+', '-']) {
    if (text === mark) {
      return true
    }
  }
  return text.startsWith('#') && !text.endsWith('#')
}

function compare(word: string, amount: number): void {
  if (word === '') {
    log('empty')
  } else if (word !== 'x' && amount > 3) {
    log('not x, more than 3')
  } else if (amount >= 2 || word === '(') {
    log('2 or more, or (')
  } else {
    log('otherwise')
  }
  if (!(amount === 3) && (word === 'x' || word === '!') && !isKnown(word)) {
    log('mixed')
  }
  if (amount < 1 || amount <= 0 || amount !== 1) {
    log('not 1')
  }
  if (!(word === 'x' && amount > 2) && !(word === 'a' || exists('nothing') || amount === 4)) {
    log('none of those')
  }
  if (isKnown(word)) {
    log('known')
  }
  if (!isMarked(word)) {
    log('not marked')
  }
  if (exists('nothing') || !exists('.')) {
    log('never')
  }
  if (true && !false) {
    log('always')
  }
}

export function main(): void {
  for (const given of ['', 'x', 'a', '!', '(', '-n', '=', '-', '#', '#a', '#a#', ')', '-a']) {
    log(`given ${given}`)
    compare(given, 0)
    compare(given, 1)
    compare(given, 3)
    compare(given, 4)
  }
}
