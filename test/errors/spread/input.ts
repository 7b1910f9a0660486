import { lines, log, modprobe, namesIn, readFile, split, succeeds } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const given: string[] = [...lines('a b'), ...lines(text)]
  modprobe('-a', ...lines(text), ...split(text, ','))
  if (succeeds(() => modprobe(...lines(namesIn('/a')))) || given.length > 2) {
    log('asked')
  }
}
