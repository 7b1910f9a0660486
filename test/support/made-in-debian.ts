/** What Debian's own programs make for a kernel, in a Debian that is thrown away. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Progress } from '../../generator/host/console/progress.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { machineMirror, sourceLine } from '../../generator/host/debian/mirror.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { lastLines, runCommand } from '../../generator/host/processes/run-command.ts'
import type { Kernel } from '../../generator/image/kernel/kernel.ts'

export interface DebianWork {
  /** The release, such as `trixie`. */
  release: string
  packages: string[]
  /** Its modules lie in /usr/lib/modules, without what depmod makes. */
  kernel: Kernel
  /** Runs in the Debian as root, with KERNEL_VERSION, and leaves its results in /made. */
  script: string
  /** The names of the results. */
  results: string[]
}

/** By what the results are kept. */
function keyOf({ release, packages, kernel, script }: DebianWork): string {
  const hash = createHash('sha256').update(`${release}\n${packages.join(' ')}\n${script}`)
  return hash.update(readFileSync(kernel.vmlinuz)).digest('hex').slice(0, 16)
}

/**
 * Runs the script, unless the cache has what it made.
 * @param why what the results are for, to complete `mmdebstrap is needed to …`
 * @returns the folder with the results
 */
export async function makeInDebian(work: DebianWork, why: string, progress: Progress): Promise<string> {
  const { release, packages, kernel, results } = work
  const folder = join(cacheFolder(), 'made-in-debian', keyOf(work))
  if (existsSync(folder)) return folder
  await ensurePrograms([{ program: 'mmdebstrap', package: 'mmdebstrap', why }], progress)
  progress.step(`making ${results.join(', ')} with the packages of Debian ${release} (1 to 2 min)`)
  mkdirSync(dirname(folder), { recursive: true })
  const fresh = mkdtempSync(`${folder}.`)
  try {
    const script = join(fresh, 'make')
    writeFileSync(script, work.script)
    const { status, output } = await runCommand(
      'mmdebstrap',
      [
        ...['--quiet', '--variant=minbase', '--format=null', `--include=${packages.join(',')}`],
        // A mirror that has stopped at some day still has what was signed then.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        `--customize-hook=mkdir -p "$1/usr/lib/modules" "$1/made"`,
        `--customize-hook=copy-in "${kernel.modules}" /usr/lib/modules`,
        `--customize-hook=copy-in "${script}" /tmp`,
        '--customize-hook=chroot "$1" env KERNEL_VERSION="$KERNEL_VERSION" sh /tmp/make',
        ...results.map(name => `--customize-hook=copy-out /made/${name} "${fresh}"`),
        ...[release, '/dev/null', await sourceLine('deb', await machineMirror(), release, progress)],
      ],
      { env: { ...process.env, LC_ALL: 'C', KERNEL_VERSION: kernel.version } },
    )
    if (status !== 0)
      throw new Error(`Debian ${release} did not make ${results.join(', ')}:\n${lastLines(output, 15)}`)
    if (!existsSync(folder)) renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return folder
}
