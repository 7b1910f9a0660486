import { log } from './machine.ts'

const stage = 'mine'
const address = '10.0.0.1'

interface First {
  address: string
}

interface Second {
  address: string
}

function first(): First {
  return { address }
}

function second(): Second {
  return { address }
}

export function main(): void {
  const one = first()
  const two = second()
  log(`${stage}${one.address}${two.address}`)
}
