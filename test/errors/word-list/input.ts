import { modprobe } from './machine.ts'

export function main(): void {
  const first: string[] = ['a']
  const second: string[] = ['b']
  for (const word of first) {
    first.push(word)
  }
  modprobe(...first)
  modprobe(...second)
}
