/** How the kernel can be asked to unpack an image, as far as images are made here. */
export const compressionMethods = ['xz', 'zstd', 'gzip', 'none'] as const

export type CompressionMethod = (typeof compressionMethods)[number]

/**
 * What gets to /init soonest at about the same size, as `npm run bench` shows it for each method. Debian's generic kernel,
 * emulated: zstd 11.9 MB and /init 3.8 s after power-on, gzip 12.3 MB and 4.2 s, xz 10.4 MB and 9.0 s.
 */
export const defaultCompression: CompressionMethod = 'zstd'
