import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { ensurePrograms, type HostProgram } from '../host/debian/host-packages.ts'
import { debianRelease } from '../host/debian/release.ts'
import { unpackPackages } from '../host/debian/unpack-packages.ts'
import { cacheFolder } from '../host/files/cache-folder.ts'
import { runCommand } from '../host/processes/run-command.ts'
import { kvmUsable } from './accelerator.ts'

export const qemuProgram: HostProgram = {
  program: 'qemu-system-x86_64',
  package: 'qemu-system-x86',
  why: 'boot the image in a virtual machine',
}

/** How QEMU is called: the program, what comes before all other options, and its environment. */
export interface Qemu {
  command: string
  options: string[]
  environment: NodeJS.ProcessEnv
}

const hostQemu: Qemu = { command: qemuProgram.program, options: [], environment: process.env }

/**
 * The first version whose emulation was found sound. 7.2 (Debian 12) loses the processor's flags at times: Linux 6.12
 * then dies of double faults and NULL pointers in 12 to 29 of 100 boots; 10.0 in none of 40 (measured). KVM is not
 * concerned.
 */
const soundVersion = 10

let provided: Promise<Qemu> | undefined

/** QEMU that can be trusted: this machine's own, or where that is too old and KVM does not work, a newer Debian's. */
export function provideQemu(progress: Progress, options: ArchiveOptions = {}): Promise<Qemu> {
  provided ??= chooseQemu(progress, options)
  return provided
}

async function chooseQemu(progress: Progress, options: ArchiveOptions): Promise<Qemu> {
  await ensurePrograms([qemuProgram], progress)
  if (kvmUsable() || (await hostVersion()) >= soundVersion) return hostQemu
  const folder = join(cacheFolder(), `qemu-${debianRelease}`)
  try {
    if (!existsSync(folder)) await unpack(folder, progress, options)
    return callIn(folder)
  } catch (error) {
    progress.step(
      `${(error as Error).message}\nthis machine's older QEMU is used: a boot in it may fail by itself`,
    )
    return hostQemu
  }
}

async function hostVersion(): Promise<number> {
  const { stdout } = await runCommand(qemuProgram.program, ['--version'])
  return Number(/version (\d+)/.exec(stdout)?.[1] ?? 0)
}

/** Unpacks the package and all that it depends on. */
async function unpack(folder: string, progress: Progress, options: ArchiveOptions): Promise<void> {
  await ensurePrograms([{ program: 'dpkg-deb', package: 'dpkg', why: 'unpack QEMU' }], progress)
  progress.step(`QEMU comes from Debian ${debianRelease}: the one here is older than ${soundVersion}.0`)
  const archive = await DebianArchive.open(debianRelease, progress, options)
  const versions = await archive.closure([qemuProgram.package, 'seabios', 'base-files'])
  await unpackPackages(folder, archive, versions, 'QEMU')
}

/** The program runs where it was unpacked, with the libraries and the firmware beside it. */
function callIn(folder: string): Qemu {
  const inside = (path: string) => join(folder, 'usr', path)
  return {
    command: inside('lib64/ld-linux-x86-64.so.2'),
    options: [
      ...['--library-path', inside('lib/x86_64-linux-gnu'), inside(`bin/${qemuProgram.program}`)],
      ...['-L', inside('share/seabios'), '-L', inside('share/qemu')],
    ],
    // Else it would look at this machine's modules, which are another version's.
    environment: { ...process.env, QEMU_MODULE_DIR: inside('lib/x86_64-linux-gnu/qemu') },
  }
}
