import { log } from './machine.ts'

const folder = '/tmp'

function report(path: string): void {
  const stage = 'x'
  log(`${path}${stage}`)
}

export function main(): void {
  const path = '/a'
  report('/b')
  const newline = 'no'
  log(path + newline + folder)
}

function useFolder(): void {
  const folder = '/run'
  log(folder)
}

export function start(): void {
  useFolder()
}
