/** BusyBox's `ip`, as far as /init uses it; it refuses what the kernel refuses. */

import type { Outcome } from './outcome.ts'
import type { Hardware } from './simulated-devices.ts'

const done: Outcome = { status: 0 }
const refused = (stderr: string): Outcome => ({ status: 1, stderr: `ip: ${stderr}\n` })
const answered = (what: string): Outcome => ({ status: 2, stderr: `ip: RTNETLINK answers: ${what}\n` })

/** The 32 bits of an IPv4 address as a number; undefined for anything else. */
function numberOf(text: string): number | undefined {
  const octets = text.split('.').map(octet => (/^\d{1,3}$/.test(octet) ? Number(octet) : 256))
  if (octets.length !== 4 || octets.some(octet => octet > 255)) return undefined
  return octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

interface Prefix {
  from: number
  length: number
}

/** `10.0.0.5/24`, with the bits behind the prefix as they are; undefined for anything else. */
function prefixOf(text: string): Prefix | undefined {
  const [address = '', given = '32'] = text.split('/')
  const from = numberOf(address)
  if (from === undefined || !/^\d{1,2}$/.test(given) || Number(given) > 32) return undefined
  return { from, length: Number(given) }
}

const holds = ({ from, length }: Prefix, address: number): boolean => {
  const block = 2 ** (32 - length)
  return Math.trunc(from / block) === Math.trunc(address / block)
}

const isIpv6 = (text: string): boolean => text.includes(':')

export class IpCommand {
  readonly #hardware: Hardware
  /** What can be reached on each device without a gateway. */
  readonly #onLink = new Map<string, Prefix[]>()
  /** What `add` was given: it takes nothing twice. */
  readonly #given = new Set<string>()

  /** Addresses that were set, with their prefix. */
  readonly #fixed = new Map<string, string>()

  constructor(hardware: Hardware) {
    this.#hardware = hardware
  }

  /** @param words those after `ip` */
  run(given: string[], now: number): Outcome {
    const words = given.filter(word => word !== '-4' && word !== '-6' && word !== '-o')
    const [object, action, ...rest] = words
    const [target = ''] = rest
    const value = (word: string): string | undefined =>
      rest.includes(word) ? (rest[rest.indexOf(word) + 1] ?? '') : undefined
    if (object === 'link' && action === 'add') return this.#addLink(value, now)
    const device = value('dev')
    if (device !== undefined && !this.#hardware.has(device, now))
      return object === 'link'
        ? refused('ioctl 0x8913 failed: No such device')
        : refused(`can't find device '${device}'`)
    if (object === 'link') return this.#setLink(words, device ?? '', value, now)
    if (object === 'addr' && action === 'show') {
      const address = this.#fixed.get(device ?? '') ?? this.#hardware.leasedAddress(device ?? '')
      return address === undefined
        ? done
        : { status: 0, stdout: `2: ${device}    inet ${address} scope global ${device}\\\n` }
    }
    if (object === 'addr' && action === 'flush') {
      this.#onLink.delete(device ?? '')
      this.#hardware.setAddress(device ?? '', false)
      return done
    }
    if (object === 'route' && action === 'del') {
      this.#hardware.dropDefaultRoute(device ?? '')
      return done
    }
    const key = rest.join(' ')
    if (action === 'add' && this.#given.has(`${object} ${key}`)) return answered('File exists')
    const outcome =
      object === 'addr' ? this.#address(target, device ?? '', value, now) : this.#route(target, device, value)
    if (outcome.status === 0 && object === 'addr') this.#hardware.setAddress(device ?? '', true)
    if (outcome.status === 0 && target === 'default')
      this.#hardware.addDefaultRoute(device ?? '', Number(value('metric') ?? '0'))
    if (outcome.status === 0) this.#given.add(`${object} ${key}`)
    return outcome
  }

  #addLink(value: (word: string) => string | undefined, now: number): Outcome {
    const name = value('name') ?? ''
    const parent = value('link')
    if (this.#hardware.has(name, now)) return answered('File exists')
    if (parent !== undefined && !this.#hardware.has(parent, now))
      return refused(`can't find device '${parent}'`)
    const id = Number(value('id') ?? '1')
    if (id < 1 || id > 4094) return answered('Numerical result out of range')
    this.#hardware.addLink(name, parent, value('type') === 'bond', now)
    return done
  }

  #setLink(
    words: string[],
    device: string,
    value: (word: string) => string | undefined,
    now: number,
  ): Outcome {
    const mtu = value('mtu')
    if (mtu !== undefined && !(Number(mtu) >= 68 && Number(mtu) <= 65535))
      return { status: 2, stderr: 'ip: ioctl 0x8922 failed: Invalid argument\n' }
    const address = value('address')
    if (
      address !== undefined &&
      !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$|^([0-9a-f]{2}:){19}[0-9a-f]{2}$/i.test(address)
    )
      return refused(`${address} is not a hardware address`)
    const name = value('name')
    if (name !== undefined) {
      if (this.#hardware.has(name, now)) return refused('ioctl 0x8923 failed: File exists')
      this.#hardware.rename(device, name)
    }
    const master = value('master')
    if (master !== undefined && !this.#hardware.has(master, now))
      return refused(`can't find device '${master}'`)
    if (master !== undefined) this.#hardware.join(device)
    if (words.at(-1) === 'down') this.#hardware.setDown(device)
    const failure = words.at(-1) === 'up' ? this.#hardware.setUp(device, now) : undefined
    return failure === undefined ? done : { status: 1, stderr: `${failure}\n` }
  }

  #address(
    target: string,
    device: string,
    value: (word: string) => string | undefined,
    now: number,
  ): Outcome {
    if (isIpv6(target)) {
      this.#hardware.setIpv6Address(device, target, now)
      return done
    }
    const peer = value('peer')
    const local = prefixOf(target)
    if (local === undefined) return refused(`an inet prefix is expected rather than "${target}"`)
    const onLink = peer === undefined ? local : prefixOf(peer)
    if (onLink === undefined) return refused(`an inet prefix is expected rather than "${peer}"`)
    this.#reach(device, onLink)
    this.#fixed.set(device, target)
    return done
  }

  #route(target: string, device: string | undefined, value: (word: string) => string | undefined): Outcome {
    const via = value('via')
    if (isIpv6(target) || (via !== undefined && isIpv6(via))) return done
    const destination = prefixOf(target === 'default' ? '0.0.0.0/0' : target)
    if (destination === undefined) return refused(`an inet prefix is expected rather than "${target}"`)
    if (via === undefined) {
      if (device === undefined) return answered('No such device')
      this.#reach(device, destination)
      return done
    }
    const gateway = numberOf(via)
    if (gateway === undefined) return refused(`an inet address is expected rather than "${via}"`)
    const ways = device === undefined ? [...this.#onLink.values()].flat() : (this.#onLink.get(device) ?? [])
    // The network of a lease is the hook's doing.
    if (device !== undefined && this.#hardware.isLeased(device)) return done
    return ways.some(way => holds(way, gateway)) ? done : answered('Network unreachable')
  }

  #reach(device: string, way: Prefix): void {
    this.#onLink.set(device, [...(this.#onLink.get(device) ?? []), way])
  }
}
