import { log, uptime } from './machine.ts'

const folder = '/tmp'

function report(path: string): void {
  const stage = 'x'
  log(`${path}${stage}`)
}

export function main(): void {
  const path = '/a'
  report('/b')
  const segmentSize = uptime()
  const newline = `no ${segmentSize}`
  log(path + newline + folder)
}

function useFolder(): void {
  const folder = '/run'
  log(folder)
}

export function start(): void {
  useFolder()
}
