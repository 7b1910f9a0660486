// A DHCP server that says what a test wants: for each hardware address what it offers, and what follows a request. It
// is started in a network namespace of its own, with the path of its table.
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** What a client gets. */
export interface Answer {
  address: string
  /** `nothing`: not even an offer; the others follow a request for what was offered. */
  follows?: 'ack' | 'nak' | 'silence' | 'nothing'
  /** Option to its bytes in hex; an empty text leaves out one that each answer has. */
  options?: Record<number, string>
  /** The address in the answer to a renewal. */
  renewed?: string
}

export const serverAddress = '10.9.0.1'
const quad = (address: string): number[] => address.split('.').map(Number)
const usual: Record<number, string> = {
  1: Buffer.from(quad('255.255.0.0')).toString('hex'),
  3: Buffer.from(quad(serverAddress)).toString('hex'),
  6: Buffer.from(quad(serverAddress)).toString('hex'),
  51: '00000e10',
  54: Buffer.from(quad(serverAddress)).toString('hex'),
}

/** A BOOTP reply (RFC 2131, section 2). */
function reply(request: Buffer, type: number, { address, options = {} }: Answer): Buffer {
  const head = Buffer.alloc(240)
  head.set([2, 1, 6, 0])
  request.copy(head, 4, 4, 8)
  head.set(type === 6 ? [0, 0, 0, 0] : quad(address), 16)
  request.copy(head, 28, 28, 44)
  head.writeUInt32BE(0x63825363, 236)
  const all: Record<number, string> = { 53: type.toString(16).padStart(2, '0'), ...usual, ...options }
  const pieces = Object.entries(all).flatMap(([code, hex]) => {
    const bytes = Buffer.from(hex, 'hex')
    return hex === '' ? [] : [Buffer.from([Number(code), bytes.length]), bytes]
  })
  return Buffer.concat([head, ...pieces, Buffer.from([255])])
}

function messageType(packet: Buffer): number | undefined {
  for (let at = 240; at + 2 < packet.length && packet[at] !== 255; at += 2 + (packet[at + 1] ?? 0))
    if (packet[at] === 53) return packet[at + 2]
  return undefined
}

function serve(answers: Record<string, Answer>): void {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  socket.on('message', packet => {
    const mac = packet.subarray(28, 34).toString('hex')
    const answer = answers[mac]
    const type = messageType(packet)
    if (answer === undefined || answer.follows === 'nothing') return
    const send = (kind: number, given = answer) =>
      socket.send(reply(packet, kind, given), 68, '255.255.255.255')
    if (type === 1) send(2)
    if (type !== 3 || answer.follows === 'silence') return
    const isRenewal = packet.readUInt32BE(12) !== 0
    if (answer.follows === 'nak') send(6)
    else send(5, isRenewal && answer.renewed !== undefined ? { ...answer, address: answer.renewed } : answer)
  })
  // The boot server of some.
  createServer(client => client.end()).listen(8000)
  socket.bind(67, () => {
    socket.setBroadcast(true)
    process.stdout.write('ready\n')
  })
}

const [, script = '', table] = process.argv
if (script.endsWith('dhcp-server.ts') && table !== undefined) serve(JSON.parse(readFileSync(table, 'utf8')))
