import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { closureOf } from '../../generator/image/modules/closure.ts'
import { modulesDep } from '../../generator/image/modules/dependency-files.ts'
import { ModuleTree } from '../../generator/image/modules/module-tree.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import type { Bench } from './own-image.ts'

const source = (name: string) => fileURLToPath(new URL(`floor/${name}`, import.meta.url))

/** What drives the card of the machines that are measured; a kernel may have it built in. */
const drivers = ['virtio_pci', 'virtio_net']

/** What the least boot needs: paths of files in the folder of the run. */
export interface Floor {
  /** An image with nothing but the drivers and a static program as /init. */
  initrd: string
  /** The same program as a second system: no drivers, no server. */
  second: string
  /** A kernel that only says when the firmware was done. */
  powerOn: string
}

/** The modules of the drivers in the order in which they can be loaded, decompressed. */
async function inLoadOrder(folder: string): Promise<Buffer[]> {
  const tree = new ModuleTree(folder)
  const modules = await closureOf(
    tree,
    drivers.filter(name => tree.has(name)),
  )
  const before = new Map(
    modulesDep(modules)
      .trim()
      .split('\n')
      .map(line => line.split(/:? /).reverse())
      .map(paths => [paths.at(-1)?.replace(/:$/, '') ?? '', paths.map(path => path.replace(/:$/, ''))]),
  )
  const wanted = modules
    .filter(({ name }) => drivers.includes(name))
    .sort((a, b) => drivers.indexOf(a.name) - drivers.indexOf(b.name))
  const paths = new Set(wanted.flatMap(({ path }) => before.get(path) ?? []))
  return [...paths].flatMap(path => modules.find(module => module.path === path)?.content ?? [])
}

/** Compiles the programs and packs them for a kernel's modules. */
export async function makeFloor({ folder, progress }: Bench, modules: string): Promise<Floor> {
  const why = 'compile the least boot that there can be'
  await ensurePrograms([{ program: 'gcc', package: 'gcc libc6-dev', why }], progress)
  const [program, object, powerOn] = [
    join(folder, 'floor'),
    join(folder, 'power-on.o'),
    join(folder, 'power-on'),
  ]
  execFileSync('gcc', ['-static', '-Os', '-s', '-o', program, source('floor.c')])
  execFileSync('gcc', ['-c', '-o', object, source('power-on.S')])
  execFileSync('objcopy', ['-O', 'binary', object, powerOn])
  const common: ArchiveEntry[] = [
    { kind: 'directory', path: 'dev', mode: 0o755 },
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, content: readFileSync(program) },
  ]
  const loaded = (await inLoadOrder(modules)).map(
    (content, index): ArchiveEntry => ({
      kind: 'file',
      path: `modules/${index + 10}.ko`,
      mode: 0o644,
      content,
    }),
  )
  const write = async (name: string, entries: ArchiveEntry[]) => {
    writeFileSync(join(folder, name), await writeNewc(entries))
    return join(folder, name)
  }
  return {
    initrd: await write('floor.img', [
      ...common,
      { kind: 'directory', path: 'modules', mode: 0o755 },
      ...loaded,
    ]),
    second: await write('second.img', common),
    powerOn,
  }
}
