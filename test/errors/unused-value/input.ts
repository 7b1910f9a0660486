import { aria2c, before, exists, log, readFile } from './machine.ts'

interface Found {
  path: string
}

function search(): Found {
  return { path: '/a' }
}

function isReady(): boolean {
  return exists('/ready')
}

function name(): string {
  return 'x'
}

function use(found: Found): void {
  log(found.path)
}

export function main(): void {
  search()
  isReady()
  name()
  readFile('/a')
  exists('/b')
  before('a', 'b')
  aria2c(9, '--version')
  use
}
