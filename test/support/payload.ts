/** Files as a site serves them, as small as the stages let them be. Text is bytes, one character each. */
import { createHash } from 'node:crypto'

/** A kernel by the x86 boot protocol: "HdrS" at 0x202. */
export const kernel = `${'k'.repeat(514)}HdrS${'k'.repeat(100)}`

/** A newc archive by its magic. */
export const initrd = `070701${'i'.repeat(100)}`

/** The beginning of an xz file. */
export const xz = '\xfd7zXZ\0compressed'

export const sha256 = (text: string): string =>
  createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex')
export const sha512 = (text: string): string =>
  createHash('sha512').update(Buffer.from(text, 'latin1')).digest('hex')
export const zeros = (count: number): string => '0'.repeat(count)
