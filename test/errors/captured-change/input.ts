import { aria2c, log, modprobe, readFile, remove, sleep } from './machine.ts'

function loadDriver(name: string): void {
  modprobe(name)
}

function firstAddress(): string {
  loadDriver('e1000')
  remove('/run/old')
  log('log and sleep change nothing')
  sleep(1)
  return readFile('/run/address')
}

function fetched(): number {
  const status = aria2c(60, 'http://s/x')
  return status
}

export function main(): void {
  const address = firstAddress()
  const status = fetched()
  log(`${address} ${status}`)
}
