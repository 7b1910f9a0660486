import { CommandError } from '../../host/console/command-error.ts'

/** What a module says of itself, from the section .modinfo that modpost wrote when the kernel was built. */
export interface ModuleInfo {
  /** Modules whose symbols it uses, by name: without them it cannot be loaded. */
  depends: string[]
  /** Names and aliases that it wants to have loaded before itself, if there are any (MODULE_SOFTDEP pre:). */
  softBefore: string[]
  /** The same after itself (post:), or at some time (MODULE_WEAKDEP). */
  softAfter: string[]
  /** Patterns of the devices and features that it serves. */
  aliases: string[]
  /** Firmware files that it may ask for, relative to /lib/firmware. */
  firmware: string[]
  /** What it is, in its author's words; empty where it does not say. */
  description: string
}

/** Offsets in an ELF-64 header and in its section headers (elf(5)). */
const elf = { sectionTable: 0x28, entrySize: 0x3a, entryCount: 0x3c, namesIndex: 0x3e }
const section = { name: 0x00, type: 0x04, offset: 0x18, size: 0x20 }

/** A section that takes no room in the file (.bss): SHT_NOBITS. */
const noBits = 8

/** What ends a signed module (Linux: include/linux/module_signature.h). */
const signatureEnd = Buffer.from('~Module signature appended~\n')

/** Whether what follows the ELF file is nothing, padding, or a signature to its end. */
function signatureIsWhole(file: Buffer, end: number): boolean {
  const rest = file.subarray(end)
  return rest.every(byte => byte === 0) || rest.subarray(-signatureEnd.length).equals(signatureEnd)
}

/** The content of one section, or undefined. Throws RangeError where the file ends before what it announces. */
function sectionOf(file: Buffer, wanted: string): Buffer | undefined {
  const table = Number(file.readBigUInt64LE(elf.sectionTable))
  const entrySize = file.readUInt16LE(elf.entrySize)
  const count = file.readUInt16LE(elf.entryCount)
  const header = (index: number) => table + index * entrySize
  const content = (index: number) => {
    const start = Number(file.readBigUInt64LE(header(index) + section.offset))
    const end = start + Number(file.readBigUInt64LE(header(index) + section.size))
    if (end > file.length) throw new RangeError('the file is too short')
    return file.subarray(start, end)
  }
  if (header(count) > file.length) throw new RangeError('the file is too short')
  const names = content(file.readUInt16LE(elf.namesIndex))
  let found: Buffer | undefined
  let end = header(count)
  for (let index = 1; index < count; index++) {
    const start = file.readUInt32LE(header(index) + section.name)
    if (names.toString('latin1', start, names.indexOf(0, start)) === wanted) found = content(index)
    if (file.readUInt32LE(header(index) + section.type) === noBits) continue
    const offset = Number(file.readBigUInt64LE(header(index) + section.offset))
    end = Math.max(end, offset + content(index).length)
  }
  if (!signatureIsWhole(file, end)) throw new RangeError('the signature is cut off')
  return found
}

/** Splits `pre: a b post: c` at its words. */
function softDependencies(text: string): { before: string[]; after: string[] } {
  const found = { before: [] as string[], after: [] as string[] }
  let into = found.before
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (word === 'pre:') into = found.before
    else if (word === 'post:') into = found.after
    else into.push(word)
  }
  return found
}

/** Reads .modinfo of an x86-64 module; `path` is for the message about one that is damaged or something else. */
export function readModuleInfo(file: Buffer, path: string): ModuleInfo {
  const help = 'copy or install this kernel again'
  const isElf = file.length >= 64 && file.readUInt32BE(0) === 0x7f454c46
  if (!isElf) throw new CommandError(`${path} is not a kernel module`, help)
  const [wordSize, byteOrder, machine] = [file[4], file[5], file.readUInt16LE(0x12)]
  if (wordSize !== 2 || byteOrder !== 1 || machine !== 62) {
    throw new CommandError(
      `${path} is a module for another kind of machine than x86-64`,
      'name a kernel for x86-64',
    )
  }
  let text: Buffer | undefined
  try {
    text = sectionOf(file, '.modinfo')
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new CommandError(`${path} is damaged: it ends early`, help)
  }
  if (text === undefined) throw new CommandError(`${path} is not a kernel module: it has no .modinfo`, help)

  const info: ModuleInfo = {
    depends: [],
    softBefore: [],
    softAfter: [],
    aliases: [],
    firmware: [],
    description: '',
  }
  for (const line of text.toString('latin1').split('\0')) {
    const equals = line.indexOf('=')
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1)]
    if (key === 'depends') info.depends.push(...value.split(',').filter(Boolean))
    else if (key === 'alias') info.aliases.push(value)
    else if (key === 'firmware') info.firmware.push(value)
    else if (key === 'description') info.description = value
    else if (key === 'weakdep') info.softAfter.push(...value.split(/\s+/).filter(Boolean))
    else if (key === 'softdep') {
      const { before, after } = softDependencies(value)
      info.softBefore.push(...before)
      info.softAfter.push(...after)
    }
  }
  return info
}
