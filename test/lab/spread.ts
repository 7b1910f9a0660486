import { closeSync, openSync, readSync } from 'node:fs'

/**
 * Whether the files together have all of a torrent's pieces. A file that is being fetched is as long as its last piece
 * and has zeros where a piece is missing, which random data have not: bytes at the piece's ends and middle tell.
 */
export class Spread {
  readonly #missing: Set<number>

  constructor(
    readonly size: number,
    readonly pieceLength: number,
  ) {
    this.#missing = new Set(Array.from({ length: Math.ceil(size / pieceLength) }, (_, piece) => piece))
  }

  get complete(): boolean {
    return this.#missing.size === 0
  }

  /** How many pieces there are. */
  get pieces(): number {
    return Math.ceil(this.size / this.pieceLength) - this.#missing.size
  }

  /** Looks at one more file, or again at one that has grown. */
  add(path: string): void {
    const file = openSync(path, 'r')
    try {
      for (const piece of this.#missing) if (this.#has(file, piece)) this.#missing.delete(piece)
    } finally {
      closeSync(file)
    }
  }

  #has(file: number, piece: number): boolean {
    const first = piece * this.pieceLength
    const last = Math.min(first + this.pieceLength, this.size) - 64
    const sample = Buffer.alloc(64)
    return [first, (first + last) >> 1, last].every(
      at => readSync(file, sample, 0, 64, Math.max(0, at)) > 0 && sample.some(byte => byte !== 0),
    )
  }
}
