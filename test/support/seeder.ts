import { CommandError } from '../../generator/host/console/command-error.ts'
import { startAria2c } from '../../generator/serve/aria2-process.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { originOptions } from '../../generator/swarm/origin-profile.ts'

export interface SeederOptions {
  /** Path of the program. */
  aria2c: string
  /** Path of the .torrent file. */
  torrent: string
  /** The folder that holds the torrent's file, or the folder of its name. */
  folder: string
  /** The announce URL as seen from here; those in the torrent are not used. */
  tracker: string
  /** The IPv4 address that the tracker is to tell others. */
  address: string
}

export interface Seeder {
  readonly port: number
  /** Lets it say goodbye to the tracker. */
  close(): Promise<void>
}

/** Gives a torrent's files, which are complete, to whoever asks; it has announced itself soon after. */
export async function startSeeder(options: SeederOptions): Promise<Seeder> {
  const { aria2c, torrent, folder } = options
  // Outside the range that aria2 takes by itself: a guest must not look like the seeder to the tracker.
  const port = (await freePort('0.0.0.0')) ?? 0
  const words = [
    ...['--no-conf', '--quiet', '--enable-color=false', ...originOptions(aria2c)],
    ...[`--bt-tracker=${options.tracker}`, `--bt-external-ip=${options.address}`],
    ...[`--listen-port=${port}`, `--dir=${folder}`, torrent],
  ]
  const seeder = await startAria2c(aria2c, words, { folder, port })
  let closing = false
  let early: string | undefined
  seeder.end.then(({ how, output }) => {
    if (!closing) early = output || how
  })
  return {
    port,
    async close() {
      if (early !== undefined)
        throw new CommandError(`the seeder ended early: ${early}`, 'run it again; is the disk full?')
      closing = true
      await seeder.stop()
    },
  }
}
