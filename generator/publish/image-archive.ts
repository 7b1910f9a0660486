/** An image as a part of an initramfs: a cpio archive around it, which /init joins to the initrds as it is. */
import { CommandError } from '../host/console/command-error.ts'
import { writeNewc } from '../image/newc/newc-writer.ts'
import type { PublishedFile } from './published-file.ts'

/** Where newc has the file's size, in eight hex digits: after its magic and six other fields. */
const sizeField = 6 + 6 * 8
const largestFile = 0xffffffff

/** Where the next initramfs has it: dracut's `root=live:/FILE` takes `*.img` and `*.iso` alone. */
export const nameInInitramfs = (name: string): string =>
  /\.(img|iso)$/i.test(name) ? name : `${name.replace(/\.[^.]*$/, '')}.img`

/** The archive in which the file lies as `nameInInitramfs`; it is published as NAME.cpio. */
export async function asArchive(file: PublishedFile): Promise<PublishedFile> {
  const { name, size } = file
  if (size > largestFile) {
    throw new CommandError(
      `${name} is too large for an initramfs, whose format ends at 4 GiB a file`,
      'publish it without --images-in-initramfs',
    )
  }
  // Of a small file: four bytes need no padding.
  const small = Buffer.from('????')
  const archive = await writeNewc([
    { kind: 'file', path: nameInInitramfs(name), mode: 0o644, content: small },
  ])
  const start = archive.indexOf(small)
  const before = Buffer.from(archive.subarray(0, start))
  before.write(size.toString(16).padStart(8, '0'), sizeField)
  const padding = Buffer.alloc((4 - (size % 4)) % 4)
  const after = Buffer.concat([padding, archive.subarray(start + small.length)])
  return {
    ...file,
    name: `${name}.cpio`,
    size: before.length + size + after.length,
    envelope: { before, after },
  }
}
