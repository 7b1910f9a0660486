import { log } from './machine.ts'

/**
 * shellcheck disable=SC2086
 * This one says that shellcheck finds nothing.
 */
export function main(): void {
  // shellcheck disable=all
  log('a')
}
