import { log } from './machine.ts'

export function main(): void {
  const seven = 7
  let count = 2
  count += 1
  count *= 10
  count -= seven
  count = count + 4 * (seven - 2)
  const half = Math.trunc(count / 2)
  const rest = count % 5
  const below = 3 - seven
  const nested = seven - (count - (2 - 1))
  const product = (seven + 1) * (seven - 1)
  log(`${count} ${half} ${rest} ${below} ${nested} ${product} ${seven * 2}`)
  log('negative: ' + (below - 1) + ' ' + Math.trunc((seven - 30) / 4) + ' ' + ((seven - 30) % 4))
}
