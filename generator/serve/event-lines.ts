/** Lines that one client may cause within the time (milliseconds); the rest is counted. */
const [mostLines, window] = [5, 10_000]

/** What `serve` tells: one line for each event, and no flood of lines because of one client. */
export class EventLines {
  readonly #write: (line: string) => void
  #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  /** Something that this machine does, or that happens to it. */
  say(line: string): void {
    this.#write(printable(line))
  }

  /** Something that a client caused. */
  about(client: string, line: string): void {
    const count = (this.#counts.get(client) ?? 0) + 1
    this.#counts.set(client, count)
    if (count <= mostLines) this.say(`${client || 'somebody'}: ${line}`)
    this.#timer ??= setTimeout(() => this.flush(), window).unref()
  }

  /** Tells how many lines were left out. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const [client, count] of this.#counts)
      if (count > mostLines) this.say(`${client || 'somebody'}: ${count - mostLines} more of the kind`)
    this.#counts.clear()
  }
}

/** Clients choose what they ask for: nothing of it may move a terminal's cursor, begin a line or fill a screen. */
export function printable(line: string): string {
  const escaped = line.replace(
    /[^\x20-\x7e]/gu,
    character => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
  return escaped.length > 300 ? `${escaped.slice(0, 300)}…` : escaped
}
