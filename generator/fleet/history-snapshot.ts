/** The boots of a history that `serve` may be writing just now: of a copy, so that no reader ever holds it up. */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sqlite from 'node-sqlite3-wasm'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { historyFile, type KeptBoot, keptColumns } from './boot-history.ts'
import { lockOf } from './state-owner.ts'

/** Who writes has the lock for milliseconds; one that is older than this was left by a process that was killed. */
const patience = 3000

/** All boots that are kept, the oldest first. */
export async function keptBoots(folder: string): Promise<KeptBoot[]> {
  const file = historyFile(folder)
  if (!existsSync(file))
    throw new CommandError(
      `no boots are kept in ${folder}`,
      'name the folder that serve --state has; it keeps a boot when it ends',
    )
  const copies = mkdtempSync(join(tmpdir(), 'aria2-initrd-history-'))
  try {
    const copy = join(copies, 'copy.sqlite')
    await copyQuietly(file, copy)
    // What a killed process had begun to write is taken back, in the copy.
    const database = new sqlite.Database(copy)
    const rows = database.all(`SELECT ${keptColumns.join(', ')} FROM boots ORDER BY began`)
    database.close()
    return rows.map(row => ({ ...row, contested: row.contested === 1 })) as unknown as KeptBoot[]
  } catch (error) {
    throw new CommandError(
      `cannot read ${file}: ${reasonOf(error)}`,
      'read it as the user who runs serve; sqlite3 can tell what of it is whole',
    )
  } finally {
    rmSync(copies, { recursive: true, force: true })
  }
}

/** Copies the file and its journal at a moment when nobody writes. */
async function copyQuietly(file: string, copy: string): Promise<void> {
  const journal = `${file}-journal`
  const marks = () => {
    const { mtimeMs, size } = statSync(file)
    return `${existsSync(lockOf(file))} ${existsSync(journal)} ${mtimeMs} ${size}`
  }
  const deadline = Date.now() + patience
  for (;;) {
    const before = marks()
    const isLeftBehind = Date.now() > deadline
    if (!before.startsWith('true') || isLeftBehind) {
      copyFileSync(file, copy)
      if (existsSync(journal)) copyFileSync(journal, `${copy}-journal`)
      else rmSync(`${copy}-journal`, { force: true })
      if (marks() === before || isLeftBehind) return
    }
    await sleep(20)
  }
}
