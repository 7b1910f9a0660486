/** What is to happen, in the order of time: a binary heap over plain numbers, for tens of millions of events. */
export class EventQueue {
  #times = new Float64Array(1024)
  #kinds = new Int32Array(1024)
  #subjects: (object | undefined)[] = new Array(1024)
  #values = new Int32Array(1024)
  #size = 0

  /** Of the event that `next` has taken out: seconds, its kind, what it is about, and a number. */
  time = 0
  kind = 0
  subject: object | undefined
  value = 0

  get size(): number {
    return this.#size
  }

  add(time: number, kind: number, subject: object, value = 0): void {
    if (this.#size === this.#times.length) this.#grow()
    let at = this.#size
    this.#size += 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if ((this.#times[parent] as number) <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#put(at, time, kind, subject, value)
  }

  /** Takes the earliest event out into the fields above; false where there is none. */
  next(): boolean {
    if (this.#size === 0) return false
    this.time = this.#times[0] as number
    this.kind = this.#kinds[0] as number
    this.subject = this.#subjects[0]
    this.value = this.#values[0] as number
    const last = this.#size - 1
    this.#size = last
    const time = this.#times[last] as number
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= last) break
      if (child + 1 < last && (this.#times[child + 1] as number) < (this.#times[child] as number)) child += 1
      if ((this.#times[child] as number) >= time) break
      this.#move(child, at)
      at = child
    }
    this.#move(last, at)
    this.#subjects[last] = undefined
    return true
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] as number
    this.#kinds[to] = this.#kinds[from] as number
    this.#subjects[to] = this.#subjects[from]
    this.#values[to] = this.#values[from] as number
  }

  #put(at: number, time: number, kind: number, subject: object, value: number): void {
    this.#times[at] = time
    this.#kinds[at] = kind
    this.#subjects[at] = subject
    this.#values[at] = value
  }

  #grow(): void {
    const double = <T extends Float64Array | Int32Array>(old: T, wide: T): T => {
      wide.set(old)
      return wide
    }
    this.#times = double(this.#times, new Float64Array(2 * this.#size))
    this.#kinds = double(this.#kinds, new Int32Array(2 * this.#size))
    this.#values = double(this.#values, new Int32Array(2 * this.#size))
    this.#subjects.length = 2 * this.#size
  }
}
