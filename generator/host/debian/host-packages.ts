import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CommandError } from '../console/command-error.ts'
import type { Progress } from '../console/progress.ts'
import { lastLines, runCommand } from '../processes/run-command.ts'

/** A program that something needs on this machine, and the Debian package that brings it. */
export interface HostProgram {
  /** The name on PATH, such as `dpkg-deb`; a name with a slash is a file that must be there. */
  program: string
  /** The Debian package, such as `dpkg`. */
  package: string
  /** What for, to complete `NAME is needed to …`. */
  why: string
}

/** Where a program lies on PATH or in the administrator's folders, or undefined. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/sbin', '/sbin']
  for (const path of program.includes('/') ? [program] : folders.map(folder => join(folder, program))) {
    try {
      accessSync(path, program.includes('/') ? constants.R_OK : constants.X_OK)
      return path
    } catch {}
  }
  return undefined
}

/** Installing is for one at a time: apt holds a lock, and two callers may ask for the same thing. */
let installing: Promise<void> = Promise.resolve()

/**
 * Sees to it that the programs are there. What is missing is installed where that can be done without asking (as root
 * on Debian); elsewhere a `CommandError` names what is needed, why, and the one command that installs it.
 */
export async function ensurePrograms(programs: HostProgram[], progress: Progress): Promise<void> {
  if (programs.every(({ program }) => findProgram(program) !== undefined)) return
  const turn = installing.catch(() => {}).then(() => installMissing(programs, progress))
  installing = turn
  return turn
}

async function installMissing(programs: HostProgram[], progress: Progress): Promise<void> {
  const missing = programs.filter(({ program }) => findProgram(program) === undefined)
  if (missing.length === 0) return

  const packages = [...new Set(missing.map(entry => entry.package))].sort()
  const reasons = missing.map(({ program, why }) => `${program} is needed to ${why}`).join('; ')
  const command = `apt-get install --no-install-recommends -y ${packages.join(' ')}`
  if (findProgram('apt-get') === undefined) {
    throw new CommandError(reasons, `install what Debian has in the packages ${packages.join(' ')}`)
  }
  if (process.getuid?.() !== 0) throw new CommandError(reasons, `sudo ${command}`)

  progress.step(`installing ${packages.join(' ')} (${reasons})`)
  // Another apt on the machine may hold the lock for a while: wait for it rather than fail.
  const aptGet = (...words: string[]) =>
    runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...words], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    })
  const install = () => aptGet(...command.split(' ').slice(1))
  let result = await install()
  if (result.status !== 0) {
    // The usual reason: the machine has no package lists yet, or old ones.
    await aptGet('update')
    result = await install()
  }
  if (result.status !== 0) {
    throw new CommandError(
      `${reasons}, and apt-get could not install it:\n${lastLines(result.output)}`,
      `repair the machine's apt, then: apt-get update && ${command}`,
    )
  }
  const absent = missing.filter(({ program }) => findProgram(program) === undefined)
  if (absent.length > 0) {
    const [first] = absent
    throw new CommandError(
      `${first?.program} is still missing after apt-get installed ${first?.package}`,
      `install ${first?.program} on PATH`,
    )
  }
}
