/** What a file is for, by what is in it{@part unpacking ; by its name only where nothing here can look into it}. */

import { afterLast, hexInside } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { beginsUki } from '../handover/uki.ts'

/**
 * `kernel`, `initrd` or `image`, by the first bytes of what a program unpacks (`cat`: of the file itself): x86's "HdrS" at
 * 0x202, arm64's "ARMd" at 0x38, EFI's MZ and zimg{@part uki , a section .linux}; newc's 070701 and 070702; gzip, xz,
 * zstd, lz4, lzop, bzip2, lzma{@part unpacking : the program that unpacks it, or `packed`}.
 */
function kindInside(program: string, file: string): string {
  const start = hexInside(program, file, 0, 4096)
  if (parts.uki && beginsUki(start)) {
    return 'kernel'
  }
  const armMagic = hexInside(program, file, 56, 4)
  const setupHeader = hexInside(program, file, 514, 4)
  const dosMagic = hexInside(program, file, 0, 2)
  const imageType = hexInside(program, file, 4, 4)
  const magic = `${start} ${armMagic} ${setupHeader} ${dosMagic}${imageType}`
  if (magic.includes(' 41524d64 ') || magic.includes(' 48647253 ') || magic.endsWith(' 4d5a7a696d67')) {
    return 'kernel'
  } else if (magic.startsWith('303730373031') || magic.startsWith('303730373032')) {
    return 'initrd'
  } else if (parts.unpacking && magic.startsWith('1f8b')) {
    return 'zcat'
  } else if (parts.unpacking && magic.startsWith('fd377a585a00')) {
    return 'xzcat'
  } else if (
    magic.startsWith('28b52ffd') ||
    magic.startsWith('02214c18') ||
    magic.startsWith('894c5a4f') ||
    magic.startsWith('425a68') ||
    magic.startsWith('5d0000') ||
    (!parts.unpacking && magic.startsWith('1f8b')) ||
    (!parts.unpacking && magic.startsWith('fd377a58'))
  ) {
    return parts.unpacking ? 'packed' : 'initrd'
  } else {
    return 'image'
  }
}

/**
 * A compressed file that nothing here unpacks. Where its first bytes show what is inside (lz4, lzop, what zstd could not
 * shorten), they tell: newc, squashfs, qcow2. Else the name does.
 */
function kindByName(file: string): string {
  const start = hexInside('cat', file, 0, 96)
  const name = afterLast(file, '/')
  if (start.includes('303730373031')) {
    return 'initrd, by its content'
  } else if (start.includes('68737173') || start.includes('514649fb')) {
    return 'image, by its content'
  } else if (name.includes('initr') || name.includes('.cpio')) {
    return 'initrd, by its name: nothing here unpacks it'
  } else if (name.includes('vmlinu') || name.includes('Image') || name.includes('kernel')) {
    return 'kernel, by its name: nothing here unpacks it'
  } else if (
    name.includes('root') ||
    name.includes('disk') ||
    name.includes('.tar') ||
    name.includes('.tzst') ||
    name.includes('.tbz') ||
    name.includes('.iso') ||
    name.includes('.raw') ||
    name.includes('squashfs') ||
    name.includes('erofs') ||
    name.includes('qcow')
  ) {
    return 'image, by its name: nothing here unpacks it'
  } else {
    return 'initrd, as nothing here unpacks it and its name says nothing'
  }
}

/** What a file is for, and by what: `kernel, by its content`. */
export function verdictOn(file: string): string {
  let kind = kindInside('cat', file)
  if (parts.unpacking) {
    if (kind.endsWith('cat')) {
      const program = kind
      kind = kindInside(program, file)
      if (hexInside(program, file, 0, 1) === '') {
        kind = 'packed'
      } else if (kind.endsWith('cat') || kind === 'packed') {
        // Compressed twice: no kernel takes that for an initrd.
        kind = 'image'
      }
    }
    if (kind === 'packed') {
      return kindByName(file)
    }
  }
  return `${kind}, by its content`
}
