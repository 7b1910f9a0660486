// What of cpio-stream 1.4 is used here; it brings no types of its own.
declare module 'cpio-stream' {
  import type { Readable } from 'node:stream'

  export interface Header {
    name: string
    /** File type and permissions, as in stat(2). */
    mode: number
    ino?: number
    nlink?: number
    uid?: number
    gid?: number
    /** Only a Date is taken as it is: a plain 0 becomes the time of day. */
    mtime?: Date
    /** The device that holds the file; the same for all, and never 0 (which becomes 262143). */
    dev?: number
    rdevmajor?: number
    rdevminor?: number
    linkname?: string
  }

  export interface Pack extends Readable {
    entry(header: Header, content: Buffer): void
    finalize(): void
  }

  export function pack(options: { format: 'newc' | 'odc' }): Pack
}
