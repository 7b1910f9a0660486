import { log, namesIn } from './machine.ts'

export function main(): void {
  for (const name of namesIn('/sys/block')) {
    log(name)
  }
}
