import * as machine from './machine.ts'
import { log as write } from './machine.ts'
import { readFileSync } from './other.ts'

let changing = 'a'
var old = 'b'

class Stage {}
enum Kind { A }
type Text = string
namespace Space { export const inside = 'c' }

async function later(): Promise<void> {
  function inner(): void {
    write('inner')
  }
  inner()
}

function untyped() {
  write(changing + old)
}

function optional(first?: string, second = 'b', ...rest: string[]): void {
  write(`${first}${second}${rest}`)
}

function* counts(): Generator<number> {
  yield 1
}

write('at the top')

if (changing === 'a') {
  write('at the top too')
}

export default function main2(): void {
  untyped()
  optional()
}

export { untyped }

export function main(): void {
  later()
  for (const each of counts()) {
    machine.log(`${each}${Kind.A}${readFileSync}${Space.inside}${Stage}`)
  }
  const text: Text = 'a'
  write(text)
}
