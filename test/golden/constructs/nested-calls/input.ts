import { lines, log, lowerCase, makeDirectory, namesIn, split, writeFile } from './machine.ts'

function lengthOf(text: string): number {
  return text.length
}

function quoted(text: string): string {
  return `<${lowerCase(text)}>`
}

export function main(): void {
  const text = 'A\nB'
  log(`${quoted(text)} and ${lowerCase('C')}, ${lengthOf(text) * 2 - lengthOf('abc')}`)
  if (lengthOf(text) - 2 > 1 && quoted('*') === '<*>') {
    log('asked')
  }
  let round = 0
  while (round < lengthOf('xyz')) {
    round += lengthOf('x')
  }
  log(`${round}`)
  makeDirectory('folder/b c')
  makeDirectory('folder/-a')
  writeFile('folder/*', quoted('Q'))
  for (const name of lines(namesIn('folder'))) {
    log(name)
  }
  for (const part of split(lowerCase('X,,Y Z,'), ',')) {
    log(`(${part})`)
  }
}
