import { setTimeout as sleep } from 'node:timers/promises'
import { lastLines } from '../host/processes/run-command.ts'
import type { Aria2Rpc } from './aria2-rpc.ts'
import { type SeederPlace, type SeederProcess, startSeederProcess } from './seeder-process.ts'

export interface LiveSeederOptions extends SeederPlace {
  /** Takes what goes wrong and what is done about it, line by line. */
  say: (line: string) => void
}

/** One aria2c that seeds torrents which come and go. Should it end, it is started again with all of them. */
export interface LiveSeeder {
  /** The aria2c of this moment; 0 while there is none. */
  readonly pid: number
  /** Bytes of payload that it has given since the beginning. */
  readonly given: number
  /** Seeds a torrent whose data lie in the folder, complete and checked. */
  add(infoHash: string, torrent: Buffer, folder: string): void
  remove(infoHash: string): void
  /** Whether it is to seed a torrent. */
  seeds(infoHash: string): boolean
  /** Brings aria2c and what is wished together, and counts what was given. To be called now and then. */
  tend(): Promise<void>
  close(): Promise<void>
}

interface Wish {
  torrent: Buffer
  folder: string
  gid?: string
  /** How often in a row aria2 did not take it. */
  refusals?: number
  /** Why it stopped, as it was last told. */
  stopped?: string
}

/** Milliseconds. A restart that fails waits twice as long as the one before. */
const [shortestWait, longestWait] = [500, 30_000]

/** So many times in a row it may leave a question without an answer, each for ten seconds. */
const mostMisses = 3

/** Milliseconds after which an aria2c that ends has not just failed to start. */
const healthy = 60_000

/** @throws CommandError when aria2c does not start */
export async function startLiveSeeder(options: LiveSeederOptions): Promise<LiveSeeder> {
  const { say } = options
  const wishes = new Map<string, Wish>()
  const leaving: string[] = []
  const given = new Map<string, number>()
  let closing = false
  let wait = shortestWait
  let restart: NodeJS.Timeout | undefined
  let current: SeederProcess | undefined

  async function start(): Promise<void> {
    const started = await startSeederProcess(options)
    current = started
    const since = Date.now()
    for (const wish of wishes.values()) delete wish.gid
    leaving.length = 0
    started.seeder.end.then(({ how, output }) => {
      current = undefined
      if (closing) return
      if (Date.now() - since > healthy) wait = shortestWait
      say(
        `the seeder (aria2c) ended with ${how}; it is started again${output ? `: ${lastLines(output, 1)}` : ''}`,
      )
      again()
    })
    if (closing) await started.seeder.stop()
  }

  function again(): void {
    restart = setTimeout(() => {
      start().then(
        () => {
          say('the seeder runs again')
          tendInTurn()
        },
        (error: Error) => {
          say(`the seeder does not start: ${error.message}`)
          again()
        },
      )
    }, wait)
    wait = Math.min(wait * 2, longestWait)
  }

  async function tend(): Promise<void> {
    const now = current
    if (now === undefined) return
    const { rpc } = now
    for (const gid of leaving.splice(0)) await rpc.remove(gid).catch(() => {})
    const active = await rpc.given()
    for (const [gid, bytes] of active) given.set(gid, bytes)
    for (const [infoHash, wish] of wishes) {
      if (wish.gid !== undefined && !active.has(wish.gid)) {
        const reason = await rpc.reasonOf(wish.gid).catch(() => 'aria2 forgot it')
        if (wish.stopped !== reason)
          say(`aria2 stopped seeding in ${wish.folder}: ${reason}; it is told again`)
        wish.stopped = reason
        delete wish.gid
      }
      if (wish.gid === undefined) await tell(rpc, infoHash, wish)
    }
  }

  async function tell(rpc: Aria2Rpc, infoHash: string, wish: Wish): Promise<void> {
    try {
      wish.gid = await rpc.addTorrent(wish.torrent, wish.folder)
      wish.refusals = 0
      // Nobody wishes for it any more, by now.
      if (wishes.get(infoHash) !== wish) leaving.push(wish.gid)
    } catch (error) {
      // The first time it may be one that aria2 has just been told to leave: the next time is soon.
      wish.refusals = (wish.refusals ?? 0) + 1
      if (wish.refusals === 2) say(`aria2 does not seed ${infoHash}: ${(error as Error).message}`)
    }
  }

  let misses = 0
  const answered = () => {
    misses = 0
  }
  /** It ended, which is told elsewhere, or it hangs. */
  const unanswered = () => {
    misses += 1
    if (misses < mostMisses || current === undefined) return
    misses = 0
    say('the seeder (aria2c) does not answer and is ended')
    current.seeder.stop()
  }

  // One at a time, and once more for all who ask meanwhile.
  let tending: Promise<void> | undefined
  let onceMore = false
  function tendInTurn(): Promise<void> {
    onceMore = true
    tending ??= (async () => {
      while (onceMore) {
        onceMore = false
        await tend().then(answered, unanswered)
      }
    })().finally(() => {
      tending = undefined
    })
    return tending
  }

  await start()
  return {
    get pid() {
      return current?.seeder.pid ?? 0
    },
    get given() {
      return [...given.values()].reduce((sum, bytes) => sum + bytes, 0)
    },
    add(infoHash, torrent, folder) {
      wishes.set(infoHash, { torrent, folder })
    },
    remove(infoHash) {
      const gid = wishes.get(infoHash)?.gid
      wishes.delete(infoHash)
      if (gid !== undefined) leaving.push(gid)
    },
    seeds: infoHash => wishes.has(infoHash),
    tend: tendInTurn,
    async close() {
      closing = true
      clearTimeout(restart)
      // For the last count, if it is to be had.
      await Promise.race([tendInTurn(), sleep(2000, undefined, { ref: false })])
      await current?.seeder.stop()
    },
  }
}
