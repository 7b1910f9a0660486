/** A folder of state that one process has: SQLite's own lock is left behind when its process is killed, and would hold all later ones. */
import { existsSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'

const ownerFile = (folder: string): string => join(folder, 'owner')

/** The lock of node-sqlite3-wasm is a folder beside the file. */
export const lockOf = (database: string): string => `${database}.lock`

/**
 * Takes a folder.
 *
 * @throws CommandError where a process that runs has it
 */
export function takeFolder(folder: string, database: string): void {
  try {
    writeFileSync(ownerFile(folder), identityOf(process.pid) ?? '', { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = readFileSync(ownerFile(folder), 'utf8')
    const pid = Number(owner.split(' ')[0])
    if (owner !== '' && identityOf(pid) === owner)
      throw new CommandError(
        `another serve (process ${pid}) keeps its boots in ${folder}`,
        'end that one, or name another folder with --state',
      )
    rmSync(ownerFile(folder), { force: true })
    takeFolder(folder, database)
    return
  }
  if (existsSync(lockOf(database))) rmdirSync(lockOf(database))
}

/** Gives it back. */
export function giveFolderBack(folder: string): void {
  rmSync(ownerFile(folder), { force: true })
}

/** Process, time of its start, and boot: no other one has all three. Undefined for one that is not there. */
function identityOf(pid: number): string | undefined {
  try {
    // The name in parentheses may hold anything: see proc(5).
    const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
    return `${pid} ${started} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`
  } catch {
    return undefined
  }
}
