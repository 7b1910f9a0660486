import { log } from './machine.ts'

export function main(): void {
  let text: string
  text = 'a'
  log(text)
}
