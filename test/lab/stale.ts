/** What a lab that was killed has left, and how it is told from one that runs: names hold the number of the process. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether a lab runs as this process; numbers are used again, so its words are looked at. */
export function labRuns(pid: string): boolean {
  const words = `/proc/${pid}/cmdline`
  return existsSync(words) && readFileSync(words, 'utf8').includes('test/lab')
}

const prefix = 'aria2-initrd-lab-'

/** The beginning of the name of this process's folders. */
export const ownFolder = (): string => join(tmpdir(), `${prefix}${process.pid}-`)

/** Takes away the folders of labs that run no more; kept consoles stay. */
export function removeStaleFolders(): void {
  for (const name of readdirSync(tmpdir()).filter(each => each.startsWith(prefix))) {
    const [, pid] = /^(\d+)-/.exec(name.slice(prefix.length)) ?? []
    if (pid !== undefined && !labRuns(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
