/**
 * Nodes that boot, as a collector sees them: each event of /init's reporter (rootfs-skel/usr/sbin/reporter), by the
 * same HTTP/1.0 request and from an address of its own in 127.0.0.0/8.
 *   node --import tsx test/fleet/load.ts http://127.0.0.1:8000/report [nodes] [seconds of a boot] [until the last one is on]
 */
import { get } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { BootEvent } from '../../generator/stages/api/boot-event.ts'
import { type Failure, failures } from './failures.ts'

export interface LoadNode extends Pick<BootEvent, 'node'> {
  /** That it speaks from. */
  address: string
  rack: string
  /** How its boot fails; absent where it does not. */
  failure?: Failure
}

/** An event, at its part of a boot: 0 is power-on, 1 the jump. */
type Step = [at: number, stage: string, event: BootEvent['event'], text: string]

const perRack = 40
const hex = (number: number): string => (number & 255).toString(16).padStart(2, '0')

/** Nodes in racks of forty; twelve of them, evenly among the others, fail, each in its way. */
export function makeNodes(count: number): LoadNode[] {
  const failing = new Map(
    failures.map((failure, index) => [Math.floor(((index + 0.5) * count) / failures.length), failure]),
  )
  return Array.from({ length: count }, (_, index) => {
    const [high, low] = [Math.floor(index / 250), 1 + (index % 250)]
    const failure = failing.get(index)
    const hostname = `n${String(index + 1).padStart(4, '0')}`
    return {
      address: `127.9.${high}.${low}`,
      rack: `r${String(1 + Math.floor(index / perRack)).padStart(2, '0')}`,
      node: {
        mac: `52:54:00:0c:${hex(index >> 8)}:${hex(index)}`,
        ip: `10.9.${high}.${low}`,
        hostname,
        uuid: `4c4c4544-0000-1000-8000-${String(index).padStart(12, '0')}`,
        serial: `SN${42_000 + index}`,
      },
      ...(failure === undefined ? {} : { failure }),
    }
  })
}

const imageMib = 300

/** The line of aria2 for so much of the image, with so many MiB a second. */
const progressOf = (part: number, rate: number): string =>
  `[#2089b0 ${Math.round(part * imageMib)}MiB/${imageMib}MiB(${Math.round(part * 100)}%) CN:44 SD:3 DL:${rate}MiB]`

/** Three systems of four say that they run: a unit of theirs calls `report`. */
const callsBack = ({ serial }: BootEvent['node']): boolean => Number(serial.slice(2)) % 4 !== 0

/** Some have a second card that stage one has no driver for, and says so. */
const hasBareCard = ({ serial }: BootEvent['node']): boolean => Number(serial.slice(2)) % 5 === 0
const bareCard = 'network card 0x15b3:0x1017 at 0000:41:00.0: no driver in this initrd'

/** A boot that ends with the next kernel. */
function goodBoot({ node, address }: LoadNode): Step[] {
  const rate = 40 + (Number(address.split('.').at(-1)) % 60)
  return [
    [0.01, 'command-line', 'entered', ''],
    [0.03, 'drivers', 'entered', ''],
    ...(hasBareCard(node) ? [[0.04, 'drivers', 'says', bareCard] satisfies Step] : []),
    [0.05, 'network', 'entered', ''],
    [0.08, 'network', 'says', 'eth0: asking for an address'],
    [0.12, 'network', 'says', `eth0: DHCP gave ${node.ip}/16, gateway 10.9.0.1`],
    [0.14, 'download', 'entered', ''],
    [0.15, 'download', 'says', 'fetching http://10.0.0.1:8000/root.img.torrent'],
    [0.16, 'download', 'fetched', 'server 64 http://10.0.0.1:8000/root.img.torrent'],
    ...[0.1, 0.3, 0.5, 0.7, 0.9].map(
      (part): Step => [0.2 + part * 0.6, 'download', 'progress', progressOf(part, rate)],
    ),
    [0.82, 'download', 'fetched', `swarm ${imageMib * 1024} http://10.0.0.1:8000/root.img.torrent`],
    [0.84, 'verify', 'entered', ''],
    [0.86, 'verify', 'says', '/tmp/root.img: digest holds'],
    [0.9, 'kexec', 'entered', ''],
    [0.92, 'kexec', 'says', 'starting /tmp/kernel/vmlinuz with: root=live:/root.img'],
    [1, 'kexec', 'handed-over', '/tmp/kernel/vmlinuz'],
    ...(callsBack(node) ? [[1.4, 'up', 'up', 'multi-user.target'] satisfies Step] : []),
  ]
}

