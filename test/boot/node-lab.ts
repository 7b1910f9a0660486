/**
 * /init's network stage on the image's programs, in network namespaces: nodes with a card or more each, switches, and
 * the servers behind them. What is not the machine's network is left out: drivers, the next kernel.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateInit } from '../../generator/compiler/generate-init.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { root } from '../support/root.ts'

/** Where the servers of each switch are; their port 8000 takes connections. */
export const serverAddress = '10.9.0.1'

export interface Node {
  /** The switch of each card, eth0 first. */
  cards: Switch[]
  /** The kernel's command line. */
  append?: string
  /** Lines of shell after the network stage. */
  after?: string
}

export interface Server {
  /** What it has written so far. */
  log(): string
  stop(): void
}

/** A node that runs. */
export interface RunningNode {
  /** Resolves when the console has the text, or when the node has ended. */
  said(text: string): Promise<void>
  readonly end: Promise<NodeEnd>
}

export interface NodeEnd {
  /** /init's and the hook's lines, without `aria2-initrd: network: `. */
  console: string[]
  /** What `ip` and /etc/resolv.conf show at the end. */
  state: string[]
}

const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'pipe' })
const filled = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '')
const own = `peers-${process.pid}-`
let made = 0

/** The hardware address of a node's card. */
export const macOf = (node: number, card: number): string =>
  `02:09:00:00:${card.toString(16).padStart(2, '0')}:${(node + 1).toString(16).padStart(2, '0')}`

/** A bridge in a namespace of its own, which has `serverAddress`. */
export class Switch {
  readonly namespace = `${own}switch${made++}`
  /** Words of `ip link add … type bridge`, such as `stp_state 1`. */
  constructor(...bridgeWords: string[]) {
    ip('netns', 'add', this.namespace)
    for (const words of [
      ['link', 'set', 'lo', 'up'],
      ['link', 'add', 'bridge0', 'type', 'bridge', ...bridgeWords],
      ['addr', 'add', `${serverAddress}/16`, 'dev', 'bridge0'],
      ['link', 'set', 'bridge0', 'up'],
    ])
      ip('-n', this.namespace, ...words)
  }

  /** Pulls a node's cable, or plugs it in again. */
  setPort(node: number, card: number, state: 'up' | 'down'): void {
    ip('-n', this.namespace, 'link', 'set', `port${node}-${card}`, state)
  }
}

/** /init up to the end of its network stage, and what is done then. */
function driver(init: string, { append = '', after = ':' }: Node): string {
  return `${init.replace(/main "\$@"\n$/, '')}
trap - EXIT
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in /dev /run /etc; do mount -t tmpfs tmpfs "$folder"; done
mknod /dev/null c 1 3
mkdir -p /run/aria2-initrd
cat >/run/command-line <<'END'
${append}
END
mount -o bind /run/command-line /proc/cmdline
hostname '(none)'
ip link set dev lo up
# A veth has no device behind it, and this machine's drivers are none of ours.
wired_interfaces() { names_in /sys/class/net | grep '^eth' || :; }
load_drivers() { :; }
stage=command-line
read_command_line && check_parameters
stage=network
if bring_up_network; then
    log "goes on with $boot_interface"
    ${after}
fi
printf 'STATE\\n'
ip -4 addr | grep 'inet .* \\(eth\\|bond\\)'
ip -4 route
cat /etc/resolv.conf 2>/dev/null
`
}

export class NodeLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'peers-'))
  readonly #children: ChildProcess[] = []
  readonly #namespaces: string[] = []
  #init = ''
  #nodes = 0

  private constructor() {
    process.on('exit', () => this.stop())
  }

  static async start(): Promise<NodeLab> {
    const lab = new NodeLab()
    const { busybox, applets } = await provideBinaries(silent)
    const bin = join(lab.#folder, 'bin')
    mkdirSync(bin)
    copyFileSync(busybox.path, join(bin, 'busybox'))
    for (const applet of applets) symlinkSync('busybox', join(bin, applet))
    lab.#init = Buffer.from(await generateInit()).toString('latin1')
    return lab
  }

  get folder(): string {
    return this.#folder
  }

  /** A switch; its server takes connections on port 8000. */
  async switch(...bridgeWords: string[]): Promise<Switch> {
    const made = new Switch(...bridgeWords)
    this.#namespaces.push(made.namespace)
    const listen = 'require("net").createServer(c => c.end()).listen(8000, () => console.log("listens"))'
    await this.serve(made, /listens/, process.execPath, '-e', listen)
    return made
  }

  /** Starts a program beside a switch; resolves when it has written that it is ready. */
  serve({ namespace }: Switch, ready: RegExp, program: string, ...words: string[]): Promise<Server> {
    const child = spawn('ip', ['netns', 'exec', namespace, program, ...words])
    this.#children.push(child)
    let output = ''
    return new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (piece: string) => {
          output += piece
          if (ready.test(output)) resolve({ log: () => output, stop: () => void child.kill('SIGKILL') })
        })
      child.once('exit', status => reject(new Error(`${program} ended: ${status}\n${output}`)))
    })
  }

  /** Lays the cables of a node; its number. */
  plug(cards: Switch[]): number {
    const number = this.#nodes++
    const namespace = `${own}node${number}`
    ip('netns', 'add', namespace)
    this.#namespaces.push(namespace)
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
    const at = join(this.#folder, `node${number}`)
    for (const name of ['bin', 'dev', 'proc', 'sys', 'run', 'etc', 'usr/share/udhcpc'])
      mkdirSync(join(at, name), { recursive: true })
    execFileSync('cp', ['-al', `${this.#folder}/bin/.`, join(at, 'bin')])
    const hook = 'usr/share/udhcpc/default.script'
    copyFileSync(join(root, 'rootfs-skel', hook), join(at, hook))
    chmodSync(join(at, hook), 0o755)
    writeFileSync(join(at, 'init'), driver(this.#init, node), 'latin1')
    const child = spawn('ip', [
      ...['netns', 'exec', `${own}node${number}`, 'unshare', '--mount', '--uts', '--pid', '--fork'],
      ...['--kill-child', 'chroot', at, '/bin/sh', '-c', 'exec /bin/sh /init 2>&1'],
    ])
    this.#children.push(child)
    let output = ''
    const waiting = new Set<() => void>()
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('latin1').on('data', (piece: string) => {
        output += piece
        for (const check of waiting) check()
      })
    const limit = setTimeout(() => child.kill('SIGKILL'), 120_000)
    const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
    const end = closed.then(() => {
      clearTimeout(limit)
      const [console = '', state = 'no end'] = output.split('STATE\n')
      return {
        console: filled(console).map(line => line.replace('aria2-initrd: network: ', '')),
        state: filled(state).map(line => line.trim().replace(/\s+/g, ' ')),
      }
    })
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

  stop(): void {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL')
    for (const name of this.#namespaces.splice(0)) {
      try {
        const inside = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
        for (const pid of filled(inside)) process.kill(Number(pid), 'SIGKILL')
        ip('netns', 'del', name)
      } catch {
        // It has gone by itself.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
