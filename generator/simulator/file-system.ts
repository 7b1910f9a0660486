/** Files in memory, with the errors of the real calls. Paths are resolved name by name, as the kernel does it. */

type FileNode = { kind: 'directory' } | { kind: 'file'; bytes: Buffer }

/** One change to the files; a list of them, replayed in order, gives the same files elsewhere. */
export type Change =
  | { kind: 'directory'; path: string }
  | { kind: 'file'; path: string; bytes: Buffer }
  | { kind: 'removed'; path: string }

/** What a call on files fails with; the message is strerror(3)'s, in musl's words. */
export class FileError extends Error {
  override name = 'FileError'
}

const longestName = 255
const longestPath = 4095

export class FileSystem {
  readonly #nodes = new Map<string, FileNode>([['/', { kind: 'directory' }]])
  /** Mount points of memory with a limit, in bytes. */
  readonly #limits = new Map<string, number>()
  #changes: Change[] = []

  /** The changes since the last call. */
  takeChanges(): Change[] {
    const taken = this.#changes
    this.#changes = []
    return taken
  }

  /** Keeps all files as they are; the result puts them back. */
  save(): () => void {
    const nodes = new Map(this.#nodes)
    return () => {
      this.#nodes.clear()
      for (const [path, node] of nodes) this.#nodes.set(path, node)
      this.#changes = []
    }
  }

  /** Does what was done elsewhere. */
  apply(change: Change): void {
    if (change.kind === 'removed') this.remove(change.path)
    else if (change.kind === 'directory') this.makeDirectory(change.path)
    else this.place(change.path, change.bytes)
  }

  /** Where a path leads; its last name need not exist. */
  #locate(path: string): string {
    if (path === '') throw new FileError('No such file or directory')
    if (path.length > longestPath) throw new FileError('Filename too long')
    let at = '/'
    for (const name of path.split('/')) {
      if (name === '' || name === '.') continue
      const here = this.#nodes.get(at)
      if (here === undefined) throw new FileError('No such file or directory')
      if (here.kind !== 'directory') throw new FileError('Not a directory')
      if (name.length > longestName) throw new FileError('Filename too long')
      if (name === '..') at = at.slice(0, at.lastIndexOf('/')) || '/'
      else at = at === '/' ? `/${name}` : `${at}/${name}`
    }
    // `x/` and `x/.` mean that x is a directory.
    if (/\/\.?$/.test(path) && this.#nodes.get(at)?.kind === 'file') throw new FileError('Not a directory')
    return at
  }

  #node(path: string): FileNode | undefined {
    try {
      return this.#nodes.get(this.#locate(path))
    } catch (error) {
      if (error instanceof FileError) return undefined
      throw error
    }
  }

  exists = (path: string): boolean => this.#node(path) !== undefined
  isDirectory = (path: string): boolean => this.#node(path)?.kind === 'directory'
  isFile = (path: string): boolean => this.#node(path)?.kind === 'file'

  read(path: string): Buffer {
    const node = this.#nodes.get(this.#locate(path))
    if (node === undefined) throw new FileError('No such file or directory')
    if (node.kind === 'directory') throw new FileError('Is a directory')
    return node.bytes
  }

  write(path: string, bytes: Buffer): void {
    const at = this.#locate(path)
    const node = this.#nodes.get(at)
    if (node?.kind === 'directory') throw new FileError('Is a directory')
    if (node === undefined && path.endsWith('/')) throw new FileError('Is a directory')
    if (node?.bytes.equals(bytes)) return
    this.#requireRoom(at, bytes.length - (node?.bytes.length ?? 0))
    this.#nodes.set(at, { kind: 'file', bytes })
    this.#changes.push({ kind: 'file', path: at, bytes })
  }

  /** Makes a directory and those above it, as `mkdir -p`. */
  makeDirectory(path: string): void {
    const names = path.split('/')
    for (let count = 1; count <= names.length; count += 1) {
      const above = names.slice(0, count).join('/') || (path.startsWith('/') ? '/' : '')
      if (above === '') throw new FileError('No such file or directory')
      const at = this.#locate(above)
      const node = this.#nodes.get(at)
      if (node?.kind === 'file')
        throw new FileError(count === names.length ? 'File exists' : 'Not a directory')
      if (node !== undefined) continue
      this.#nodes.set(at, { kind: 'directory' })
      this.#changes.push({ kind: 'directory', path: at })
    }
  }

