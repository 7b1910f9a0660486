/**
 * /init's network stage on the image's programs, in network namespaces: nodes with a card or more each, switches, and
 * the servers behind them. What is not the machine's network is left out: drivers, the next kernel.
 */
import { execFileSync, spawn } from 'node:child_process'
import { until } from '../serve/published.ts'
import { addBridge, ip, NamespaceLab, type NodeEnd, nodeEnd } from '../support/namespace-lab.ts'

export type { NodeEnd }

/** Where the servers of each switch are; their port 8000 takes connections. */
export const serverAddress = '10.9.0.1'

export interface Node {
  /** The switch of each card, eth0 first. */
  cards: Switch[]
  /** The kernel's command line. */
  append?: string
  /** Lines of shell before the command line is read. */
  early?: string
  /** Lines of shell after the network stage. */
  after?: string
  /** Whether it fetches what its command line asks for then, and lines of shell before that. */
  downloads?: boolean
  before?: string
}

export interface Server {
  /** What it has written so far. */
  log(): string
  /** Resolves when its ports are free. */
  stop(): Promise<void>
}

/** A node that runs. */
export interface RunningNode {
  /** Resolves when the console has the text, or when the node has ended. */
  said(text: string): Promise<void>
  readonly end: Promise<NodeEnd>
}

const own = `peers-${process.pid}-`
let switches = 0

/** The hardware address of a node's card. */
export const macOf = (node: number, card: number): string =>
  `02:09:00:00:${card.toString(16).padStart(2, '0')}:${(node + 1).toString(16).padStart(2, '0')}`

/** A bridge in a namespace of its own, which has `serverAddress`. */
export class Switch {
  /** @param bridgeWords words of `ip link add ... type bridge`, such as `stp_state 1` */
  constructor(
    readonly namespace: string,
    bridgeWords: string[],
  ) {
    for (const words of [
      ['link', 'set', 'lo', 'up'],
      ...addBridge('bridge0', ...bridgeWords),
      ['addr', 'add', `${serverAddress}/16`, 'dev', 'bridge0'],
      ['link', 'set', 'bridge0', 'up'],
    ])
      ip('-n', this.namespace, ...words)
  }

  /** Resolves when the bridge runs, some moments after its first port does. */
  async running(): Promise<void> {
    const words = ['netns', 'exec', this.namespace, 'cat', '/sys/class/net/bridge0/operstate']
    await until('bridge0 runs', () => execFileSync('ip', words, { encoding: 'utf8' }).trim() === 'up')
  }

  /** All that is behind it falls silent. */
  setDown(): void {
    ip('-n', this.namespace, 'link', 'set', 'bridge0', 'down')
  }

  /** Pulls a node's cable, or plugs it in again. */
  setPort(node: number, card: number, state: 'up' | 'down'): void {
    ip('-n', this.namespace, 'link', 'set', `port${node}-${card}`, state)
  }
}

/** What a node does instead of a boot: its network stage, and what comes then. */
function driver({ append = '', early = ':', after = ':', downloads = false, before = '' }: Node): string {
  const fetching = `stage=download
    ${before}
    mkdir -p /tmp
    if download; then log 'has all'; fi
    stage=network`
  return `cat >/run/command-line <<'END'
${append}
END
mount -o bind /run/command-line /proc/cmdline
printf 'root:x:0:0::/:/bin/sh\naria2:x:700:700::/:/bin/false\n' >/etc/passwd
printf 'root:x:0:\naria2:x:700:\n' >/etc/group
# A veth has no device behind it.
wired_interfaces() { names_in /sys/class/net | grep '^eth' || :; }
${early}
stage=command-line
if read_command_line && check_parameters && { stage=network; bring_up_network; }; then
    log "goes on with $boot_interface"
    ${downloads ? fetching : ''}
    ${after}
fi
printf 'STATE\\n'
ip -4 addr | grep 'inet .* \\(eth\\|bond\\)'
ip -4 route
cat /etc/resolv.conf 2>/dev/null
`
}

