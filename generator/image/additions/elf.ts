import { CommandError } from '../../host/console/command-error.ts'

/** What the loader reads of a program or a shared library: ELF, gABI chapters 4 and 5. */
export interface DynamicProgram {
  /** The loader that the kernel starts in its place (PT_INTERP). */
  interpreter?: string
  /** Names of libraries, in order (DT_NEEDED). */
  needed: string[]
  /** Folders for its libraries and for those of its libraries (DT_RPATH). */
  rpath: string[]
  /** Folders for its own libraries alone (DT_RUNPATH). */
  runpath: string[]
}

/** Offsets in the ELF-64 header, in a program header, and the numbers that are looked for. */
const header = { type: 0x10, machine: 0x12, programs: 0x20, entrySize: 0x36, entryCount: 0x38 }
const program = { offset: 0x08, address: 0x10, size: 0x20 }
const segment = { load: 1, dynamic: 2, interpreter: 3 }
const tag = { end: 0, needed: 1, strings: 5, rpath: 15, runpath: 29 }
const x86_64 = 62
/** ET_REL: kernel modules and object files, which no loader reads. */
const relocatable = 1

export const isElf = (file: Buffer): boolean => file.length >= 20 && file.readUInt32BE(0) === 0x7f454c46

/** Whether a file is ELF for the machines that boot this image. */
export const isForX86 = (file: Buffer): boolean =>
  isElf(file) && file[4] === 2 && file[5] === 1 && file.readUInt16LE(header.machine) === x86_64

const folders = (text: string | undefined) => (text ?? '').split(':').filter(Boolean)

function textAt(file: Buffer, start: number): string {
  const end = file.indexOf(0, start)
  if (start >= file.length || end === -1) throw new RangeError('the file is too short')
  return file.toString('utf8', start, end)
}

function read(file: Buffer): DynamicProgram | undefined {
  if (file.readUInt16LE(header.type) === relocatable) return undefined
  const table = Number(file.readBigUInt64LE(header.programs))
  const size = file.readUInt16LE(header.entrySize)
  const parts = Array.from({ length: file.readUInt16LE(header.entryCount) }, (_, index) => {
    const at = table + index * size
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + program.offset)),
      address: Number(file.readBigUInt64LE(at + program.address)),
      size: Number(file.readBigUInt64LE(at + program.size)),
    }
  })
  const short = parts.find(({ offset, size }) => offset + size > file.length)
  if (short !== undefined) throw new RangeError('the file is too short')
  const dynamic = parts.find(({ type }) => type === segment.dynamic)
  if (dynamic === undefined) return undefined

  const entries: { tag: number; value: number }[] = []
  for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.size; at += 16) {
    const entry = { tag: Number(file.readBigInt64LE(at)), value: Number(file.readBigUInt64LE(at + 8)) }
    if (entry.tag === tag.end) break
    entries.push(entry)
  }
  const address = entries.find(entry => entry.tag === tag.strings)?.value ?? 0
  const home = parts.find(
    part => part.type === segment.load && address >= part.address && address < part.address + part.size,
  )
  const strings = home === undefined ? file.length : address - home.address + home.offset
  const texts = (wanted: number) =>
    entries.filter(entry => entry.tag === wanted).map(entry => textAt(file, strings + entry.value))
  const interpreter = parts.find(({ type }) => type === segment.interpreter)
  return {
    ...(interpreter === undefined ? {} : { interpreter: textAt(file, interpreter.offset) }),
    needed: texts(tag.needed),
    rpath: folders(texts(tag.rpath)[0]),
    runpath: folders(texts(tag.runpath)[0]),
  }
}

/** What the loader would read of an ELF file for x86-64; undefined of one that needs no loader. `path` is for the message. */
export function readDynamic(file: Buffer, path: string): DynamicProgram | undefined {
  try {
    return read(file)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandError(`${path} is damaged: it ends early`, 'copy or install it again')
  }
}
