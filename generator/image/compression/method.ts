/** How the kernel can be asked to unpack an image, as far as images are made here. */
export const compressionMethods = ['xz', 'zstd', 'gzip', 'none'] as const

export type CompressionMethod = (typeof compressionMethods)[number]

/**
 * What gets a thousand machines to their first request soonest by a server of 10 Gbit/s, as `npm run bench -- compression` shows it
 * for each method. Debian's generic kernel, machines of an instruction a nanosecond: kernel and image have 24.3 MB in zstd and ask
 * 3.8 s after power-on, 24.8 MB and 3.8 s in gzip, 22.7 MB and 8.1 s in xz, which is ahead below 2.8 Gbit/s.
 */
export const defaultCompression: CompressionMethod = 'zstd'
