import { readFileSync } from 'node:fs'
import { basename, dirname, posix } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import type { ImagePath } from '../newc/entry.ts'
import { type DynamicProgram, isForX86, readDynamic } from './elf.ts'
import { SourceTree } from './source-tree.ts'

/** A library or a loader that a program needs. */
export interface Library {
  /** Where it goes in the image. */
  path: ImagePath
  content: Buffer
}

/** A program or library whose libraries are looked for. */
interface Loaded {
  /** Its folder in the tree, and in the image: `$ORIGIN`. */
  origin: { tree: string; image: string }
  dynamic: DynamicProgram
  /** What asked for it; not there for the program. */
  loader?: Loaded
}

/** Where glibc's loaders look when nothing else says: this differs between distributions. */
const defaultFolders = [
  '/lib64',
  '/usr/lib64',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib',
  '/usr/lib',
]
/** What distributions set $LIB to. */
const libNames = ['lib/x86_64-linux-gnu', 'lib64', 'lib']

/** A folder to look in, and the one in which what is found there goes to the image. */
type Place = { tree: string; image: string }

/** The tokens of RPATH and RUNPATH (ld.so(8)). */
function expanded(folder: string, { origin }: Loaded): Place[] {
  const filled = (text: string, own: string, lib: string) =>
    posix.normalize(
      text
        .replace(/\$(ORIGIN|\{ORIGIN\})/g, () => own)
        .replace(/\$(LIB|\{LIB\})/g, lib)
        .replace(/\$(PLATFORM|\{PLATFORM\})/g, 'x86_64'),
    )
  return libNames
    .slice(0, /\$(LIB|\{LIB\})/.test(folder) ? libNames.length : 1)
    .map(lib => ({ tree: filled(folder, origin.tree, lib), image: filled(folder, origin.image, lib) }))
}

/** Folders from the ELF files themselves, in the loader's order: RPATH counts only where there is no RUNPATH. */
function namedFolders(object: Loaded): Place[] {
  if (object.dynamic.runpath.length > 0)
    return object.dynamic.runpath.flatMap(folder => expanded(folder, object))
  const chain: Loaded[] = []
  for (let one: Loaded | undefined = object; one !== undefined; one = one.loader) chain.push(one)
  return chain
    .filter(({ dynamic }) => dynamic.runpath.length === 0)
    .flatMap(one => one.dynamic.rpath.flatMap(folder => expanded(folder, one)))
}

function libraryIn(tree: SourceTree, path: string): { file: string; content: Buffer } | undefined {
  const file = tree.file(path)
  if (file === undefined) return undefined
  const content = readFileSync(file)
  // A library for another machine is passed over, as the loader does it.
  return isForX86(content) ? { file, content } : undefined
}

/**
 * The loader and all libraries that a program needs, found as its loader would find them in the tree that the program
 * comes from; nothing is run.
 *
 * The image has no ld.so.cache, so what lies in a folder that only ld.so.conf names goes beside the C library, where the
 * loader looks anyway. What RPATH, RUNPATH or a path in DT_NEEDED names keeps its place.
 * @param program where it lies on this machine, links resolved
 * @param place where it goes in the image
 */
export function librariesOf(program: string, place: ImagePath, dynamic: DynamicProgram): Library[] {
  const { interpreter } = dynamic
  const tree = SourceTree.of(program, interpreter)
  const musl = basename(interpreter ?? '').startsWith('ld-musl-')
  const searched = musl ? tree.muslFolders() : [...tree.configuredFolders(), ...defaultFolders]
  const systemFolder = musl
    ? dirname(interpreter ?? '/lib/x')
    : (searched.find(folder => libraryIn(tree, `${folder}/libc.so.6`) !== undefined) ?? '/lib64')
  const found = new Map<string, Library | undefined>()
  const add = (name: string, path: string, content: Buffer) =>
    found.set(name, { path: posix.normalize(path).replace(/^\/+/, ''), content })

  if (interpreter !== undefined) {
    const loader = libraryIn(tree, interpreter)
    if (loader === undefined) {
      throw new CommandError(
        `${program}: its loader ${interpreter} is not in ${tree.root}`,
        'add a static program, or one from a tree that has its loader and libraries',
      )
    }
    add(basename(interpreter), interpreter, loader.content)
  }

  const inTree = tree.root === '/' ? program : program.slice(tree.root.length)
  const waiting: Loaded[] = [{ origin: { tree: dirname(inTree), image: dirname(`/${place}`) }, dynamic }]
  for (let object = waiting.shift(); object !== undefined; object = waiting.shift()) {
    for (const name of object.dynamic.needed) {
      // musl's C library is its loader.
      if (found.has(name) || (musl && /^libc\./.test(name))) continue
      const places: Place[] = name.includes('/')
        ? [{ tree: dirname(name), image: dirname(name) }]
        : [...namedFolders(object), ...searched.map(folder => ({ tree: folder, image: systemFolder }))]
      const file = basename(name)
      let library: ReturnType<typeof libraryIn>
      const folder = places.find(candidate => {
        library = libraryIn(tree, `${candidate.tree}/${file}`)
        return library !== undefined
      })
      if (folder === undefined || library === undefined) {
        throw new CommandError(
          `${program} needs the library ${name}, which is in none of ${[...new Set(places.map(one => one.tree))].join(', ')}` +
            (tree.root === '/' ? '' : ` of ${tree.root}`),
          'install the package that has it there, or add a static program',
        )
      }
      add(name, `${folder.image}/${file}`, library.content)
      const needs = readDynamic(library.content, library.file)
      if (needs !== undefined) waiting.push({ origin: folder, dynamic: needs, loader: object })
    }
  }
  return [...found.values()].filter(library => library !== undefined)
}
