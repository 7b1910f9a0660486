import { log } from './machine.ts'

interface Found {
  path: string
  size: string
}

function search(): Found {
  const path = '/a'
  const size = '3'
  return { path, size }
}

export function main(): void {
  const found = search()
  log(found.path)
}
