import { fields, ip, readFile } from './machine.ts'

export function main(): void {
  const text = readFile('/a')
  const words: string[] = ['link']
  const [first, second] = fields(text, ':')
  words.push(first, second)
  ip(...words)
}
