import { ip, log } from './machine.ts'

function bringUp(name: string): void {
  ip('link', 'set', 'dev', name, 'up')
}

function firstAddress(): string {
  bringUp('eth0')
  ip('addr', 'show')
  return 'eth0'
}

export function main(): void {
  const address = firstAddress()
  log(address)
}
