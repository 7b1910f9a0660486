import { ip, lines, log, makeDirectory, modprobe, namesIn, split, succeeds, words } from './machine.ts'

function loadAll(aliases: string): void {
  modprobe('-a', '--', ...lines(aliases))
}

function count(list: string): number {
  const found: string[] = ['x', ...split(list, ',')]
  return found.length
}

export function main(): void {
  loadAll('pci:v1\nusb: a*b\n\n-q\n$(x) "y"\\')
  loadAll('')
  const options: string[] = []
  const given = ' set   dev eth0\n* '
  options.push('link', ...words(given), 'up')
  ip(...options)
  log(`${options.length} ${count('a,,b, c ,')} ${count('')}`)
  makeDirectory('folder/b c')
  makeDirectory('folder/a')
  succeeds(() => ip('names', ...lines(namesIn('folder'))))
}
