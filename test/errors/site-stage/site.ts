import { log } from './machine.ts'

/** Takes and gives what no stage can. */
export function measure(name: string): number {
  log(name)
  return 3
}
