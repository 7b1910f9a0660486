import { log, setStage } from './machine.ts'

function enterStage(name: string): void {
  setStage(name)
}

function prepare(): string {
  enterStage('prepare')
  return '/tmp'
}

export function main(): void {
  const folder = prepare()
  log(folder)
}
