import { exists, log, makeDirectory } from './machine.ts'

function isReady(): boolean {
  makeDirectory('/run/ready')
  return exists('/run/ready')
}

export function main(): void {
  if (isReady()) {
    log('ready')
  }
}
