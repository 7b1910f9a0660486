import { log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  let count = 0
  for (let index = 0; index < 3; index += 1) {
    log('for')
  }
  for (const key in { a: 1 }) {
    log(key)
  }
  do {
    log('do')
  } while (count < 3)
  try {
    log('try')
  } catch (error) {
    log(`${error}`)
  }
  outer: while (count < 3) {
    while (count < 2) {
      continue outer
    }
  }
  if (count > 3) {
    throw new Error('throw')
  }
  {
    log('a block')
  }
  ;
  debugger
  switch (text) {
    case 'a':
      if (count > 1) {
        break
      }
      log('a')
      break
  }
  const { length } = text
  const [first] = ['x']
  count++
  ++count
  count /= 2
  log(`${length}${first}`)
}
