import { defaultParameters, log, setStage } from './machine.ts'
import type { Parameters } from './parameters.ts'

interface Network {
  iface: string
}

function enterStage(stageName: string, parameters: Parameters): void {
  setStage(stageName)
  log(parameters.colour)
}

function findNetwork(): Network {
  return { iface: 'eth0' }
}

function boot(parameters: Parameters): void {
  enterStage('one', parameters)
  log('one')
  enterStage('two', parameters)
  const network = findNetwork()
  log(network.iface)
}

export function main(): void {
  const parameters = defaultParameters()
  boot(parameters)
}
