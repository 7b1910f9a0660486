import { exists, log } from './machine.ts'

interface Answers {
  yes: boolean
  names: string[]
}

function ask(answers: Answers): string {
  const text = `${answers.yes}${answers.names.length}`
  return text
}

function collect(list: string[], done: boolean): string[] {
  if (done) {
    list.push('done')
  }
  return list
}

export function main(): void {
  const isThere = exists('/a')
  const call = log
  const nothing = undefined
  const names = ['a']
  call(ask({ yes: isThere, names }))
  collect(names, true)
  log(`${nothing}`)
}
