import type { ArchiveEntry } from '../newc/entry.ts'
import type { Segment } from '../segment.ts'
import { moduleSuffix } from './module-file.ts'

const isCompressed = ({ path }: ArchiveEntry) => moduleSuffix.test(path) && !path.endsWith('.ko')

/**
 * The modules as parts of the image. Those that the kernel decompresses itself, one by one as it loads them, lie bare:
 * nothing is gained by compressing them again, and the kernel need not unpack hundreds for the five that it wants.
 */
export function moduleSegments(entries: ArchiveEntry[], origin: string): Segment[] {
  if (entries.length === 0) return []
  const segment = (part: string, some: ArchiveEntry[]) => ({ part, origin, x86: false, entries: some })
  if (!entries.some(isCompressed)) return [segment('kernel modules', entries)]
  const lies = (entry: ArchiveEntry) => entry.kind === 'directory' || isCompressed(entry)
  return [
    { ...segment('kernel modules', entries.filter(lies)), bare: true },
    segment(
      'index of kernel modules',
      entries.filter(entry => !lies(entry)),
    ),
  ]
}
