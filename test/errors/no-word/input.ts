import { before, log, readFile } from './machine.ts'

export function main(): void {
  const list: string[] = ['a']
  const text = readFile('/a')
  log(`${list}`)
  log(`${text === 'a'}`)
  log('a' + true)
  const copied = before(text, 'a').length
  log(`${copied}`)
}
