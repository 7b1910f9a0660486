/**
 * The image's DHCP client with the shipped hook and the bytes of /init, each in a network namespace of its own, and DHCP
 * servers behind a bridge: one that says what it is told, and dnsmasq.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateInit } from '../../generator/compiler/generate-init.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
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

export interface ClientEnd {
  /** The lines of /init and of the hook, without `aria2-initrd: network: `. */
  console: string[]
  /** What `ip` and /etc/resolv.conf show at the end, one line each. */
  state: string[]
  /** Seconds that the try took. */
  seconds: number
}

const own = `hostile-${process.pid}-`
const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'pipe' })
const macOf = (number: number): string => `0209000000${(number + 1).toString(16).padStart(2, '0')}`
/** The hardware address of a card beside the first. */
const cardMac = (number: number, card: number): string =>
  `02090000${card.toString(16).padStart(2, '0')}${(number + 1).toString(16).padStart(2, '0')}`
const withColons = (mac: string): string => mac.replace(/..(?!$)/g, '$&:')
/** What a client's name may be on its side, and on the bridge's. */
const namespaceOf = (number: number): string => `${own}client${number}`

/** /init without its last line, and what is done instead of a boot. */
function driver(init: string, { after = '', timeout = 6, more = [], url = '', wanted = [] }: Client): string {
  return `${init.replace(/main "\$@"\n$/, '')}
trap - EXIT
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in /dev /run /etc; do mount -t tmpfs tmpfs "$folder"; done
mknod /dev/null c 1 3
mkdir -p /run/aria2-initrd
stage=network
dhcp_timeout=${timeout}
hostname '(none)'
ip link set dev lo up
dhcp_retry=1
urls='${url}'
kernel_url=
aria2_options=
retries=5
# A veth has no device behind it, and this machine's drivers are none of ours.
wired_interfaces() { printf '%s\\n' ${['eth0', ...more.map((_, card) => `eth${card + 1}`)].join(' ')}; }
load_drivers() { :; }
open_events
if acquire_lease '${wanted.join('\n')}' ''; then
    log "goes on with $leased_interface"
    ${after || ':'}
fi
printf 'STATE\\n'
ip -4 addr | grep 'inet .* eth'
ip -4 route
cat /etc/resolv.conf /dev/console 2>/dev/null
`
}

export class DhcpLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'hostile-dhcp-'))
  readonly #children: ChildProcess[] = []
  readonly #namespaces: string[] = []
  readonly #clients: Client[]

  private constructor(clients: Client[]) {
    this.#clients = clients
  }

  /** Lays the cables and starts the servers. */
  static async start(clients: Client[]): Promise<DhcpLab> {
    const lab = new DhcpLab(clients)
    process.on('exit', () => lab.stop())
    await lab.#prepare()
    return lab
  }

  #namespace(name: string): string {
    ip('netns', 'add', name)
    this.#namespaces.push(name)
    return name
  }

  /** A bridge with the servers' address in a namespace of its own. */
  #bridge(name: string): string {
    const namespace = this.#namespace(`${own}${name}`)
    for (const words of [
      ['link', 'set', 'lo', 'up'],
      ['link', 'add', 'bridge0', 'type', 'bridge'],
      ['addr', 'add', `${serverAddress}/16`, 'dev', 'bridge0'],
      ['link', 'set', 'bridge0', 'up'],
      ['route', 'add', 'default', 'dev', 'bridge0'],
    ])
      ip('-n', namespace, ...words)
    return namespace
  }

  async #prepare(): Promise<void> {
    const [raw, masq] = [this.#bridge('raw'), this.#bridge('dnsmasq')]
    const { busybox, applets } = await provideBinaries(silent)
    const init = Buffer.from(await generateInit()).toString('latin1')
    for (const [number, client] of this.#clients.entries()) {
      const bridge = client.dnsmasq === undefined ? raw : masq
      const namespace = this.#namespace(namespaceOf(number))
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
      const at = join(this.#folder, `client${number}`)
      for (const name of ['bin', 'dev', 'proc', 'sys', 'run', 'etc', 'usr/share/udhcpc'])
        mkdirSync(join(at, name), { recursive: true })
      if (number === 0) copyFileSync(busybox.path, join(at, 'bin/busybox'))
      else linkSync(join(this.#folder, 'client0/bin/busybox'), join(at, 'bin/busybox'))
      for (const applet of applets) symlinkSync('busybox', join(at, 'bin', applet))
      const hook = 'usr/share/udhcpc/default.script'
      copyFileSync(join(root, 'rootfs-skel', hook), join(at, hook))
      chmodSync(join(at, hook), 0o755)
      writeFileSync(join(at, 'init'), driver(init, client), 'latin1')
    }
    await Promise.all([this.#startRaw(raw), this.#startDnsmasq(masq)])
  }

  async #startRaw(namespace: string): Promise<void> {
    const table = join(this.#folder, 'answers.json')
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
    this.#children.push(server)
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
          `--dhcp-leasefile=${this.#folder}/leases`,
          '--no-ping',
          '--log-facility=-',
          '--log-dhcp',
          ...tagged,
        ],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#children.push(server)
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
    const child = spawn('ip', [
      ...[
        'netns',
        'exec',
        namespaceOf(number),
        'unshare',
        '--mount',
        '--uts',
        '--pid',
        '--fork',
        '--kill-child',
      ],
      ...['chroot', join(this.#folder, `client${number}`), '/bin/env', ...words, '/bin/sh', '/init'],
    ])
    this.#children.push(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('latin1').on('data', (chunk: string) => {
        output += chunk
      })
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await new Promise(resolve => child.once('close', resolve))
    clearTimeout(limit)
    const [console = '', state = 'no end'] = output.split('STATE\n')
    const lines = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '')
    return {
      console: lines(console).map(line => line.replace('aria2-initrd: network: ', '')),
      state: lines(state).map(line => line.trim().replace(/\s+/g, ' ')),
      seconds: (Date.now() - started) / 1000,
    }
  }

  stop(): void {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL')
    for (const name of this.#namespaces.splice(0)) {
      try {
        const inside = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
        for (const pid of inside.split('\n').filter(text => text !== '')) process.kill(Number(pid), 'SIGKILL')
        ip('netns', 'del', name)
      } catch {
        // It has gone by itself.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
