/** The shells that /init must run under. */
import { execFileSync } from 'node:child_process'
import { findProgram } from '../../generator/host/debian/host-packages.ts'

export interface Shell {
  name: string
  /** Its Debian package; the packed BusyBox has none. */
  package?: string
  /** How it is started, inside of its root. */
  words: string[]
  /** Files of the host that its root needs, at the same place. */
  files: string[]
  /** Whether its variables hold bytes outside of ASCII. yash's do not, in the C locale. */
  takesAllBytes: boolean
}

function onHost(name: string, ...options: string[]): Shell | undefined {
  const program = findProgram(name)
  if (program === undefined) return undefined
  const linked = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(?<=\s)\/\S+/g)
  return {
    name: [name, ...options].join(' '),
    package: name,
    words: [program, ...options],
    takesAllBytes: name !== 'yash',
    files: [program, ...[...linked].map(([library]) => library)],
  }
}

/** The packed BusyBox's ash; Debian's starts its applets before anything on PATH, so it cannot be watched. */
export const ash: Shell = {
  name: 'busybox ash',
  words: ['/bin/busybox', 'ash'],
  files: [],
  takesAllBytes: true,
}

export const shellPackages = { dash: 'dash', mksh: 'mksh', yash: 'yash', bash: 'bash' }

/** Those that are here, the packed one first. */
export function shells(): Shell[] {
  const present = [onHost('dash'), onHost('mksh'), onHost('yash'), onHost('bash', '--posix')]
  return [ash, ...present.filter(shell => shell !== undefined)]
}