/** A boot that goes well until its failure. */
function failedBoot(node: LoadNode, { stage, cause, isTried }: Failure): Step[] {
  const steps = goodBoot(node)
  const begin = steps.findIndex(([, where]) => where === stage)
  const before = steps.slice(0, begin + 1)
  const [at] = before.at(-1) ?? [0]
  if (cause === '') return before
  const tries = isTried ? [0.04, 0.08, 0.12] : [0.04]
  return [
    ...before,
    ...tries.map((later): Step => [at + later, stage, 'failed', cause]),
    ...(isTried ? [[at + 0.13, stage, 'failed', 'gave up after 3 tries (retries=3)'] satisfies Step] : []),
    [at + 0.14, stage, 'gave-up', 'reboot'],
  ]
}

/** Sends a request as nc does, from an address; settles when the other side has closed. */
export function post(collector: URL, localAddress: string, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { hostname: host, port, pathname } = collector
    const socket = connect({ host, port: Number(port), localAddress })
    socket.end(
      `POST ${pathname} HTTP/1.0\r\nHost: ${host}:${port}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    socket.resume()
    socket.on('close', () => resolve())
    socket.on('error', reject)
  })
}

export interface Load {
  /** Where report= leads. */
  collector: string
  nodes: LoadNode[]
  /** Seconds of a boot, and until the last node is switched on. */
  bootSeconds: number
  spreadSeconds: number
  /** A file that one node of a hundred fetches from the web server: the swarm has the rest from those. */
  file?: string
  /** Hears of each event that was sent. */
  told?: (node: LoadNode, event: BootEvent) => void
}

/** Fetches a file from an address, and keeps nothing. */
const fetchFile = (url: string, localAddress: string): Promise<void> =>
  new Promise((resolve, reject) => {
    get(url, { localAddress, agent: false }, answer => answer.resume().on('close', resolve)).on(
      'error',
      reject,
    )
  })

/** What a node reports of a boot of so many ms, and when: ms after power-on. */
export function bootEvents(load: LoadNode, length: number): { at: number; event: BootEvent }[] {
  const { node, failure } = load
  const told = { kibFromServer: 0, kibFromSwarm: 0, cause: '' }
  return (failure ? failedBoot(load, failure) : goodBoot(load)).map(([part, stage, event, text]) => {
    const [source, kib] = text.split(' ')
    if (event === 'fetched') told[source === 'server' ? 'kibFromServer' : 'kibFromSwarm'] += Number(kib)
    if (event === 'failed') told.cause = text
    const at = Math.round(part * length)
    // The next system's clock began at the jump.
    const ms = event === 'up' ? at - length : at
    const cause = event === 'failed' || event === 'gave-up' ? told.cause : ''
    return { at, event: { node, stage, event, ms, ...told, text, cause } }
  })
}

/** Boots the nodes one after the other and side by side; an event that nobody takes is lost, as in life. */
export async function bootNodes(load: Load): Promise<void> {
  const { collector, nodes, bootSeconds, spreadSeconds, file, told } = load
  const url = new URL(collector)
  const bootOne = async (node: LoadNode, index: number) => {
    await sleep((1000 * spreadSeconds * index) / nodes.length)
    const began = Date.now()
    // No two machines are alike, and one of a hundred is slow.
    const pace = (0.85 + 0.3 * ((index * 0.618) % 1)) * (index % 97 === 5 ? 2 : 1)
    const length = Math.round(1000 * bootSeconds * pace)
    for (const { at, event } of bootEvents(node, length)) {
      await sleep(Math.max(0, began + at - Date.now()))
      if (event.event === 'fetched' && file !== undefined && index % 100 === 0)
        await fetchFile(file, node.address)
      await post(url, node.address, JSON.stringify(event)).catch(() => {})
      told?.(node, event)
    }
  }
  await Promise.all(nodes.map(bootOne))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [, , collector = 'http://127.0.0.1:8000/report', count = 1000, seconds = 20, spread = 20] =
    process.argv
  const [bootSeconds, spreadSeconds] = [Number(seconds), Number(spread)]
  await bootNodes({ collector, nodes: makeNodes(Number(count)), bootSeconds, spreadSeconds })
}
