import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { KnownModules } from './known-modules.ts'
import { type ModuleInfo, readModuleInfo } from './modinfo.ts'
import {
  decompressModule,
  moduleName,
  moduleSuffix,
  readModuleFile,
  uncompressedName,
} from './module-file.ts'

/** A module in a kernel's tree, read. */
export interface Module {
  name: string
  /** Relative to lib/modules/VERSION, as it will lie in the image. */
  path: string
  /** As it will lie in the image: decompressed, or the file itself where the kernel decompresses it. */
  content: Buffer
  info: ModuleInfo
}

/** depmod's order: what a site puts into updates/ or extra/ takes the place of what the kernel came with. */
const folderRank = (path: string) =>
  ['updates/', 'extra/'].findIndex(folder => path.startsWith(folder)) + 1 || 3

/** The modules of one kernel, by name; each file is read when it is asked for, and once. */
export class ModuleTree {
  readonly #paths = new Map<string, string>()
  readonly #read = new Map<string, Promise<Module>>()
  #builtInAliases: string[] | undefined
  readonly #knownModules: KnownModules
  /** Paths of what is built into the kernel, as modules.builtin lists them. */
  readonly builtInPaths: readonly string[]
  /** The same by name. */
  readonly builtIn: ReadonlySet<string>

  constructor(
    /** lib/modules/VERSION */
    readonly folder: string,
    /** What the files' names end in that the kernel itself decompresses, such as `.ko.xz`. */
    readonly kept: readonly string[] = [],
  ) {
    for (const path of this.#filesBelow('').sort((a, b) => folderRank(b) - folderRank(a))) {
      this.#paths.set(moduleName(path), path)
    }
    this.#knownModules = new KnownModules(folder)
    this.builtInPaths = this.#lines('modules.builtin')
    this.builtIn = new Set(this.builtInPaths.map(moduleName))
  }

  #filesBelow(relative: string): string[] {
    let entries: import('node:fs').Dirent[]
    try {
      entries = readdirSync(join(this.folder, relative), { withFileTypes: true })
    } catch (error) {
      const path = join(this.folder, relative)
      throw new CommandError(
        `cannot read ${path}: ${reasonOf(error)}`,
        'run as a user who may read the kernel tree',
      )
    }
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(entry => {
        const path = relative === '' ? entry.name : `${relative}/${entry.name}`
        // build and source are links to the kernel's sources, which may be large and hold other modules.
        if (entry.isDirectory()) return this.#filesBelow(path)
        return moduleSuffix.test(entry.name) ? [path] : []
      })
  }

  #text(file: string): string {
    try {
      return readFileSync(join(this.folder, file), 'utf8')
    } catch {
      return ''
    }
  }

  #lines(file: string): string[] {
    return this.#text(file).split('\n').filter(Boolean)
  }

  /** The aliases of what is built into the kernel, from modules.builtin.modinfo; none where a tree lacks that file. */
  builtInAliases(): string[] {
    this.#builtInAliases ??= this.#text('modules.builtin.modinfo')
      .split('\0')
      .flatMap(line => /^[^.]+\.alias=(.*)$/s.exec(line)?.[1] ?? [])
    return this.#builtInAliases
  }

  /** Names of the modules whose path begins with the folder. */
  namesBelow(folder: string): string[] {
    return [...this.#paths].filter(([, path]) => path.startsWith(`${folder}/`)).map(([name]) => name)
  }

  /** Where the module of that name lies, which `has` has told to be there. */
  pathOf = (name: string): string => this.#paths.get(name) ?? ''

  /** The aliases of a module that is not packed. */
  async aliasesOf(name: string): Promise<string[]> {
    const file = join(this.folder, this.pathOf(name))
    return (await this.#knownModules.infoOf(file, await readModuleFile(file))).aliases
  }

  /** Names of all modules. */
  get names(): string[] {
    return [...this.#paths.keys()]
  }

  has(name: string): boolean {
    return this.#paths.has(name)
  }

  /** The module of that name, which `has` has told to be there. */
  read(name: string): Promise<Module> {
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const path = this.pathOf(name)
    const file = join(this.folder, path)
    const keep = this.kept.some(suffix => path.endsWith(suffix))
    const reading = this.#module(name, path, file, keep)
    this.#read.set(name, reading)
    return reading
  }

  async #module(name: string, path: string, file: string, keep: boolean): Promise<Module> {
    const stored = await readModuleFile(file)
    if (keep) return { name, path, content: stored, info: await this.#knownModules.infoOf(file, stored) }
    const content = await decompressModule(file, stored)
    return { name, path: uncompressedName(path), content, info: readModuleInfo(content, file) }
  }

  /** Keeps what compressed modules say of themselves for the next tree like this one. */
  rememberInfo(): void {
    this.#knownModules.keep()
  }

  /** What modules.alias says, where depmod has been run; undefined in a tree fresh from its package. */
  aliasFile(): { pattern: string; name: string }[] | undefined {
    const lines = this.#lines('modules.alias').filter(line => line.startsWith('alias '))
    if (lines.length === 0) return undefined
    return lines.map(line => {
      const [, pattern = '', name = ''] = line.split(' ')
      return { pattern, name: name.replaceAll('-', '_') }
    })
  }
}
