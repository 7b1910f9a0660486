import { fail, log } from './machine.ts'

function meaning(code: string): string {
  switch (code) {
    case '1':
    case 'one':
      return 'first'
    case 'esac':
      return 'a word of the shell'
    case '':
      return 'nothing'
    case 'two words':
    case '*':
    case '\n':
      return 'special'
    default:
      return 'another'
  }
}

function count(amount: number): string {
  let text = 'many'
  switch (amount - 1) {
    case 0:
      text = 'one'
      break
    case 1:
      text = 'two'
      break
  }
  return text
}

/** A clause may go on with the loop around it. */
function walk(): void {
  for (const item of ['a', 'b', 'c', 'd']) {
    switch (item) {
      case 'a':
        continue
      case 'c':
        log('c ends it')
        return
      case 'd':
        fail('never here')
      default:
        log(`item ${item}`)
    }
    log(`after ${item}`)
  }
}

export function main(): void {
  for (const given of ['1', 'one', 'esac', '', 'two words', '*', 'x', '\n', '?']) {
    const said = meaning(given)
    log(`${given}: ${said}`)
  }
  for (const number of [1, 2, 3]) {
    const named = count(number)
    log(named)
  }
  walk()
}
