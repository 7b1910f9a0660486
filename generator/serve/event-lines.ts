import { shown } from '../host/console/foreign-text.ts'

/** Lines within the time (milliseconds) that one client may cause, of refusals and of successes, and all together. */
const usual = { ofClient: 5, ofAll: 100 }
const window = 10_000

/** What `serve` tells: one line for each event, and no flood of lines because of clients. */
export class EventLines {
  readonly #write: (line: string) => void
  /** By client and kind. */
  #counts = new Map<string, { who: string; told: number; leftOut: number }>()
  #told = 0
  /** Lines of clients that none was told of. */
  #others = 0
  #timer: NodeJS.Timeout | undefined

  readonly #most: typeof usual

  constructor(write: (line: string) => void, most = usual) {
    this.#write = write
    this.#most = most
  }

  /** Something that this machine does, or that happens to it. */
  say(line: string): void {
    this.#write(printable(line))
  }

  /** Something that a client did wrong, by the client's address. */
  about(client: string, line: string): void {
    this.#count(`wrong ${client}`, client || 'somebody', line)
  }

  /**
   * Something that a client achieved.
   *
   * @param who what the line calls it, when that is not its address alone
   */
  achieved(client: string, line: string, who = client): void {
    this.#count(`right ${client}`, who, line)
  }

  #count(key: string, who: string, line: string): void {
    this.#timer ??= setTimeout(() => this.flush(), window).unref()
    const count = this.#counts.get(key) ?? { who, told: 0, leftOut: 0 }
    if (this.#told >= this.#most.ofAll && count.told === 0) this.#others += 1
    else if (this.#told >= this.#most.ofAll || count.told >= this.#most.ofClient) count.leftOut += 1
    else {
      this.#counts.set(key, count)
      count.told += 1
      this.#told += 1
      this.say(`${who}: ${line}`)
    }
  }

  /** Tells how many lines were left out. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const { who, leftOut } of this.#counts.values())
      if (leftOut > 0) this.say(`${who}: ${leftOut} more of the kind`)
    if (this.#others > 0) this.say(`${this.#others} more lines of other clients`)
    this.#counts.clear()
    this.#told = 0
    this.#others = 0
  }
}

/** Clients and authors of torrents choose what is in a line: it stays one line, and fills no screen. */
export const printable = (line: string): string => shown(line, 300)
