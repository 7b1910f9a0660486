import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { lastLines } from '../host/processes/run-command.ts'
import { originOptions } from '../swarm/origin-profile.ts'
import { type Aria2Process, startAria2c } from './aria2-process.ts'
import { Aria2Rpc } from './aria2-rpc.ts'
import { freePort } from './free-port.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export interface SeederPlace {
  /** Path of the program. */
  aria2c: string
  /** The address to listen on; 0.0.0.0 is all of IPv4, :: all. */
  bind: string
  port: number
  /** The folder that is served. */
  folder: string
  /** The announce URL as seen from here. */
  tracker: string
  /** The address that the tracker is to tell others. */
  address: string
  /** What all torrents together may use. */
  bytesPerSecond?: number
}

/** An aria2c that seeds what it is told to over its RPC. */
export interface SeederProcess {
  seeder: Aria2Process
  rpc: Aria2Rpc
}

/**
 * Starts aria2c with its RPC on the loopback. The secret is in a file that nobody else can read, not in `ps`.
 *
 * @throws CommandError when it does not start, or does not answer
 */
export async function startSeederProcess(place: SeederPlace): Promise<SeederProcess> {
  const { aria2c, bind, port, folder, tracker, address, bytesPerSecond } = place
  const rpcPort = (await freePort('127.0.0.1')) ?? 0
  const secret = randomBytes(16).toString('hex')
  const work = await mkdtemp(join(tmpdir(), 'aria2-initrd-serve-'))
  try {
    const configuration = join(work, 'aria2.conf')
    await writeFile(configuration, `rpc-secret=${secret}\n`, { mode: 0o600 })
    const user = unprivilegedUser()
    if (user !== undefined) {
      await chmod(work, 0o711)
      await chown(configuration, user.uid, user.gid)
    }
    const words = [
      ...[`--conf-path=${configuration}`, '--quiet', '--enable-color=false', ...originOptions(aria2c)],
      ...['--enable-rpc', `--rpc-listen-port=${rpcPort}`, '--rpc-save-upload-metadata=false'],
      // A torrent of 100 GB in pieces of 256 KiB is 8 MB, and base64 a third more.
      ...['--rpc-max-request-size=64M', '--stop=0', `--listen-port=${port}`],
      ...(bind === '0.0.0.0' || bind === '::' ? [] : [`--interface=${bind}`]),
      ...(isIPv6(bind) ? [] : ['--disable-ipv6=true']),
      ...[`--bt-tracker=${tracker}`, `--bt-external-ip=${address}`],
      ...(bytesPerSecond === undefined ? [] : [`--max-overall-upload-limit=${Math.ceil(bytesPerSecond)}`]),
    ]
    const seeder = await startAria2c(aria2c, words, { folder, port })
    let over: string | undefined
    seeder.end.then(({ how, output }) => {
      over = lastLines(output, 3) || how
    })
    const rpc = new Aria2Rpc(rpcPort, secret)
    if (await rpc.ready(10_000, () => over !== undefined)) return { seeder, rpc }
    await seeder.stop()
    throw new CommandError(
      `aria2c did not start as a seeder: ${over ?? 'it does not answer'}`,
      `see what ${aria2c} --version says; --aria2c names another one`,
    )
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
