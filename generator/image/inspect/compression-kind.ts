export type Compression = 'xz' | 'gzip' | 'zstd' | 'lz4' | 'none'

const magics: { name: Compression; bytes: string }[] = [
  { name: 'none', bytes: '303730373031' },
  { name: 'none', bytes: '303730373032' },
  { name: 'xz', bytes: 'fd377a585a00' },
  { name: 'gzip', bytes: '1f8b08' },
  { name: 'zstd', bytes: '28b52ffd' },
  { name: 'lz4', bytes: '02214c18' },
  { name: 'lz4', bytes: '04224d18' },
]

/** How a part of an image is compressed, by its first six bytes; undefined when they are none that we know. */
export function compressionOf(start: Buffer): Compression | undefined {
  const hex = start.toString('hex', 0, 6)
  return magics.find(({ bytes }) => hex.startsWith(bytes))?.name
}
