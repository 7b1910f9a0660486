import { log } from './machine.ts'

interface Network {
  iface: string
}

/** This is not the boot's Network, and it comes after this stage. */
export function useNetwork(network: Network): void {
  log(network.iface)
}
