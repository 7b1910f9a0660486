import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename, dirname, join, posix, resolve } from 'node:path'

const mostLinks = 40

/** A file system tree, `/` or one that lies in a folder: its links and its paths begin at its own root. */
export class SourceTree {
  constructor(readonly root: string) {}

  /**
   * The tree that a program belongs to: the nearest folder above it that has its loader and an etc/. Where /usr is
   * merged, usr/ has the loader as well but is no root.
   */
  static of(program: string, interpreter: string | undefined): SourceTree {
    if (interpreter !== undefined) {
      for (let folder = dirname(resolve(program)); folder !== '/'; folder = dirname(folder)) {
        if (basename(folder) === 'usr' || !existsSync(join(folder, 'etc'))) continue
        const tree = new SourceTree(folder)
        if (tree.file(interpreter) !== undefined) return tree
      }
    }
    return new SourceTree('/')
  }

  /** Where a path of the tree lies on this machine, links followed as if the tree were mounted at /. */
  #real(path: string): string | undefined {
    let rest = path.split('/')
    let found = '/'
    for (let links = 0; rest.length > 0; ) {
      const [word = '', ...more] = rest
      rest = more
      if (word === '' || word === '.') continue
      const next = posix.join(found, word)
      const entry = lstatSync(join(this.root, next), { throwIfNoEntry: false })
      if (entry === undefined) return undefined
      if (!entry.isSymbolicLink()) found = next
      else {
        links += 1
        if (links > mostLinks) return undefined
        const target = readlinkSync(join(this.root, next))
        rest = [...target.split('/'), ...rest]
        if (target.startsWith('/')) found = '/'
      }
    }
    return join(this.root, found)
  }

  /** Where a file of the tree lies on this machine, or undefined. */
  file(path: string): string | undefined {
    try {
      const real = this.#real(path)
      return real !== undefined && statSync(real).isFile() ? real : undefined
    } catch {
      return undefined
    }
  }

  #lines(path: string): string[] {
    const file = this.file(path)
    if (file === undefined) return []
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(line => line.replace(/#.*/, '').trim())
      .filter(Boolean)
  }

  /** Files of the tree that a pattern of `include` means: `*` and `?` in its last word. */
  #matching(pattern: string): string[] {
    const folder = posix.dirname(pattern)
    const real = this.#real(folder)
    if (real === undefined || !existsSync(real)) return []
    const words = posix.basename(pattern).split(/([*?])/)
    const expression = words.map(word =>
      word === '*' ? '.*' : word === '?' ? '.' : word.replace(/[\\^$.|+()[\]{}]/g, '\\$&'),
    )
    return readdirSync(real)
      .filter(name => new RegExp(`^${expression.join('')}$`).test(name))
      .sort()
      .map(name => posix.join(folder, name))
  }

  /** The folders that ld.so.conf names (ldconfig(8)). The cache that ldconfig makes of it holds nothing else. */
  configuredFolders(file = '/etc/ld.so.conf', depth = 0): string[] {
    if (depth > 8) return []
    return this.#lines(file).flatMap(line => {
      const [word, ...patterns] = line.split(/\s+/)
      if (word === 'include') {
        return patterns
          .flatMap(pattern => this.#matching(posix.resolve(posix.dirname(file), pattern)))
          .flatMap(path => this.configuredFolders(path, depth + 1))
      }
      return word?.startsWith('/') ? [word.replace(/=.*/, '')] : []
    })
  }

  /** The folders in which musl's loader looks, from its own file if there is one. */
  muslFolders(): string[] {
    const named = this.#lines('/etc/ld-musl-x86_64.path').flatMap(line => line.split(':'))
    return named.length > 0 ? named : ['/lib', '/usr/local/lib', '/usr/lib']
  }
}
