// DHCP over InfiniBand, byte by byte: the image's udhcpc on an interface of that hardware type. A tap has no 20 bytes of
// address: those files of sysfs are laid over its own.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'

const guid = 'e41d2d0300501b41'
const bytes = (hex: string): string => hex.replace(/..(?!$)/g, '$&:')
const address = `80000208fe80000000000000${guid}`
/** That of all IPv4 machines in the partition ffff (RFC 4391, section 4). */
const broadcast = '00ffffffff12401bffff000000000000ffffffff'
/** 255, an IAID, and a DUID of hardware type 32 with the port's GUID (RFC 4361, section 6.1). */
const identifier = `ff00501b4100030020${guid}`

/** Ethernet's, IPv4's and UDP's header. */
const headers = 14 + 20 + 8
const quad = (text: string): number[] => text.split('.').map(Number)

interface Message {
  destination: string
  hardwareType: number
  addressLength: number
  flags: number
  hardwareAddress: string
  number: Buffer
  type: number
  identifier: string
}

function option(options: Buffer, code: number): Buffer {
  for (let at = 0; at + 1 < options.length && options[at] !== 255; at += 2 + (options[at + 1] ?? 0))
    if (options[at] === code) return options.subarray(at + 2, at + 2 + (options[at + 1] ?? 0))
  return Buffer.alloc(0)
}

/** A message of a client; undefined for any other frame. */
function messageIn(frame: Buffer): Message | undefined {
  if (frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17 || frame.readUInt16BE(36) !== 67) return
  const bootp = frame.subarray(headers)
  const options = bootp.subarray(240)
  return {
    destination: frame.subarray(0, 6).toString('hex'),
    hardwareType: bootp.readUInt8(1),
    addressLength: bootp.readUInt8(2),
    flags: bootp.readUInt16BE(10),
    hardwareAddress: bootp.subarray(28, 44).toString('hex'),
    number: bootp.subarray(4, 8),
    type: option(options, 53)[0] ?? 0,
    identifier: option(options, 61).toString('hex'),
  }
}

function checksum(header: Buffer): number {
  let sum = 0
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}

/** The answer of a server that does as RFC 4390 says: to all, without a hardware address. */
function answer({ number }: Message, type: number): Buffer {
  const bootp = Buffer.alloc(300)
  bootp.set([2, 32, 0, 0])
  number.copy(bootp, 4)
  bootp.set(quad('10.9.8.7'), 16)
  bootp.set([0x63, 0x82, 0x53, 0x63, 53, 1, type, 54, 4, ...quad('10.9.0.1'), 51, 4, 0, 0, 14, 16], 236)
  bootp.set([1, 4, 255, 255, 0, 0, 255], 257)
  const ip = Buffer.alloc(28)
  ip.set([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, ...quad('10.9.0.1'), 255, 255, 255, 255, 0, 67, 0, 68])
  ip.writeUInt16BE(28 + bootp.length, 2)
  ip.writeUInt16BE(8 + bootp.length, 24)
  ip.writeUInt16BE(checksum(ip.subarray(0, 20)), 10)
  const ethernet = Buffer.from('ffffffffffff0200000000010800', 'hex')
  return Buffer.concat([ethernet, ip, bootp])
}

let namespace = ''
let runs = 0
const children: ChildProcess[] = []
let folder = ''

function stop(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  if (folder === '') return
  rmSync(folder, { recursive: true, force: true })
  folder = ''
  execFileSync('ip', ['netns', 'del', namespace])
}
process.on('exit', stop)
test.after(stop)

/** Runs udhcpc until it has a lease; what it sent, and what its script was called with. */
async function lease(...words: string[]): Promise<{ messages: Message[]; said: string }> {
  const { busybox } = await provideBinaries(silent)
  folder = mkdtempSync(join(tmpdir(), 'infiniband-'))
  runs += 1
  namespace = `infiniband-${process.pid}-${runs}`
  execFileSync('ip', ['netns', 'add', namespace])
  const inside = ['netns', 'exec', namespace]
  const tap = spawn('ip', [...inside, 'perl', fileURLToPath(new URL('infiniband-tap', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.push(tap)
  const messages: Message[] = []
  let rest = ''
  await new Promise<void>((resolve, reject) => {
    tap.once('exit', status => reject(new Error(`the tap ended: ${status}`)))
    tap.stdout.setEncoding('utf8').on('data', (piece: string) => {
      const lines = `${rest}${piece}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line === 'ready') resolve()
        const message = line === 'ready' ? undefined : messageIn(Buffer.from(line, 'hex'))
        if (message === undefined) continue
        messages.push(message)
        tap.stdin.write(`${answer(message, message.type === 1 ? 2 : 5).toString('hex')}\n`)
      }
    })
  })
  for (const [name, hex] of Object.entries({ address, broadcast }))
    writeFileSync(join(folder, name), `${bytes(hex)}\n`)
  const script = join(folder, 'script')
  writeFileSync(script, '#!/bin/sh\necho "$1 ${ip:-} $interface"\n', { mode: 0o755 })
  const mounts = ['address', 'broadcast']
    .map(name => `mount --bind ${join(folder, name)} /sys/class/net/ib0/${name}`)
    .join('; ')
  const client = `${mounts}; exec ${busybox.path} udhcpc -f -q -n -t 3 -T 2 -i ib0 -s ${script} "$@" 2>&1`
  const { stdout: said } = await promisify(execFile)(
    'ip',
    [...inside, 'unshare', '--mount', 'sh', '-euc', client, 'udhcpc', ...words],
    { timeout: 20_000 },
  )
  stop()
  return { messages, said }
}

const declare = needs(
  test,
  { ip: 'iproute2', unshare: 'util-linux', perl: 'perl-base', '/dev/net/tun': 'a kernel with tun' },
  true,
)

declare('InfiniBand: type 32, no address, broadcasts, an identifier of the GUID (RFC 4390)', async () => {
  const { messages, said } = await lease()
  assert.equal(
    messages.map(({ type }) => type),
    [1, 3],
    said,
  )
  for (const message of messages) {
    // What of the link's broadcast address there is room for in a tap's header.
    assert.is(message.destination, broadcast.slice(0, 12))
    assert.is(message.hardwareType, 32)
    assert.is(message.addressLength, 0)
    assert.is(message.flags, 0x8000)
    assert.is(message.hardwareAddress, '00'.repeat(16))
    assert.is(message.identifier, identifier)
  }
  assert.match(said, 'bound 10.9.8.7 ib0')
})

declare('InfiniBand: an identifier that is given counts', async () => {
  const { messages, said } = await lease('-x', '0x3d:00616263')
  assert.equal(
    messages.map(message => [message.hardwareType, message.identifier]),
    [
      [32, '00616263'],
      [32, '00616263'],
    ],
    said,
  )
})

test.run()
