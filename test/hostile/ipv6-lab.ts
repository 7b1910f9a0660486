/**
 * The image's IPv6 (nd6watch, udhcpc6, the shipped hook and the bytes of /init), each node in a network namespace of its own,
 * at the other end of a cable to a namespace with a router or a DHCPv6 server: dnsmasq, Kea, or packets by hand.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { type NodeEnd as End, ip, NamespaceLab, nodeEnd, squeezed } from '../support/namespace-lab.ts'
import { root } from '../support/root.ts'

/** One node, and what is at the other end of its cable. */
export interface Node6 {
  /** Kernel parameters of the network. */
  parameters?: string
  /** Addresses at the other end; fd00:9::1/64 when left out. */
  addresses?: string[]
  /** Arguments of dnsmasq there. */
  dnsmasq?: string[]
  /** Configuration of Kea's DHCPv6 server there. */
  kea?: object
  /** What takes the place of it so many seconds after the node was switched on. */
  later?: { seconds: number; kea: object }
  /** Router advertisements by hand: words of `advertise`. */
  advertise?: string[]
  /** JavaScript that Node runs there. */
  script?: string
  /** Arguments of `aria2-initrd serve` there. */
  serve?: string[]
  /** The node whose far end is that of this one, too. */
  beside?: number
  /** The node whose far end a second card, eth1, is at. */
  second?: number
  /** It is a machine of QEMU, which is switched on elsewhere: its cable is a tap of this name at the far end. */
  tap?: string
  /** It has aria2c, and a user for it. */
  downloads?: boolean
  /** Lines of shell on the node before it looks at its network. */
  before?: string
  /** Lines of shell on the node after the network is up, or has failed. */
  after?: string
}

/** Its state: global addresses, default routes, /etc/resolv.conf. */
export interface NodeEnd extends End {
  seconds: number
}

let labs = 0

/** What a node does instead of a boot. */
function driver({ parameters = '', before = '', after = '' }: Node6): string {
  const given = parameters.split(' ').filter(word => word !== '')
  return `printf 'root:x:0:0::/:\\naria2:x:900:900::/:\\n' >/etc/passwd
printf 'root:x:0:\\naria2:x:900:\\n' >/etc/group
stage=network
${before}
# A veth has no device behind it.
wired_interfaces() { printf '%s\\n' eth0; }
${given.map(word => `set_parameter '${word.replace(/=.*/, '')}' '${word.replace(/^[^=]*=/, '')}'`).join('\n')}
if bring_up_network; then log "goes on with $boot_interface"; fi
${after}
printf 'STATE\\n'
ip -6 addr | grep 'inet6 .* scope global'
ip -6 route | grep '^default'
cat /etc/resolv.conf 2>/dev/null
`
}

/** Starts the nodes and what is at the other ends; `run` gives the end of one. */
export class Ipv6Lab extends NamespaceLab {
  readonly #own = `ipv6-${process.pid}-${labs++}-`

  readonly #nodes: Node6[]

  private constructor(nodes: Node6[]) {
    super('hostile-ipv6-')
    this.#nodes = nodes
  }

  static async start(nodes: Node6[]): Promise<Ipv6Lab> {
    const lab = new Ipv6Lab(nodes)
    const { aria2c } = await provideBinaries(silent)
    await lab.prepare()
    for (const [number, node] of nodes.entries()) {
      if (node.beside === undefined) lab.#farEnd(number, node.addresses ?? ['fd00:9::1/64'])
      lab.#serve(number, node)
      if (node.tap !== undefined) {
        lab.#tap(number, node.tap)
        continue
      }
      lab.#cable(number, node.beside ?? number, 'eth0')
      if (node.second !== undefined) lab.#cable(number, node.second, 'eth1')
      const at = lab.makeRoot(`node${number}`, ['default.script', 'ipv6.script'], driver(node))
      if (node.downloads === true) {
        copyFileSync(aria2c.path, join(at, 'bin/aria2c'))
        mkdirSync(join(at, 'tmp'))
      }
    }
    try {
      await Promise.all(lab.#ready)
    } catch (error) {
      lab.stop()
      throw error
    }
    return lab
  }

  #ready: Promise<void>[] = []

  #namespace(name: string): string {
    this.namespace(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return name
  }

  /** A bridge with the router's addresses. */
  #farEnd(number: number, addresses: string[]): void {
    const far = this.#namespace(this.farEnd(number))
    for (const line of [
      'link add lan address 02:09:00:00:07:01 type bridge',
      // Servers want a link before there is a node.
      'link add other type veth peer name end',
      'link set other master lan up',
      'link set end up',
    ])
      ip('-n', far, ...line.split(' '))
    // A router knows its own address at once, so that the first solicitation is answered.
    const settings = ['net.ipv6.conf.lan.accept_dad=0', 'net.ipv6.conf.all.forwarding=1']
    ip('netns', 'exec', far, 'sysctl', '-qw', ...settings)
    ip('-n', far, 'link', 'set', 'lan', 'up')
    for (const address of ['fe80::1/64', ...addresses])
      ip('-n', far, 'addr', 'add', address, 'dev', 'lan', ...(address.includes(':') ? ['nodad'] : []))
  }

