/** The machines that a kernel is for, where its first bytes say it; what is compressed as a whole does not. */
import { openToRead } from './digest-file.ts'

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
