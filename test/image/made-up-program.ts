/** What a made-up program says to its loader. */
export interface MadeUp {
  interpreter?: string
  needed?: string[]
  rpath?: string
  runpath?: string
  /** The number of the machine, by default that of x86-64. */
  machine?: number
}

const headerSize = 64
const programHeaderSize = 56
/** PT_LOAD, PT_DYNAMIC, PT_INTERP */
const kinds = [1, 2, 3]

/** An ELF-64 program or library with nothing in it but what a loader reads first; it is never run. */
export function madeUpProgram({
  interpreter,
  needed = [],
  rpath,
  runpath,
  machine = 62,
}: MadeUp = {}): Buffer {
  let texts = '\0'
  const text = (value: string): bigint => {
    const at = BigInt(texts.length)
    texts += `${value}\0`
    return at
  }
  const entries: [number, bigint][] = needed.map(name => [1, text(name)])
  if (rpath !== undefined) entries.push([15, text(rpath)])
  if (runpath !== undefined) entries.push([29, text(runpath)])

  const count = interpreter === undefined ? 2 : 3
  const stringsAt = headerSize + count * programHeaderSize
  const interpreterAt = stringsAt + texts.length
  const loader = Buffer.from(interpreter === undefined ? '' : `${interpreter}\0`)
  const dynamicAt = Math.ceil((interpreterAt + loader.length) / 8) * 8
  entries.push([5, BigInt(stringsAt + 0x400000)], [0, 0n])

  const file = Buffer.alloc(dynamicAt + entries.length * 16)
  file.write('7f454c46020101', 'hex')
  file.writeUInt16LE(3, 0x10)
  file.writeUInt16LE(machine, 0x12)
  file.writeBigUInt64LE(BigInt(headerSize), 0x20)
  file.writeUInt16LE(programHeaderSize, 0x36)
  file.writeUInt16LE(count, 0x38)
  const spans: [number, number][] = [
    [0, file.length],
    [dynamicAt, entries.length * 16],
    [interpreterAt, loader.length],
  ]
  for (const [index, [offset, size]] of spans.slice(0, count).entries()) {
    const at = headerSize + index * programHeaderSize
    file.writeUInt32LE(kinds[index] ?? 0, at)
    file.writeBigUInt64LE(BigInt(offset), at + 8)
    file.writeBigUInt64LE(BigInt(offset + 0x400000), at + 16)
    file.writeBigUInt64LE(BigInt(size), at + 32)
  }
  file.write(texts, stringsAt, 'latin1')
  loader.copy(file, interpreterAt)
  for (const [index, [tag, value]] of entries.entries()) {
    file.writeBigUInt64LE(BigInt(tag), dynamicAt + index * 16)
    file.writeBigUInt64LE(value, dynamicAt + index * 16 + 8)
  }
  return file
}
