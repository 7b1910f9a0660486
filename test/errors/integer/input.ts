import { sleep } from './machine.ts'

export function main(): void {
  sleep(0.0005)
  sleep(9007199254740993)
  sleep(1e300)
}
