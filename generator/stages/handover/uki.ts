/** Unified kernel images (UKI): PE programs whose sections hold a kernel, its initrd, microcode and a command line. */

import { cutOut, hexAt, hexInside, hexNumber, log, makeDirectory, remove } from '../api/machine.ts'

/** Two bytes at an offset as a number, the low one first. */
function shortAt(file: string, offset: number): number {
  const lowDigits = hexInside('cat', file, offset, 1)
  const highDigits = hexInside('cat', file, offset + 1, 1)
  return hexNumber(`0${highDigits}${lowDigits}`)
}

/** Four bytes. */
export function longAt(file: string, offset: number): number {
  const lowHalf = shortAt(file, offset)
  const highHalf = shortAt(file, offset + 2)
  return lowHalf + highHalf * 65536
}

/** Whether a file that begins so, in hex digits, is a PE program with a section .linux. */
export function beginsUki(firstBytes: string): boolean {
  return firstBytes.startsWith('4d5a') && firstBytes.includes('2e6c696e75780000')
}

/** The same of a file. */
export function isUki(file: string): boolean {
  const firstBytes = hexInside('cat', file, 0, 4096)
  return beginsUki(firstBytes)
}

/**
 * Copies the sections into a folder (Microsoft's PE format, 2 to 4): `linux`, `cmdline`, and in `initrds` microcode before the
 * initrd. The UKI is removed.
 */
export function takeUkiApart(uki: string, folder: string): void {
  makeDirectory(`${folder}/initrds`)
  const headerAt = longAt(uki, 60)
  const sections = shortAt(uki, headerAt + 6)
  const optionalBytes = shortAt(uki, headerAt + 20)
  let entryAt = headerAt + 24 + optionalBytes
  let section = 0
  // No more than Windows loads.
  while (section < sections && section < 96) {
    section += 1
    const sectionName = hexAt(uki, entryAt, 8)
    let size = longAt(uki, entryAt + 8)
    const sizeInFile = longAt(uki, entryAt + 16)
    const start = longAt(uki, entryAt + 20)
    entryAt += 40
    if (sizeInFile < size) {
      size = sizeInFile
    }
    switch (sectionName) {
      case '2e6c696e75780000':
        cutOut(uki, start, size, `${folder}/linux`)
        break
      case '2e636d646c696e65':
        cutOut(uki, start, size, `${folder}/cmdline`)
        break
      case '2e75636f64650000':
        cutOut(uki, start, size, `${folder}/initrds/1-microcode`)
        break
      case '2e696e6974726400':
        cutOut(uki, start, size, `${folder}/initrds/2-initrd`)
        break
    }
  }
  log(`${uki}: unpacked a unified kernel image`)
  remove(uki)
}
