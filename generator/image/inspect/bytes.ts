/** What is read ended before all of it was there. */
export class EndsEarly extends Error {
  override name = 'EndsEarly'
}

/** Is told of bytes before they are taken, and throws where they are too many. */
export type Spend = (bytes: number) => void

/** Bytes that are read once, from front to back. Only a piece of them is ever in memory, however many they are. */
export abstract class Bytes {
  #piece: Buffer = Buffer.alloc(0)

  constructor(
    /** Of the next byte. */
    public position: number,
    readonly spend: Spend = () => {},
  ) {}

  /** The next piece of any length above 0, or undefined at the end. */
  protected abstract next(): Promise<Buffer | undefined>

  /** Lets go of what it reads from. */
  async close(): Promise<void> {}

  #advance(size: number): void {
    this.spend(size)
    this.#piece = this.#piece.subarray(size)
    this.position += size
  }

  /** The next bytes, which stay the next; fewer than `size` at the end only. */
  async peek(size: number): Promise<Buffer> {
    while (this.#piece.length < size) {
      const more = await this.next()
      if (more === undefined) break
      this.#piece = this.#piece.length === 0 ? more : Buffer.concat([this.#piece, more])
    }
    return this.#piece.subarray(0, size)
  }

  async take(size: number): Promise<Buffer> {
    const bytes = await this.peek(size)
    if (bytes.length < size) throw new EndsEarly()
    this.#advance(size)
    return bytes
  }

  /** Passes over bytes that may be missing at the end, such as padding. */
  async passPadding(size: number): Promise<void> {
    this.#advance((await this.peek(size)).length)
  }

  async skip(size: number): Promise<void> {
    const here = Math.min(size, this.#piece.length)
    this.#advance(here)
    if (size > here) await this.pass(size - here)
  }

  /** Passes over bytes of which none has been read yet. */
  protected async pass(size: number): Promise<void> {
    for await (const _ of this.pieces(size));
  }

  /** The next `size` bytes, piece by piece; all that follow, where no size is given. */
  async *pieces(size = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      const here = await this.peek(1)
      if (here.length === 0) {
        if (size === Number.POSITIVE_INFINITY) return
        throw new EndsEarly()
      }
      const piece = this.#piece.subarray(0, left)
      this.#advance(piece.length)
      left -= piece.length
      yield piece
    }
  }

  async atEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0
  }

  /** The kernel passes over zeros between archives. */
  async passZeros(): Promise<void> {
    while (!(await this.atEnd())) {
      const zeros = leadingZeros(this.#piece)
      this.#advance(zeros)
      if (this.#piece.length > 0) return
    }
  }

  /** Forgets the piece that was read ahead, for who goes on elsewhere. */
  protected forget(): void {
    this.#piece = Buffer.alloc(0)
  }

  /** Bytes read ahead. */
  protected get ahead(): number {
    return this.#piece.length
  }
}

const zeros = Buffer.alloc(1 << 16)

/** How many zeros a piece begins with. */
export function leadingZeros(piece: Buffer): number {
  let position = 0
  while (position < piece.length) {
    const some = piece.subarray(position, position + zeros.length)
    if (!some.equals(zeros.subarray(0, some.length))) break
    position += some.length
  }
  while (piece[position] === 0) position++
  return position
}

/** A file that can be read at any place. */
export interface FilePieces {
  readonly size: number
  /** A piece from there on; empty at the end. */
  read(position: number): Promise<Buffer>
}

/** Bytes of the image file. What is passed over is not read. */
export class FileBytes extends Bytes {
  constructor(
    readonly file: FilePieces,
    position: number,
    spend?: Spend,
  ) {
    super(position, spend)
  }

  protected async next(): Promise<Buffer | undefined> {
    const piece = await this.file.read(this.position + this.ahead)
    return piece.length > 0 ? piece : undefined
  }

  protected override async pass(size: number): Promise<void> {
    if (this.position + size > this.file.size) throw new EndsEarly()
    this.spend(size)
    this.position += size
  }

  /** Goes on elsewhere in the file. */
  seek(position: number): void {
    this.forget()
    this.position = position
  }
}

/** Bytes that something makes, such as a decompressor. */
export class StreamBytes extends Bytes {
  readonly #source: AsyncIterator<Buffer>

  constructor(source: AsyncIterable<Buffer>, spend?: Spend) {
    super(0, spend)
    this.#source = source[Symbol.asyncIterator]()
  }

  protected async next(): Promise<Buffer | undefined> {
    for (;;) {
      const { value, done } = await this.#source.next()
      if (done) return undefined
      if (value.length > 0) return value
    }
  }

  override async close(): Promise<void> {
    await this.#source.return?.()
  }
}
