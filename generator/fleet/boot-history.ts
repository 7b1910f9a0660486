/** The last boots of each node, in one file: `serve --state DIR`. */
import { join, resolve } from 'node:path'
import sqlite from 'node-sqlite3-wasm'
import { CommandError } from '../host/console/command-error.ts'
import { makeFolder, reasonOf } from '../host/files/whole-file.ts'
import type { FleetListener } from './fleet-listener.ts'
import type { Fleet } from './fleet-nodes.ts'
import type { FleetNode, FleetState, FormerBoot } from './fleet-view.ts'
import { giveFolderBack, takeFolder } from './state-owner.ts'

/** Boots that are kept, of a node and in all; those that wait to be written, and those written at once. */
const most = { ofNode: 50, all: 200_000, waiting: 10_000, atOnce: 250 }
/** Boots that end together are written together (ms). */
const together = 250
/** Nodes whose times are known without the file. */
const mostTimed = 20_000

export const historyFile = (folder: string): string => join(folder, 'fleet.sqlite')

const schema = `
  CREATE TABLE IF NOT EXISTS boots (
    boot TEXT PRIMARY KEY, mac TEXT NOT NULL, address TEXT NOT NULL, hostname TEXT NOT NULL, serial TEXT NOT NULL,
    rack TEXT NOT NULL, began INTEGER NOT NULL, seconds REAL NOT NULL, state TEXT NOT NULL, stage TEXT NOT NULL,
    cause TEXT NOT NULL, fromServer INTEGER NOT NULL, fromSwarm INTEGER NOT NULL, contested INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS of_node ON boots (mac, address, began);
  CREATE INDEX IF NOT EXISTS by_age ON boots (began);`

/** A boot as the file has it. */
export interface KeptBoot extends FormerBoot {
  boot: string
  mac: string
  address: string
  hostname: string
  serial: string
  rack: string
  contested: boolean
}

export const keptColumns = [
  ...['boot', 'mac', 'address', 'hostname', 'serial', 'rack', 'began', 'seconds', 'state', 'stage', 'cause'],
  ...['fromServer', 'fromSwarm', 'contested'],
] as const

const put = `INSERT OR REPLACE INTO boots (${keptColumns.join(', ')}) VALUES (${keptColumns.map(() => '?').join(', ')})`
const prune = `DELETE FROM boots WHERE mac = ? AND address = ? AND boot NOT IN
  (SELECT boot FROM boots WHERE mac = ? AND address = ? ORDER BY began DESC LIMIT ${most.ofNode})`
const pruneAll = `DELETE FROM boots WHERE boot IN
  (SELECT boot FROM boots ORDER BY began DESC LIMIT -1 OFFSET ${most.all})`

export class BootHistory implements FleetListener {
  readonly #folder: string
  readonly #database: sqlite.Database
  readonly #say: (line: string) => void
  /** By boot: the jump and the next system's word are one. */
  readonly #waiting = new Map<string, FleetNode>()
  /** A question to the file takes milliseconds, and a thousand nodes come at once. */
  readonly #times = new Map<string, Map<string, { state: FleetState; seconds: number }>>()
  #timer: NodeJS.Timeout | undefined
  #isBroken = false

  /** Opens the history of a folder, which is made; only one `serve` may have it. */
  constructor(folder: string, say: (line: string) => void) {
    this.#folder = resolve(folder)
    this.#say = say
    try {
      makeFolder(this.#folder)
      takeFolder(this.#folder, historyFile(this.#folder))
      this.#database = new sqlite.Database(historyFile(this.#folder))
      this.#database.exec(schema)
      for (const row of this.#database.all(
        'SELECT mac, address, boot, state, seconds FROM boots ORDER BY began',
      ))
        this.#time(row as unknown as KeptBoot, row.boot as string)
    } catch (error) {
      if (error instanceof CommandError) throw error
      throw new CommandError(
        `cannot keep boots in ${folder}: ${reasonOf(error)}`,
        'name another folder with --state, or move what is there away',
      )
    }
  }

  follow(fleet: Fleet): void {
    fleet.listen(this)
  }

  ended(node: FleetNode, boot: string): void {
    if (!this.#waiting.has(boot) && this.#waiting.size >= most.waiting) return
    this.#waiting.set(boot, node)
    this.#time(node, boot)
    this.#wait()
  }

  #wait(): void {
    this.#timer ??= setTimeout(() => this.flush(), together).unref()
  }

  /** Writes what waits, or the first of it: all or nothing. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const some = [...this.#waiting].slice(0, most.atOnce)
    if (some.length === 0) return
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const [boot, node] of some) this.#put(boot, node)
      this.#database.run(pruneAll)
      this.#database.exec('COMMIT')
      for (const [boot] of some) this.#waiting.delete(boot)
      this.#isBroken = false
      if (this.#waiting.size > 0) this.#wait()
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK')
      if (!this.#isBroken) this.#say(`--state: cannot write ${historyFile(this.#folder)}: ${reasonOf(error)}`)
      this.#isBroken = true
    }
  }

  /** Boots of a node, the last first: of its hardware address at this address, so that nobody else writes it. */
  bootsOf(mac: string, address: string): FormerBoot[] {
    const columns = 'began, seconds, state, stage, cause, fromServer, fromSwarm'
    const rows = this.#database.all(
      `SELECT ${columns} FROM boots WHERE mac = ? AND address = ? ORDER BY began DESC`,
      [mac, address],
    )
    return rows as unknown as FormerBoot[]
  }

  /** What its boots usually take: the median of those that ended well. Those that the next system closed count by themselves. */
  usualSeconds(mac: string, address: string): number | undefined {
    const boots = [...(this.#times.get(`${mac} ${address}`)?.values() ?? [])]
    const secondsOf = (...states: FleetState[]) =>
      boots.filter(({ state }) => states.includes(state)).map(({ seconds }) => seconds)
    const closed = secondsOf('up')
    return median(closed.length > 0 ? closed : secondsOf('handed-over', 'complete'))
  }

  #time({ mac, address, state, seconds }: FleetNode | KeptBoot, boot: string): void {
    const node = `${mac} ${address}`
    if (!this.#times.has(node) && this.#times.size >= mostTimed) return
    const times = this.#times.get(node) ?? new Map()
    this.#times.set(node, times.set(boot, { state, seconds }))
    const [oldest] = times.keys()
    if (times.size > most.ofNode && oldest !== undefined) times.delete(oldest)
  }

  close(): void {
    do this.flush()
    while (this.#waiting.size > 0 && !this.#isBroken)
    clearTimeout(this.#timer)
    this.#database.close()
    giveFolderBack(this.#folder)
  }

  #put(boot: string, node: FleetNode): void {
    const { mac, address, hostname, serial, rack, began, seconds, state, stage, cause } = node
    const { fromServer, fromSwarm, contested } = node
    this.#database.run(put, [
      ...[boot, mac, address, hostname, serial, rack, Math.round(began), seconds, state, stage, cause],
      ...[Math.round(fromServer), Math.round(fromSwarm), contested ? 1 : 0],
    ])
    this.#database.run(prune, [mac, address, mac, address])
  }
}

function median(numbers: number[]): number | undefined {
  const sorted = numbers.sort((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}
