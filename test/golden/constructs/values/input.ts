import { log } from './machine.ts'

/** A constant is a variable that is set before main. */
const folder = '/tmp'
const limit = 3
const below = `${folder}/below`
const marks = ' \t\n%\\"'

export function main(): void {
  const empty = ''
  const plain = `plain`
  const quoted = 'two words, $HOME `x` "q" \\ \'s'
  let changing = plain
  changing = `${changing}-${limit}`
  changing += '!'
  const joined = 'a' + changing + 'b' + 1 + 2
  const sum = 1 + 2 + 'c'
  // A newline is the variable of that name.
  const two = 'one\ntwo'
  log(`<${empty}> <${plain}> <${quoted}> <${changing}> <${joined}> <${sum}>`)
  log(two)
  log(below)
  log(`${plain}s ${plain}_ ${plain}[0] ${plain.length}`)
  log(marks)
}
