import { entries, log } from './machine.ts'

export function main(): void {
  for (const name of entries('/sys/block')) {
    log(name)
  }
}
