import { sleep } from './machine.ts'

export function main(): void {
  sleep(0.5)
  sleep(9007199254740993)
  sleep(1e300)
}
