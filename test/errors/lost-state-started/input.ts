import { announce, openEvents, run, setStage, start, waitFor } from './machine.ts'

function work(): void {
  setStage('work')
  run('ls')
}

function startsOne(): string {
  const job = start(() => run('ls'))
  return `${job}`
}

export function main(): void {
  openEvents()
  start(() => work())
  const status = waitFor(start(() => announce('x')))
  const text = startsOne()
  announce(`${status}${text}`)
}
