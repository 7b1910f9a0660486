import { log, setStage } from './machine.ts'

function begin(name: string): void {
  setStage(name)
}

function prepare(): string {
  begin('prepare')
  return '/tmp'
}

export function main(): void {
  const folder = prepare()
  log(folder)
}
