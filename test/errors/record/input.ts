import { log } from './machine.ts'

interface Network {
  iface: string
  gateway: string
}

function bringUp(): Network {
  const chosen = 'eth0'
  return { iface: chosen, gateway: '' }
}

function again(): Network {
  return bringUp()
}

function swap(network: Network): Network {
  const iface = network.gateway
  const gateway = network.iface
  return { iface: gateway, gateway: iface }
}

export function main(): void {
  const literal: Network = { iface: 'eth0', gateway: '' }
  for (const name of ['a', 'b']) {
    const network = bringUp()
    log(`${name}${network.iface}${network.gateway}${literal.iface}`)
  }
  const other = again()
  const third = swap(other)
  log(third.iface)
  interface Inner {
    text: string
  }
  const inner: Inner = { text: 'a' }
  log(inner.text)
}
