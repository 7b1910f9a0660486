import { log } from './machine.ts'
import { describe } from './other.ts'
import { shared } from './shared.ts'

// Comments stand above what they are about.
const own = `own ${1 + 1}`

/**
 * The life of it.
 *
 * In two paragraphs.
 */
export function main(): void {
  // Above a statement.
  describe(own)
  // Two lines,
  // joined.
  if (own.startsWith('own')) {
    // In a block.
    log(shared)
  }
}
