import { shown } from '../../host/console/foreign-text.ts'

/** Entries that the kernel passes over: counted, and told in a line for each reason. */
export class PassedOver {
  readonly #counts = new Map<string, number>()

  /** @param what what such an entry has, to complete `has …` */
  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  tell(path: string): void {
    for (const [what, count] of this.#counts) {
      const entries = count === 1 ? 'an entry, which has' : `${count} entries, which have`
      process.stderr.write(`${shown(path)}: the kernel passes over ${entries} ${what}\n`)
    }
  }
}
