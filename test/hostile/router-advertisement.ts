/** Router advertisements in bytes (RFC 4861, RFC 8106): what a router can say, and what it should not. */

const bytesOf = (address: string): Buffer => {
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => text.split(':').filter(group => group !== '')
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0')
  return Buffer.from(
    [...groups(head), ...zeros, ...groups(tail)].map(group => group.padStart(4, '0')).join(''),
    'hex',
  )
}

const seconds = (number: number): Buffer => {
  const field = Buffer.alloc(4)
  field.writeUInt32BE(number)
  return field
}

/** An option, padded to whole units of 8 bytes. */
function option(kind: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const units = Math.ceil((body.length + 2) / 8)
  return Buffer.concat([Buffer.from([kind, units]), body, Buffer.alloc(units * 8 - 2 - body.length)])
}

/** A network on the link (flag L) of which addresses are made (flag A). */
export const prefix = (address: string, length = 64, lifetime = 3600): Buffer =>
  option(
    3,
    Buffer.from([length, 0xc0]),
    seconds(lifetime),
    seconds(lifetime),
    Buffer.alloc(4),
    bytesOf(address),
  )

export const mtu = (size: number): Buffer => option(5, Buffer.alloc(2), seconds(size))

export const nameServers = (lifetime: number, ...addresses: string[]): Buffer =>
  option(25, Buffer.alloc(2), seconds(lifetime), ...addresses.map(bytesOf))

/** Each domain in labels as they are, whatever is in them. */
export const domains = (lifetime: number, ...names: string[][]): Buffer => {
  const label = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')])
  const encoded = names.map(labels => Buffer.concat([...labels.map(label), Buffer.alloc(1)]))
  return option(31, Buffer.alloc(2), seconds(lifetime), ...encoded)
}

/** An advertisement in hex. */
export function advertisement(routerLifetime: number, ...options: Buffer[]): string {
  const header = Buffer.alloc(16)
  header[0] = 134
  header[4] = 64
  header.writeUInt16BE(routerLifetime, 6)
  return Buffer.concat([header, ...options]).toString('hex')
}