  /** Writes a file and makes the directories above it. */
  place(path: string, bytes: Buffer): void {
    this.makeDirectory(path.slice(0, path.lastIndexOf('/')) || '/')
    this.write(path, bytes)
  }

  /** Removes a file or a directory with all in it. Whether there was one. */
  remove(path: string): boolean {
    const node = this.#node(path)
    if (node === undefined) return false
    const at = this.#locate(path)
    for (const inside of this.#below(at)) this.#nodes.delete(inside)
    if (at !== '/') this.#nodes.delete(at)
    this.#changes.push({ kind: 'removed', path: at })
    return true
  }

  /** Gives a directory with all in it another path; nothing may be there. */
  rename(from: string, to: string): void {
    const [at, target] = [this.#locate(from), this.#locate(to)]
    const node = this.#nodes.get(at)
    if (node === undefined) throw new FileError('No such file or directory')
    if (this.#nodes.has(target)) throw new FileError('File exists')
    for (const path of [at, ...this.#below(at)]) {
      const moved = this.#nodes.get(path)
      this.#nodes.delete(path)
      if (moved !== undefined) this.#nodes.set(`${target}${path.slice(at.length)}`, moved)
    }
  }

  /** Copies a directory with all in it to a path where nothing is. */
  copy(from: string, to: string): void {
    const [at, target] = [this.#locate(from), this.#locate(to)]
    const node = this.#nodes.get(at)
    if (node === undefined) throw new FileError('No such file or directory')
    if (this.#nodes.has(target)) throw new FileError('File exists')
    this.makeDirectory(target)
    for (const path of this.#below(at)) {
      const inside = this.#nodes.get(path)
      const copied = `${target}${path.slice(at.length)}`
      if (inside?.kind === 'file') this.place(copied, inside.bytes)
      else this.makeDirectory(copied)
    }
  }

  #below(at: string): string[] {
    const start = at === '/' ? '/' : `${at}/`
    return [...this.#nodes.keys()].filter(path => path !== '/' && path.startsWith(start))
  }

  /** The names in a directory, or all paths below it relative to it; in no order that counts. */
  entries(path: string, depth: 'one' | 'all' = 'one'): string[] {
    const at = this.#locate(path)
    const start = at === '/' ? 1 : at.length + 1
    const inside = this.#below(at).map(each => each.slice(start))
    return depth === 'all' ? inside : inside.filter(name => !name.includes('/'))
  }

  /** Memory as a file system of its own: what lay there is hidden. */
  mountMemory(path: string, limit: number): void {
    const at = this.#locate(path)
    if (this.#nodes.get(at)?.kind !== 'directory') throw new FileError('No such file or directory')
    for (const inside of this.#below(at)) {
      if (this.#nodes.delete(inside)) this.#changes.push({ kind: 'removed', path: inside })
    }
    this.#limits.set(at, limit)
  }

  /** Changes how much a file system in memory may hold, in bytes. */
  limitMemory(path: string, limit: number): void {
    this.#limits.set(this.#locate(path), limit)
  }

  /** Bytes in files below a directory. */
  bytesBelow(at: string): number {
    let sum = 0
    for (const inside of this.#below(at)) {
      const node = this.#nodes.get(inside)
      if (node?.kind === 'file') sum += node.bytes.length
    }
    return sum
  }

  /** Bytes that still fit where a path leads. */
  roomAt(path: string): number {
    const at = this.#locate(path)
    const mount = [...this.#limits.keys()]
      .filter(each => at === each || at.startsWith(`${each}/`))
      .sort((a, b) => b.length - a.length)[0]
    return mount === undefined
      ? Number.POSITIVE_INFINITY
      : (this.#limits.get(mount) ?? 0) - this.bytesBelow(mount)
  }

  #requireRoom(at: string, growth: number): void {
    if (growth > 0 && this.roomAt(at) < growth) throw new FileError('No space left on device')
  }

  /** Every path with its bytes, directories with undefined. */
  snapshot(): Map<string, Buffer | undefined> {
    return new Map(
      [...this.#nodes].map(([path, node]) => [path, node.kind === 'file' ? node.bytes : undefined]),
    )
  }
}
