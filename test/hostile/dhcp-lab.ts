/**
 * The image's DHCP client with the shipped hook and the bytes of /init, each in a network namespace of its own, and DHCP
 * servers behind a bridge: one that says what it is told, and dnsmasq.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addBridge, ip, NamespaceLab, type NodeEnd, nodeEnd } from '../support/namespace-lab.ts'
import { root } from '../support/root.ts'
import { type Answer, serverAddress } from './dhcp-server.ts'

/** One client: who answers it, and what happens once it has its lease. */
export interface Client {
  answer?: Answer
  /** Options of dnsmasq for this client alone, such as `3,0.0.0.0`; sent whether asked for or not. */
  dnsmasq?: string[]
  /** The same, sent only when asked for, as servers do it. */
  onRequest?: string[]
  /** Environment that /init is started with. */
  environment?: Record<string, string>
  /** Lines of shell after the lease. */
  after?: string
  /** Further cards, eth1 and so on, each with its answer; a silent one has none. */
  more?: (Answer | 'silent')[]
  /** url= of the boot; its server is asked whether it is there. */
  url?: string
  /** The interfaces that ip= names. */
  wanted?: string[]
  /** rd.net.timeout.dhcp, default 6. */
  timeout?: number
}

export interface ClientEnd extends NodeEnd {
  /** Seconds that the try took. */
  seconds: number
}

const own = `hostile-${process.pid}-`
const macOf = (number: number): string => `0209000000${(number + 1).toString(16).padStart(2, '0')}`
/** The hardware address of a card beside the first. */
const cardMac = (number: number, card: number): string =>
  `02090000${card.toString(16).padStart(2, '0')}${(number + 1).toString(16).padStart(2, '0')}`
const withColons = (mac: string): string => mac.replace(/..(?!$)/g, '$&:')
/** What a client's name may be on its side, and on the bridge's. */
const namespaceOf = (number: number): string => `${own}client${number}`

/** What a client does instead of a boot. */
function driver({ after = '', timeout = 6, more = [], url = '', wanted = [] }: Client): string {
  return `stage=network
dhcp_timeout=${timeout}
dhcp_retry=1
urls='${url}'
kernel_url=
aria2_options=
retries=5
# A veth has no device behind it.
wired_interfaces() { printf '%s\\n' ${['eth0', ...more.map((_, card) => `eth${card + 1}`)].join(' ')}; }
open_events
if acquire_lease '${wanted.join('\n')}' '' ''; then
    log "goes on with $(cat /run/aria2-initrd/way)"
    ${after || ':'}
fi
printf 'STATE\\n'
ip -4 addr | grep 'inet .* eth'
ip -4 route
cat /etc/resolv.conf /dev/console 2>/dev/null
`
}

export class DhcpLab extends NamespaceLab {
  readonly #clients: Client[]

  private constructor(clients: Client[]) {
    super('hostile-dhcp-')
    this.#clients = clients
  }

  /** Lays the cables and starts the servers. */
  static async start(clients: Client[]): Promise<DhcpLab> {
    const lab = new DhcpLab(clients)
    await lab.prepare()
    await lab.#connect()
    return lab
  }

  /** A bridge with the servers' address in a namespace of its own. */
  #bridge(name: string): string {
    const namespace = this.namespace(`${own}${name}`)
    for (const words of [
      ['link', 'set', 'lo', 'up'],
      ...addBridge('bridge0'),
      ['addr', 'add', `${serverAddress}/16`, 'dev', 'bridge0'],
      ['link', 'set', 'bridge0', 'up'],
      ['route', 'add', 'default', 'dev', 'bridge0'],
    ])
      ip('-n', namespace, ...words)
    return namespace
  }

  async #connect(): Promise<void> {
    const [raw, masq] = [this.#bridge('raw'), this.#bridge('dnsmasq')]
    for (const [number, client] of this.#clients.entries()) {
      const bridge = client.dnsmasq === undefined ? raw : masq
      const namespace = this.namespace(namespaceOf(number))
      const port = `port${number}`
      ip('-n', bridge, ...['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace])
      ip('-n', namespace, 'link', 'set', 'eth0', 'address', withColons(macOf(number)))
      ip('-n', bridge, 'link', 'set', port, 'master', 'bridge0', 'up')
      for (const card of (client.more ?? []).keys()) {
        const name = `eth${card + 1}`
        const other = `port${number}-${card + 1}`
        ip('-n', raw, ...['link', 'add', other, 'type', 'veth', 'peer', 'name', name, 'netns', namespace])
        ip('-n', namespace, 'link', 'set', name, 'address', withColons(cardMac(number, card + 1)))
        ip('-n', raw, 'link', 'set', other, 'master', 'bridge0', 'up')
      }
      this.makeRoot(`client${number}`, ['default.script'], driver(client))
    }
    await Promise.all([this.#startRaw(raw), this.#startDnsmasq(masq)])
  }

  async #startRaw(namespace: string): Promise<void> {
    const table = join(this.folder, 'answers.json')
    const answers = this.#clients.flatMap(({ answer, more = [] }, number) => [
      [macOf(number), answer],
      ...more.map((each, card) => [cardMac(number, card + 1), each === 'silent' ? undefined : each]),
    ])
    writeFileSync(table, JSON.stringify(Object.fromEntries(answers)))
    const script = join(root, 'test/hostile/dhcp-server.ts')
    const server = spawn(
      'ip',
      ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', script, table],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    this.children.push(server)
    await new Promise((resolve, reject) => {
      server.stdout.once('data', resolve)
      server.once('exit', status => reject(new Error(`the DHCP server ended: ${status}`)))
    })
  }

  async #startDnsmasq(namespace: string): Promise<void> {
    const tagged = this.#clients.flatMap(({ dnsmasq, onRequest = [] }, number) =>
      dnsmasq === undefined
        ? []
        : [
            `--dhcp-host=${withColons(macOf(number))},set:t${number},10.9.8.${number + 1}`,
            ...dnsmasq.map(option => `--dhcp-option-force=tag:t${number},${option}`),
            ...onRequest.map(option => `--dhcp-option=tag:t${number},${option}`),
          ],
    )
    const server = spawn(
      'ip',
      [
        ...[
          'netns',
          'exec',
          namespace,
          'dnsmasq',
          '--keep-in-foreground',
          '--conf-file=/dev/null',
          '--port=0',
        ],
        ...['--user=root', '--dhcp-range=10.9.8.0,static,255.255.0.0,1h', '--dhcp-authoritative'],
        ...[
          `--dhcp-leasefile=${this.folder}/leases`,
          '--no-ping',
          '--log-facility=-',
          '--log-dhcp',
          ...tagged,
        ],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.children.push(server)
    await new Promise((resolve, reject) => {
      server.stderr.once('data', resolve)
      server.once('exit', status => reject(new Error(`dnsmasq ended: ${status}`)))
    })
  }

  /** Runs a client to its end. */
  async run(number: number): Promise<ClientEnd> {
    const started = Date.now()
    const words = Object.entries(this.#clients[number]?.environment ?? {}).map(
      ([name, value]) => `${name}=${value}`,
    )
    const at = join(this.folder, `client${number}`)
    const child = this.startNode(namespaceOf(number), at, ['/bin/env', ...words, '/bin/sh', '/init'], 60)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('latin1').on('data', (chunk: string) => {
        output += chunk
      })
    await new Promise(resolve => child.once('close', resolve))
    return { ...nodeEnd(output), seconds: (Date.now() - started) / 1000 }
  }
}
