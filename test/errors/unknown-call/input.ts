import { log, runOn, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const trimmed = text.trim()
  const number = parseInt(text)
  const largest = Math.max(number, 3)
  const list: string[] = [text]
  list.pop()
  runOn(undefined)
  if (text.startsWith('a', 3) || list.includes('a') || text.hasOwnProperty('a')) {
    log(`${trimmed}${largest}`)
  }
  ;(log)('a')
}
