import { log, uptime } from './machine.ts'

interface Found {
  path: string
}

function search(): Found {
  return { path: '/a' }
}

export function main(): void {
  const found = search()
  found.path = '/b'
  let count = uptime()
  count === 3
  log(`${found.path} ${count}`)
}
