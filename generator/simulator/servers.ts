/** aria2c and the servers that it asks. */
import { bytesOf, textOf } from './captured.ts'
import { FileError, type FileSystem } from './file-system.ts'
import type { Outcome } from './outcome.ts'
import type { Content, Served } from './world.ts'

/** aria2's exit status, 0 too, and what its log says. */
type Failure = { status: number; cause?: string }

const isContent = (served: Served): served is Content =>
  typeof served === 'string' || served instanceof Uint8Array

const toBytes = (content: Content): Buffer =>
  typeof content === 'string' ? bytesOf(content) : Buffer.from(content)

/** The name that aria2 gives a download: what stands after the last slash of the path, without its escapes. */
function nameFrom(address: string): string {
  const path = address.replace(/^[a-z]+:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '')
  const last = path.slice(path.lastIndexOf('/') + 1)
  const plain = last.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  // aria2 writes control characters and slashes as escapes again (util::fixTaintedBasename).
  const safe = [...plain]
    .map(c => (c < ' ' || '\x7f/\\'.includes(c) ? `%${bytesOf(c).toString('hex').toUpperCase()}` : c))
    .join('')
  return safe === '' || safe === '.' || safe === '..' ? 'index.html' : safe
}

export class Servers {
  readonly #files: FileSystem
  readonly #served: Map<string, Served[]>

  constructor(files: FileSystem, serve: Record<string, Served | Served[]>) {
    this.#files = files
    this.#served = new Map(
      Object.entries(serve).map(([address, given]) => [address, Array.isArray(given) ? [...given] : [given]]),
    )
  }

  #answer(address: string): Served {
    const answers = this.#served.get(address)
    const next = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0]
    return next ?? { status: 3, cause: 'Resource not found' }
  }

  /** aria2c with the words of a command line; the last one is the address. */
  fetch(words: string[]): Outcome {
    const address = words.at(-1) ?? ''
    const option = (name: string) =>
      words.findLast(word => word.startsWith(`--${name}=`))?.slice(name.length + 3)
    const folder = option('dir') ?? '/'
    const log = option('log')
    const answer = this.#answer(address)
    // A torrent that is not followed is a file like others.
    const served =
      option('follow-torrent') === 'false' && !isContent(answer) && 'files' in answer
        ? 'd8:announce0:e'
        : answer
    const failure = this.#give(served, folder, nameFrom(address))
    if (log !== undefined && failure.cause !== undefined) {
      // A torrent that it cannot read is logged as 25, and aria2 1.37 still ends with 0.
      const code = failure.status === 0 ? 25 : failure.status
      const line = `2026-11-22 20:00:00.000000 [ERROR] [AbstractCommand.cc:351] CUID#7 - Download aborted. URI=${address}\nException: [AbstractCommand.cc:340] errorCode=${code} ${failure.cause}\n`
      this.#files.write(log, bytesOf((this.#files.isFile(log) ? textOf(this.#files.read(log)) : '') + line))
    }
    return { status: failure.status }
  }

  #give(served: Served, folder: string, name: string): Failure {
    if (isContent(served)) return this.#store(folder, [[name, served]])
    if (!('files' in served)) return served
    const { files, ...end } = served
    const stored = this.#store(folder, Object.entries(files))
    return stored.status === 0 ? { ...stored, ...end } : stored
  }

  #store(folder: string, contents: [string, Content][]): Failure {
    for (const [name, content] of contents) {
      const path = `${folder}/${name}`
      const bytes = toBytes(content)
      try {
        this.#files.place(path, bytes)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        if (error.message !== 'No space left on device') return { status: 17, cause: error.message }
        // What fits stays, and the file that says how far it is.
        this.#files.write(path, bytes.subarray(0, Math.max(0, this.#files.roomAt(path))))
        return { status: 9, cause: 'not enough disk space' }
      }
    }
    return { status: 0 }
  }
}
