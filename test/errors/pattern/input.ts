import { before, exists, log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const prefix = readFile('/b')
  if (exists('/c') || text.startsWith(prefix)) {
    log(text)
  }
  const count = 3
  const cut = before(text, `${count + 1}`)
  log(cut)
}