export class NodeLab extends NamespaceLab {
  #nodes = 0

  private constructor() {
    super('peers-')
  }

  static async start(): Promise<NodeLab> {
    const lab = new NodeLab()
    await lab.prepare()
    return lab
  }

  /** A switch; its server takes connections on port 8000. */
  async switch(...bridgeWords: string[]): Promise<Switch> {
    const made = new Switch(this.namespace(`${own}switch${switches++}`), bridgeWords)
    const listen = 'require("net").createServer(c => c.end()).listen(8000, () => console.log("listens"))'
    await this.serve(made, /listens/, process.execPath, '-e', listen)
    return made
  }

  /**
   * A web server beside a switch, on port 8001.
   * @param manner how it answers: the file at once or over many `seconds`, or never, although it takes the connection
   */
  web(at: Switch, manner: { seconds: number } | 'mute'): Promise<Server> {
    const answer =
      manner === 'mute'
        ? ''
        : `response.setHeader("content-length", 100)
          for (let n = 0; n < 10; n++)
            setTimeout(() => response.write("0123456789"), n * ${manner.seconds * 100})`
    const script = `require("node:http").createServer((request, response) => {
      console.log(request.method + " " + request.url)
      ${answer}
    }).listen(8001, () => console.log("serves"))`
    return this.serve(at, /serves/, process.execPath, '-e', script)
  }

  /** Another machine beside a switch, which has an address. */
  neighbour(at: Switch, address: string): void {
    const namespace = `${own}node${this.plug([at])}`
    ip('-n', namespace, 'addr', 'add', `${address}/16`, 'dev', 'eth0')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
  }

  /** Starts a program beside a switch; resolves when it has written that it is ready. */
  serve({ namespace }: Switch, ready: RegExp, program: string, ...words: string[]): Promise<Server> {
    const child = spawn('ip', ['netns', 'exec', namespace, program, ...words])
    this.children.push(child)
    let output = ''
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    const stop = () => {
      child.kill('SIGKILL')
      return ended
    }
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (piece: string) => {
          output += piece
          if (ready.test(output)) resolve({ log: () => output, stop })
        })
      child.once('exit', status => reject(new Error(`${program} ended: ${status}\n${output}`)))
    })
  }

  /** Lays the cables of a node; its number. */
  plug(cards: Switch[]): number {
    const number = this.#nodes++
    const namespace = this.namespace(`${own}node${number}`)
    for (const [card, { namespace: bridge }] of cards.entries()) {
      const [port, name] = [`port${number}-${card}`, `eth${card}`]
      ip('-n', bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', name, 'netns', namespace)
      ip('-n', namespace, 'link', 'set', name, 'address', macOf(number, card))
      ip('-n', bridge, 'link', 'set', port, 'master', 'bridge0', 'up')
    }
    return number
  }

  /** Powers a node on, and waits for its end. */
  run(node: Node, number?: number): Promise<NodeEnd> {
    return this.powerOn(node, number).end
  }

  powerOn(node: Node, number = this.plug(node.cards)): RunningNode {
    const at = this.makeRoot(`node${number}`, ['default.script'], driver(node))
    const words = ['/bin/sh', '-c', 'exec /bin/sh /init 2>&1']
    const child = this.startNode(`${own}node${number}`, at, words, 300)
    let output = ''
    const waiting = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('latin1').on('data', (piece: string) => {
        output += piece
        for (const check of waiting) check()
      })
    const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
    const end = closed.then(() => nodeEnd(output))
    const said = (text: string) => {
      const shown = new Promise<void>(resolve => {
        const check = () => {
          if (output.includes(text)) resolve()
        }
        waiting.add(check)
        check()
      })
      return Promise.race([shown, closed])
    }
    return { said, end }
  }
}
