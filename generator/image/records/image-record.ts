import type { LockInUse } from '../../programs/todays-lock.ts'
import type { PartName } from '../../stages/api/parts.ts'
import type { CompressionMethod } from '../compression/method.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Segment } from '../segment.ts'

/** What a finished image is, for the records that lie beside it. */
export interface ImageRecord {
  kernel: Kernel
  /** Where the kernel came from, without a path of this machine. */
  kernelOrigin: string
  vmlinuz: Buffer
  segments: Segment[]
  image: Buffer
  compression: CompressionMethod
  /** The parts of the boot that are in it. */
  parts: PartName[]
  /** What the programs were built from; not known where others made them. */
  inUse: LockInUse | undefined
}
