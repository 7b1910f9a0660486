import { entries, lines, log, modprobe, readFile, split, succeeds } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const given: string[] = [...lines('a b'), ...lines(text)]
  modprobe('-a', ...lines(text), ...split(text, ','))
  if (succeeds(() => modprobe(...lines(entries('/a')))) || given.length > 2) {
    log('asked')
  }
}
