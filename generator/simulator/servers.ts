/** aria2c and the servers that it asks. */
import { bytesOf, textOf } from './captured.ts'
import { FileError, type FileSystem } from './file-system.ts'
import type { Outcome } from './outcome.ts'
import type { Content, Served } from './world.ts'

/** aria2's exit status, 0 too, and what its log says. */
type Failure = { status: number; cause?: string }

/** What a server gives that is believed. */
type Trusted = Exclude<Served, { untrusted: Content }>

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

/** As aria2 writes what comes from outside. */
const printable = (text: string): string =>
  text.replace(/[^ -~]/g, c => `\\x${bytesOf(c).toString('hex').padStart(2, '0')}`)

/** A torrent that is fetched as a file; a simulated one tells where it came from. */
export function torrentOf(address: string, files: Record<string, Content>): string {
  const name = Object.keys(files)[0]?.replace(/\/.*/s, '') ?? ''
  const info = `d4:name${name.length}:${name}12:piece lengthi16384ee`
  return `d8:announce${address.length}:${address}4:info${info}e`
}
const addressIn = (torrent: string): string => torrent.replace(/^d8:announce\d+:(.*)4:info.*/s, '$1')

/** The last value of an option. */
const optionIn = (words: string[], name: string): string | undefined =>
  words.findLast(word => word.startsWith(`--${name}=`))?.slice(name.length + 3)

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

  /** aria2c with the words of a command line: an address is the last one, or there is a file of them, or a torrent alone. */
  fetch(words: string[]): Outcome {
    const list = optionIn(words, 'input-file')
    if (list !== undefined) return this.#fetchAll(list, words)
    const last = words.at(-1) ?? ''
    const torrent = optionIn(words, 'torrent-file')
    const isAlone = torrent !== undefined && last.startsWith('--')
    return this.#fetchOne(isAlone ? addressIn(textOf(this.#files.read(torrent))) : last, words)
  }

  /** Each entry of an input file; what did not come is written into the session file, as aria2 writes it. */
  #fetchAll(list: string, words: string[]): Outcome {
    const entries = textOf(this.#files.read(list))
      .split(/\n(?=[^ \n])/)
      .map(entry => entry.trim().split(/\n+ /))
      .filter(([address]) => address !== '')
    let status = 0
    let session = ''
    for (const [address = '', ...own] of entries) {
      const one = this.#fetchOne(address, [...words, ...own.map(line => `--${line}`)])
      if (one.status === 0) continue
      status = one.status
      // It has not started, or was killed.
      if (status > 125 || status === 28) return { status }
      const options = own.map(line => ` ${line}\n`).join('')
      session += `${address}\t\n gid=0\n${options}#errorCode=${status} ${printable(one.cause ?? '')}\n`
    }
    const file = optionIn(words, 'save-session')
    if (file !== undefined) this.#writeWhereRoom(file, session)
    return { status }
  }

  #fetchOne(address: string, words: string[]): Failure {
    const folder = optionIn(words, 'dir') ?? '/'
    const log = optionIn(words, 'log')
    const answer = this.#afterHandshake(this.#answer(address), optionIn(words, 'conf-path'))
    // A torrent that is not followed is a file like others.
    const served =
      optionIn(words, 'follow-torrent') === 'false' && !isContent(answer) && 'files' in answer
        ? torrentOf(address, answer.files)
        : answer
    const failure = this.#give(served, folder, nameFrom(address))
    const list = optionIn(words, 'proven-list')
    if (list !== undefined && !isContent(served) && 'files' in served && served.proven !== undefined) {
      this.#writeWhereRoom(list, served.proven.map(name => `${folder}/${name}\n`).join(''))
    }
    if (log !== undefined && failure.cause !== undefined) {
      // A torrent that it cannot read is logged as 25, and aria2 1.37 still ends with 0.
      const code = failure.status === 0 ? 25 : failure.status
      const line = `2026-11-22 20:00:00.000000 [ERROR] [AbstractCommand.cc:351] CUID#7 - Download aborted. URI=${address}\nException: [AbstractCommand.cc:340] errorCode=${code} ${failure.cause}\n`
      this.#writeWhereRoom(log, (this.#files.isFile(log) ? textOf(this.#files.read(log)) : '') + line)
    }
    return failure
  }

  /** What comes once the server's certificate has been looked at, where the configuration file does not forbid it. */
  #afterHandshake(served: Served, settings?: string): Trusted {
    if (isContent(served) || !('untrusted' in served)) return served
    const isChecked =
      settings === undefined || !textOf(this.#files.read(settings)).includes('check-certificate=false\n')
    return isChecked
      ? { status: 1, cause: 'SSL/TLS handshake failure: self-signed certificate' }
      : served.untrusted
  }

  /** aria2 goes on without a log or a session file that memory has no room for. */
  #writeWhereRoom(path: string, text: string): void {
    const bytes = bytesOf(text)
    if (bytes.length <= this.#files.roomAt(path)) this.#files.write(path, bytes)
  }

  #give(served: Trusted, folder: string, name: string): Failure {
    if (isContent(served)) return this.#store(folder, [[name, served]])
    if (!('files' in served)) return served
    const { files, proven: _, ...end } = served
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
