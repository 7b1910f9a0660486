import { deeper } from './deep/other.ts'
import { other } from './other.ts'

export function main(): void {
  other()
  deeper()
}
