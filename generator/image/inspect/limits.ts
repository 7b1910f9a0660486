import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'

/** Enough for an image with a whole system in it, and for one file of the greatest size that newc has. */
export const defaultUnpackedLimit = 8 * 2 ** 30

/** A whole installation of Debian with a desktop has 300,000. */
export const defaultEntryLimit = 1_000_000

/** Names are kept in memory: so many bytes of one count like one more entry. */
const nameShare = 256

/** `8 GiB`, `1.5 MiB`, `12 bytes`. */
export function binarySize(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10))
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}

/** How much an image may be, for the machine that looks into it. A few kilobytes can unpack to terabytes. */
export class Limits {
  constructor(
    /** In bytes, of all parts together. */
    readonly unpacked: number = defaultUnpackedLimit,
    readonly entries: number = defaultEntryLimit,
  ) {}

  /** What one reading of an image may spend. */
  budget(path: string): Budget {
    return new Budget(path, this)
  }
}

export class Budget {
  #unpacked = 0
  #entries = 0

  constructor(
    readonly path: string,
    readonly limits: Limits,
  ) {}

  /** @throws CommandError when these bytes are too many */
  spend(bytes: number): void {
    this.#unpacked += bytes
    if (this.#unpacked <= this.limits.unpacked) return
    throw new CommandError(
      `${shown(this.path)} unpacks to more than ${binarySize(this.limits.unpacked)}`,
      'if you trust it, raise the limit: --unpacked-limit SIZE',
    )
  }

  /** @throws CommandError when this entry is one too many */
  spendEntry(nameSize: number): void {
    this.#entries += 1 + Math.floor(nameSize / nameShare)
    if (this.#entries <= this.limits.entries) return
    throw new CommandError(
      `${shown(this.path)} has more than ${this.limits.entries} entries, long names counted several times`,
      'if you trust it, raise the limit: --entry-limit COUNT',
    )
  }
}
