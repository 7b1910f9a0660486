import { after, before, consistsOf, log, readFile, withoutFirst } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const inner = before(after(text, '='), ' ')
  log(inner)
  if (consistsOf(withoutFirst(text), '0-9')) {
    log(text)
  }
}
