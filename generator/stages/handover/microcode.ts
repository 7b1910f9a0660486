/**
 * Early microcode (x86): the kernel takes it from the beginning of its initrd, up to the first compressed byte
 * (Documentation/arch/x86/microcode.rst). Behind another initrd nobody sees it.
 */

import { hexAt, lines, log, sizeOf } from '../api/machine.ts'

/** `kernel/x86/microcode/` and `TRAILER!!!`, which ends an archive, in hex. */
const microcodePath = '6b65726e656c2f7838362f6d6963726f636f64652f'
const trailer = '545241494c4552212121'

/** Whether a file that begins so, in hex digits, has microcode there: a newc archive, uncompressed. */
function beginsMicrocode(firstBytes: string): boolean {
  return firstBytes.startsWith('303730373031') && firstBytes.includes(microcodePath)
}

/** What a file ends with, in hex digits: behind microcode alone that is the end of an archive, not a compressed initrd. */
function endOf(file: string): string {
  const bytes = sizeOf(file)
  const tailAt = bytes > 4096 ? bytes - 4096 : 0
  return hexAt(file, tailAt, 4096)
}

/** The same files, one a line, microcode before all others. What follows microcode in its own file keeps its place, and is told of. */
export function microcodeFirst(files: string): string {
  let early = ''
  let others = ''
  for (const file of lines(files)) {
    const firstBytes = hexAt(file, 0, 4096)
    if (!beginsMicrocode(firstBytes)) {
      others = `${others}${file}\n`
    } else if (others === '') {
      early = `${early}${file}\n`
    } else {
      const lastBytes = endOf(file)
      if (lastBytes.includes(trailer)) {
        log(`${file}: microcode, which goes before the other initrds`)
        early = `${early}${file}\n`
      } else {
        log(`warning: ${file}: the kernel will not see its microcode; put it first`)
        others = `${others}${file}\n`
      }
    }
  }
  return `${early}${others}`
}
