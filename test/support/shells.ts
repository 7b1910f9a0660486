/** The shells that /init must mean the same to. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Shell {
  name: string
  command: [string, ...string[]]
  /** The Debian package that brings it. */
  package: string
}

export const shells: Shell[] = [
  { name: 'dash', command: ['dash'], package: 'dash' },
  { name: 'BusyBox ash', command: ['busybox', 'ash'], package: 'busybox-static' },
  { name: 'mksh', command: ['mksh'], package: 'mksh' },
  { name: 'yash', command: ['yash'], package: 'yash' },
  { name: 'bash --posix', command: ['bash', '--posix'], package: 'bash' },
]

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs a script; text is bytes, one character each, in the script and in what comes out. */
export function runScript(
  { command: [program, ...options] }: Shell,
  script: string,
  ...flags: string[]
): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-shell-'))
  try {
    const path = join(folder, 'script')
    writeFileSync(path, script, 'latin1')
    const ran = spawnSync(program, [...options, ...flags, path], {
      cwd: folder,
      encoding: 'latin1',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      maxBuffer: 1 << 26,
    })
    if (ran.error !== undefined) throw ran.error
    return { status: ran.status, stdout: ran.stdout, stderr: ran.stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
