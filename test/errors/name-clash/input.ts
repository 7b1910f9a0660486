import { exists, lines, log, succeeds, uptime } from './machine.ts'

const folder = '/tmp'

function report(path: string): void {
  const stage = 'x'
  log(`${path}${stage}`)
}

function walk(list: string): void {
  for (const item of lines(list)) {
    log(item)
  }
}

function walkDeeper(names: string): void {
  walk(names)
}

function lengthen(text: string): void {
  text = `${text}!`
  log(text)
}

function overwrite(): void {
  const note = 'b'
  log(note)
}

function handOn(note: string): void {
  log(note)
  overwrite()
}

export function main(): void {
  const path = '/a'
  report('/b')
  const segmentSize = uptime()
  const newline = `no ${segmentSize}`
  log(path + newline + folder)
  const item = 'first'
  while (exists('/a')) {
    log(item)
    if (succeeds(() => walkDeeper('a'))) {
      log('walked')
    }
  }
  const text = 'a'
  lengthen(text)
  log(text)
  const note = 'a'
  handOn(note)
  log(note)
}

function useFolder(): void {
  const folder = '/run'
  log(folder)
}

export function begin(): void {
  useFolder()
}
