/** What is computed while a file goes by, in two parts that take about as long as each other. */
import { createHash, type Hash } from 'node:crypto'

/** How a file is to be cut. */
export interface Cut {
  /** Bytes of a piece. */
  pieceLength: number
  /** Where in the file the first piece of the torrent of all files begins. */
  interiorStart: number
}

export interface FileDigests {
  /** Bytes that went by. */
  size: number
  /** The whole file's SHA-256, in hex. */
  sha256: string
  /** SHA-256 of each piece from the file's beginning, 64 hex digits each: for the Metalink. */
  sha256Pieces: string
  /** SHA-1 of each whole piece from `interiorStart` on, 40 hex digits each: for the torrent. */
  interiorPieces: string
}

type Digests<Key extends keyof FileDigests> = Pick<FileDigests, Key>

/** One of the two parts. A file is `begin`, `take` for each of its blocks in order, `end`. */
export interface Digester<Result = Partial<FileDigests>> {
  begin(cut: Cut): void
  take(block: Uint8Array): void
  end(): Result
}

export class WholeDigester implements Digester<Digests<'size' | 'sha256'>> {
  #hash = createHash('sha256')
  #size = 0

  begin(): void {
    this.#hash = createHash('sha256')
    this.#size = 0
  }

  take(block: Uint8Array): void {
    this.#hash.update(block)
    this.#size += block.length
  }

  end() {
    return { size: this.#size, sha256: this.#hash.digest('hex') }
  }
}

export class PieceDigester implements Digester<Digests<'sha256Pieces' | 'interiorPieces'>> {
  #sha256 = new PieceRow('sha256', 1, 0)
  #sha1 = new PieceRow('sha1', 1, 0)

  begin({ pieceLength, interiorStart }: Cut): void {
    this.#sha256 = new PieceRow('sha256', pieceLength, 0)
    this.#sha1 = new PieceRow('sha1', pieceLength, interiorStart)
  }

  take(block: Uint8Array): void {
    this.#sha256.take(block)
    this.#sha1.take(block)
  }

  end() {
    return { sha256Pieces: this.#sha256.allPieces(), interiorPieces: this.#sha1.wholePieces() }
  }
}

/** The digests of a row of pieces. */
class PieceRow {
  readonly #kind: string
  readonly #pieceLength: number
  #skip: number
  #hash: Hash | undefined
  /** Bytes in the piece that has been begun. */
  #filled = 0
  #whole: string[] = []

  constructor(kind: 'sha1' | 'sha256', pieceLength: number, start: number) {
    this.#kind = kind
    this.#pieceLength = pieceLength
    this.#skip = start
  }

  take(block: Uint8Array): void {
    let from = Math.min(this.#skip, block.length)
    this.#skip -= from
    while (from < block.length) {
      const to = Math.min(block.length, from + this.#pieceLength - this.#filled)
      this.#hash ??= createHash(this.#kind)
      this.#hash.update(block.subarray(from, to))
      this.#filled += to - from
      from = to
      if (this.#filled < this.#pieceLength) continue
      this.#whole.push(this.#hash.digest('hex'))
      this.#hash = undefined
      this.#filled = 0
    }
  }

  wholePieces(): string {
    return this.#whole.join('')
  }

  allPieces(): string {
    return this.wholePieces() + (this.#hash?.copy().digest('hex') ?? '')
  }
}
