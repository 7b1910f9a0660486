import { append, exists, fileHasLine, hasContent, isDirectory, log, lowerCase, makeDirectory, readFile, remove, setStage, sizeOf, asDecimal, writeFile } from './machine.ts'

function show(path: string): void {
  if (exists(path)) {
    log(`${path} is there`)
  }
  if (isDirectory(path)) {
    log(`${path} is a directory`)
  }
  if (hasContent(path) && !isDirectory(path)) {
    const text = readFile(path)
    const size = sizeOf(path)
    log(`${path} holds ${size}: ${text}`)
  }
  if (fileHasLine(path, '-x *')) {
    log(`${path} has the line`)
  }
}

export function main(): void {
  setStage('files')
  makeDirectory('-folder/deep')
  writeFile('-folder/a b', '-x *')
  writeFile('-n', 'one\n-x *\nthree')
  append('-folder/a b', '-n')
  for (const name of ['-n', '-folder', '-folder/a b', 'nothing', '--']) {
    show(name)
  }
  remove('-n')
  show('-n')
  remove('-n')
  const small = lowerCase('ABC-xyz $')
  const seconds = asDecimal(1050)
  log(`${small} ${seconds}`)
}
