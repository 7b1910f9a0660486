import { exists, log } from './machine.ts'

interface Found {
  path: string
  size: number
}

function greet(who: string, times: number): string {
  const greeting = `hello ${who}`
  if (times === 0) {
    return ''
  }
  return `${greeting} ${times}`
}

function twice(amount: number): number {
  return amount * 2
}

function fourTimes(value: number): number {
  const doubled = twice(value)
  return twice(doubled)
}

function greetAgain(name: string): string {
  return greet(name, 2)
}

function search(wanted: string): Found {
  let path = wanted
  if (exists(wanted)) {
    return { path, size: 1 }
  } else {
    path = 'elsewhere'
    return { path, size: 2 + 1 }
  }
}

function report(found: Found, lead: string): void {
  log(`${lead} ${found.path} ${found.size} ${found.path.length}`)
}

export function main(): void {
  const first = greet('you', 1)
  const empty = greet('nobody', 0)
  const again = greetAgain('two words')
  const eight = fourTimes(2)
  log(`<${first}> <${empty}> <${again}> <${eight}>`)
  const found = search('nothing')
  report(found, 'found')
}
