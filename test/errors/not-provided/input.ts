import { log, setStage } from './machine.ts'

function begin(stageName: string): void {
  setStage(stageName)
}

function boot(): void {
  begin('one')
  log('one')
}

export function main(): void {
  boot()
}
