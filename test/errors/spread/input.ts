import { lines, modprobe, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  modprobe('-a', ...lines(text))
}
