/** What bytes at certain places tell of a file: an image's format, a kernel's machine. */
import { openToRead } from './digest-file.ts'

/** Where each format has its mark (magic(5)). */
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

/** Whether a file is a hash tree of dm-verity, as `veritysetup format` writes it into a file of its own. */
export async function holdsHashTree(path: string): Promise<boolean> {
  const file = await openToRead(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, 0)
    return buffer.toString('latin1') === 'verity\0\0'
  } finally {
    await file.close()
  }
}

/** The machines that a kernel is for, where its first bytes say it; what is compressed as a whole does not. */
export async function kernelArchitecture(path: string): Promise<'x86_64' | 'arm64' | undefined> {
  const file = await openToRead(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(1024), 0, 1024, 0)
    if (buffer.toString('latin1', 514, 518) === 'HdrS') return 'x86_64'
    if (buffer.toString('latin1', 56, 60) === 'ARMd') return 'arm64'
    // PE's header, and the machine in it: UKIs, and arm64's zimg.
    const header = buffer.readUInt32LE(60)
    if (buffer.toString('latin1', 0, 2) !== 'MZ' || header > 1000) return undefined
    return ({ 34404: 'x86_64', 43620: 'arm64' } as const)[buffer.readUInt16LE(header + 4)]
  } finally {
    await file.close()
  }
}
