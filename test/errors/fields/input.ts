import { fields, lines, log, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const [first] = lines(text)
  const [second] = fields('a:b', ':')
  const [third = 'x', ...rest] = fields(text, ':')
  for (const field of fields(text, ',')) {
    log(field)
  }
  const record = fields(text, ':')
  log(`${second} ${third} ${first}${rest.length}${record.length}`)
}
