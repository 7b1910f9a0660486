/** The lab's network: one switch (a bridge), at which this end is the server, and a cable (a tap) for each machine. */
import { CommandError } from '../../../generator/host/console/command-error.ts'
import { lastLines, runCommand } from '../../../generator/host/processes/run-command.ts'
import { addBridge } from '../../support/namespace-lab.ts'

/** The switch, and the server's own port on it. */
export const bridge = 'switch'

/** The server's address; the machines get theirs from DHCP. */
export const serverAddress = '10.77.0.1'

export const addressRange = '10.77.0.10,10.77.0.250'

/** What went over one cable, in bytes with all headers, as the machine at its end sees it. */
export interface Traffic {
  received: number
  sent: number
}

export const tapOf = (node: number): string => `tap${node}`

export const macOf = (node: number): string => `52:54:00:77:00:${node.toString(16).padStart(2, '0')}`

/**
 * Makes the switch and its cables, in a network namespace where nothing is yet.
 * @param rate what the server may send, all together, in tc's words: `100mbit`
 */
export async function layCables(nodes: number, rate?: string): Promise<void> {
  const links = JSON.parse(await run('ip', '-j', 'link')) as unknown[]
  if (links.length !== 1)
    throw new CommandError('this network is in use', 'the lab wants a namespace of its own: unshare --net')
  await run('ip', 'link', 'set', 'lo', 'up')
  // A real switch port that runs STP forwards nothing for 2 x 15 s; this one is an edge port.
  for (const words of addBridge(bridge, 'forward_delay', '0')) await run('ip', ...words)
  await run('ip', 'address', 'add', `${serverAddress}/24`, 'dev', bridge)
  await run('ip', 'link', 'set', bridge, 'up')
  for (let node = 0; node < nodes; node += 1) {
    await run('ip', 'tuntap', 'add', 'dev', tapOf(node), 'mode', 'tap')
    await run('ip', 'link', 'set', tapOf(node), 'master', bridge, 'up')
  }
  // Between two machines nothing passes here: only the server's own packets do.
  if (rate !== undefined)
    await run('tc', 'qdisc', 'add', 'dev', bridge, 'root', 'tbf', ...tokenBucket, 'rate', rate)
}

/** A burst that lasts some milliseconds at 100 Mbit/s, and a queue that TCP can fill without loss. */
const tokenBucket = ['burst', '128kb', 'latency', '50ms']

/** The traffic so far by interface: the machines' taps, and the switch's own port, whose end is the server. */
export async function traffic(): Promise<Map<string, Traffic>> {
  const links = JSON.parse(await run('ip', '-j', '-s', 'link')) as {
    ifname: string
    stats64: { rx: { bytes: number }; tx: { bytes: number } }
  }[]
  return new Map(
    links.map(({ ifname, stats64: { rx, tx } }) => [
      ifname,
      // A tap's counters are those of this end of the cable.
      ifname === bridge ? { received: rx.bytes, sent: tx.bytes } : { received: tx.bytes, sent: rx.bytes },
    ]),
  )
}

async function run(command: string, ...words: string[]): Promise<string> {
  const { status, stdout, output } = await runCommand(command, words)
  if (status === 0) return stdout
  throw new CommandError(
    `${command} ${words.join(' ')}: ${lastLines(output)}`,
    'the lab needs root, and a kernel with bridge, tun and tbf',
  )
}
