/** What tells an image of a file system or a disk from any other file. */
import { openToRead } from './digest-file.ts'

/** Where each has its mark (magic(5)). */
const formats: [format: string, at: number, mark: string][] = [
  ['squashfs', 0, 'hsqs'],
  ['XFS', 0, 'XFSB'],
  ['qcow2', 0, 'QFI\xfb'],
  ['a disk with partitions', 512, 'EFI PART'],
  ['erofs', 1024, '\xe2\xe1\xf5\xe0'],
  ['ext2, ext3 or ext4', 1080, '\x53\xef'],
  ['ISO 9660', 32_769, 'CD001'],
  ['btrfs', 65_600, '_BHRfS_M'],
]

export async function imageFormat(path: string): Promise<string | undefined> {
  const file = await openToRead(path)
  try {
    for (const [format, at, mark] of formats) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(mark.length), 0, mark.length, at)
      if (buffer.toString('latin1', 0, bytesRead) === mark) return format
    }
    return undefined
  } finally {
    await file.close()
  }
}
