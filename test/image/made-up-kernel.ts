import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A relocatable x86-64 ELF file with nothing in it but a section .modinfo, as a kernel module has one. */
export function madeUpModule(...modinfo: string[]): Buffer {
  const names = Buffer.from('\0.shstrtab\0.modinfo\0')
  const info = Buffer.from(modinfo.map(line => `${line}\0`).join(''))
  const header = Buffer.alloc(64)
  header.write('7f454c46020101', 'hex')
  header.writeUInt16LE(1, 0x10)
  header.writeUInt16LE(62, 0x12)
  header.writeBigUInt64LE(BigInt(64 + names.length + info.length), 0x28)
  header.writeUInt16LE(64, 0x3a)
  header.writeUInt16LE(3, 0x3c)
  header.writeUInt16LE(1, 0x3e)
  const section = (name: number, offset: number, size: number) => {
    const bytes = Buffer.alloc(64)
    bytes.writeUInt32LE(name, 0)
    bytes.writeBigUInt64LE(BigInt(offset), 0x18)
    bytes.writeBigUInt64LE(BigInt(size), 0x20)
    return bytes
  }
  const table = [section(0, 0, 0), section(1, 64, names.length), section(11, 64 + names.length, info.length)]
  return Buffer.concat([header, names, info, ...table])
}

/** Writes files below a new temporary folder; the caller removes it. */
export function folderWith(files: Record<string, Buffer | string>): string {
  const root = mkdtempSync(join(tmpdir(), 'made-up-'))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** A tree with the kernel 6.0-test and these modules, given by their path below lib/modules/6.0-test. */
export function madeUpKernel(modules: Record<string, Buffer | string>): string {
  const inTree = Object.entries(modules).map(
    ([path, content]) => [`lib/modules/6.0-test/${path}`, content] as const,
  )
  return folderWith({
    'boot/vmlinuz-6.0-test': 'kernel',
    'lib/modules/6.0-test/kernel/empty': '',
    ...Object.fromEntries(inTree),
  })
}
