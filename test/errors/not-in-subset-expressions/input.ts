import { log, readFile, succeeds } from './machine.ts'

export interface Maybe {
  readonly text?: string
  method(): void
}

export function main(): void {
  const text = readFile('/a')
  const number = 3
  log(number > 2 ? 'a' : 'b')
  log(text ?? 'b')
  log(text!)
  log(text as string)
  log(text satisfies string)
  log(text?.toString())
  log(`${typeof text}${void 0}${null}`)
  log(String.raw`a`)
  log(text[0] ?? '')
  log(`${/a/.test(text)}`)
  log(`${2 ** 3}${number & 1}${number | 1}${number ^ 1}${~number}${number << 1}${number >> 1}${number >>> 1}`)
  log(`${10n}`)
  const call = function (): void {
    log('function')
  }
  const arrow = (): void => log('arrow')
  call()
  arrow()
  log(`${new Date()}${'a' in { a: 1 }}`)
  succeeds(async () => log('later'))
  for (const each of [...text]) {
    log(each)
  }
  if (text == 'a' || text != 'b') {
    log('loose')
  }
}
