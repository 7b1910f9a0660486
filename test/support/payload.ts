/** Files as a site serves them, as small as the stages let them be. Text is bytes, one character each. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { xzSync } from 'node-liblzma'

/** A kernel by the x86 boot protocol: "HdrS" at 0x202. */
export const kernel = `${'k'.repeat(514)}HdrS${'k'.repeat(100)}`

/** A unified kernel image: what its sections hold, in their order. */
export function uki(sections: Record<string, string>): string {
  const number = (value: number, width: number): string => {
    const field = Buffer.alloc(width)
    field.writeUIntLE(value, 0, width)
    return field.toString('latin1')
  }
  const names = Object.keys(sections)
  let start = 1024
  const entries = names.map(name => {
    const { length } = sections[name] ?? ''
    const fields = [length, start, length + 7, start].map(value => number(value, 4))
    start += length + 7
    return `${name.padEnd(8, '\0')}${fields.join('')}${'\0'.repeat(16)}`
  })
  const header = `PE\0\0${number(0x8664, 2)}${number(names.length, 2)}${'\0'.repeat(12)}${number(240, 2)}\0\0`
  const head = `MZ${'\0'.repeat(58)}${number(64, 4)}${header}${'\0'.repeat(240)}${entries.join('')}`
  return `${head.padEnd(1024, '\0')}${names.map(name => `${sections[name]}${'\0'.repeat(7)}`).join('')}`
}

/** A newc archive by its magic. */
export const initrd = `070701${'i'.repeat(100)}`

/** Early microcode, as iucode_tool and dracut write it: its path among the first names, the archive's end among the last bytes. */
export const microcode = `070701${'0'.repeat(104)}kernel/x86/microcode/GenuineIntel.bin\0${'m'.repeat(1500)}070701${'0'.repeat(104)}TRAILER!!!\0`

/** A tar archive by its magic (POSIX, ustar). */
export const tar = `${'t'.repeat(257)}ustar\x0000${'t'.repeat(300)}`

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')
export const gzipped = (text: string): string => gzipSync(bytes(text)).toString('latin1')
export const xzipped = (text: string): string => xzSync(bytes(text)).toString('latin1')

/** The beginning of an xz file, and then nothing that can be unpacked. */
export const xz = '\xfd7zXZ\0compressed'

export const sha256 = (text: string): string =>
  createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex')
export const sha512 = (text: string): string =>
  createHash('sha512').update(Buffer.from(text, 'latin1')).digest('hex')
export const zeros = (count: number): string => '0'.repeat(count)
