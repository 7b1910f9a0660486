interface Network {
  iface: string
}

export function useNetwork(network: Network): void {
  log(network.iface)
}

import { log } from './machine.ts'
