/** How the kernel can be asked to unpack an image, as far as images are made here. */
export const compressionMethods = ['xz', 'zstd', 'gzip', 'none'] as const

export type CompressionMethod = (typeof compressionMethods)[number]

export const defaultCompression: CompressionMethod = 'xz'
