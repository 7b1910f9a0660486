/** Who runs aria2c when `serve` is root's: what peers send reaches a program that owns nothing and may do nothing. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A user of this machine, by number. */
export interface User {
  name: string
  uid: number
  gid: number
}

/** The first of these that the machine has. */
export const userNames = ['_aria2', 'nobody']

/** The user for it; undefined when this process is not root's: then it runs as who started it. */
export function unprivilegedUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of userNames) {
    const [, uid, gid] =
      new RegExp(`^${name}:[^:]*:([1-9]\\d*):(\\d+):`).exec(
        lines.find(line => line.startsWith(`${name}:`)) ?? '',
      ) ?? []
    if (uid !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  }
  // The kernel's own number for nobody.
  return { name: 'nobody', uid: 65534, gid: 65534 }
}

/** Whether a user may search and read a folder, or run a program, wherever it lies. */
export function mayUse({ uid, gid }: User, kind: 'folder' | 'program', path: string): boolean {
  const question = kind === 'folder' ? ['-r', path, '-a', '-x', path] : ['-x', path]
  return spawnSync('test', question, { uid, gid, stdio: 'ignore' }).status === 0
}

/**
 * The command before a program's own that makes the user of it, without groups, without capabilities and without a way to
 * get any (util-linux). What root alone can do and the program cannot go without is named: `dac_read_search`, to read
 * what is closed to others, or `net_bind_service`, for a port below 1024.
 */
export function asUser({ uid, gid }: User, capabilities: string[]): string[] {
  const kept = ['-all', ...capabilities.map(each => `+${each}`)].join(',')
  return [
    'setpriv',
    ...[`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'],
    ...[`--inh-caps=${kept}`, `--ambient-caps=${kept}`, `--bounding-set=${kept}`, '--'],
  ]
}

/** The first of the files that a user may not read; undefined when there is none. */
export function closedTo({ uid, gid }: User, paths: string[]): Promise<string | undefined> {
  const script = 'for path; do [ -r "$path" ] || { printf "%s\\0" "$path"; exit 255; }; done'
  const child = spawn('xargs', ['-0', 'sh', '-c', script, 'sh'], {
    ...{ uid, gid },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let closed = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    closed += piece
  })
  child.stdin.on('error', () => {})
  child.stdin.end(paths.map(path => `${path}\0`).join(''))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(closed === '' ? undefined : closed.split('\0')[0]))
  })
}
