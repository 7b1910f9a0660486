import { log, setStage } from './machine.ts'

function enterStage(stageName: string): void {
  setStage(stageName)
}

function boot(): void {
  enterStage('one')
  log('one')
}

export function main(): void {
  boot()
}
