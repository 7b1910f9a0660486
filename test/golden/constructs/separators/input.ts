import { fields, ip, lines, log, readFile, split, words, writeFile } from './machine.ts'

function lettersIn(text: string): number {
  let letters = 0
  for (const line of lines(text)) {
    const size = line.length
    letters += size
  }
  return letters
}

function nameFor(text: string): string {
  let name = 'file'
  for (const line of lines(text)) {
    name += `-${line}`
  }
  return name
}

function linesOf(text: string): string {
  const list: string[] = [...lines(text)]
  return `${list.length}`
}

function show(text: string): void {
  ip('show', ...lines(text))
}

// What cuts a text need not set IFS again; what is called from here on, in a word of any kind, cannot rely on it.
export function main(): void {
  const text = 'a b\nc:d\n\n*,e'
  show(text)
  log(`${lettersIn(text)} ${nameFor('x\ny')} ${linesOf(text)}`)
  const [first, second] = fields(text, ':')
  const more = lettersIn(text) + 1
  writeFile(nameFor('x\ny'), first)
  for (const part of split(second, ':')) {
    log(`${part} ${more} ${linesOf(text)}`)
  }
  // The words of a text.
  ip('all', ...words(text))
  if (more > 2) {
    // And once more.
    ip('some', ...words(text))
  }
  const written = readFile('file-x-y')
  log(written === '' ? 'nothing' : `${written.length} ${linesOf(text)}`)
  show(text)
}