  #cable(number: number, end: number, card: string): void {
    const [far, near] = [this.farEnd(end), `${this.#own}near${number}`]
    if (card === 'eth0') this.#namespace(near)
    const port = `${card}-${number}`
    ip('-n', far, ...`link add ${port} type veth peer name ${card} netns ${near}`.split(' '))
    ip('-n', far, 'link', 'set', port, 'master', 'lan', 'up')
    const last = (number + 16).toString(16)
    ip('-n', near, 'link', 'set', card, 'address', `02:09:00:00:${card === 'eth0' ? '06' : '08'}:${last}`)
  }

  #tap(number: number, tap: string): void {
    const far = this.farEnd(number)
    ip('-n', far, 'tuntap', 'add', 'dev', tap, 'mode', 'tap')
    ip('-n', far, 'link', 'set', tap, 'master', 'lan', 'up')
  }

  /** The namespace at the other end of a node's cable. */
  farEnd = (number: number): string => `${this.#own}far${number}`

  #start(number: number, words: string[], isReady: (text: string) => boolean): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.farEnd(number), ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.children.push(child)
    let text = ''
    this.#said.set(number, () => text)
    this.#ready.push(
      new Promise((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk
            if (isReady(text)) resolve()
          })
        child.once('exit', status => reject(new Error(`${words[0]} ended with ${status}: ${text}`)))
      }),
    )
    return child
  }

  #startKea(number: number, kea: object): void {
    const folder = join(this.folder, `kea${number}-${this.children.length}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'kea.json'), JSON.stringify({ Dhcp6: kea }))
    const own = [`KEA_PIDFILE_DIR=${folder}`, `KEA_LOCKFILE_DIR=${folder}`]
    const words = ['env', ...own, 'kea-dhcp6', '-c', join(folder, 'kea.json')]
    this.#keas.set(
      number,
      this.#start(number, words, text => text.includes('DHCP6_STARTED')),
    )
  }

  readonly #keas = new Map<number, ChildProcess>()

  #serve(number: number, { dnsmasq, kea, advertise, script, serve }: Node6): void {
    if (dnsmasq !== undefined) {
      const words = [
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--user=root',
      ]
      const files = [`--dhcp-leasefile=${this.folder}/leases${number}`, '--log-facility=-', '--interface=lan']
      this.#start(number, ['dnsmasq', ...words, ...files, ...dnsmasq], text => text.includes('started'))
    }
    if (kea !== undefined) this.#startKea(number, kea)
    if (advertise !== undefined) {
      const program = fileURLToPath(new URL('advertise', import.meta.url))
      this.#start(number, ['perl', program, 'lan', ...advertise], text => text.includes('ready'))
    }
    if (serve !== undefined) {
      const words = [process.execPath, join(root, 'generator/commands/bin.mjs'), 'serve']
      this.#start(number, [...words, ...serve], text => text.includes('Ctrl-C'))
    }
    if (script !== undefined)
      this.#start(number, [process.execPath, '-e', script], text => text.includes('ready'))
  }

  readonly #said = new Map<number, () => string>()

  /** What the last program at a far end has said so far. */
  said = (number: number): string => this.#said.get(number)?.() ?? ''

  /** Runs a node to its end. */
  async run(number: number): Promise<NodeEnd> {
    const started = Date.now()
    const at = join(this.folder, `node${number}`)
    const words = ['/bin/sh', '-c', 'exec sh /init 2>&1']
    const child = this.startNode(`${this.#own}near${number}`, at, words, 90)
    const { later } = this.#nodes[number] ?? {}
    const change =
      later &&
      setTimeout(() => {
        this.#keas.get(number)?.kill('SIGKILL')
        this.#startKea(number, later.kea)
      }, later.seconds * 1000)
    let output = ''
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
      output += chunk
    })
    await new Promise(resolve => child.once('close', resolve))
    clearTimeout(change)
    const { console, state } = nodeEnd(output)
    return { console: console.map(squeezed), state, seconds: (Date.now() - started) / 1000 }
  }
}
