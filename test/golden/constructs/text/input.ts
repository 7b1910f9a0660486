import { after, afterLast, before, beforeAny, beforeLast, log, withoutFirst, withoutPrefix, withoutSuffix } from './machine.ts'

const marks = ',;'

function slice(text: string, mark: string): void {
  const head = before(text, mark)
  const tail = after(text, mark)
  const allButLast = beforeLast(text, mark)
  const last = afterLast(text, mark)
  const noPrefix = withoutPrefix(text, mark)
  const noSuffix = withoutSuffix(text, mark)
  const none = beforeAny(text, marks)
  log(`${head}|${tail}|${allButLast}|${last}|${noPrefix}|${noSuffix}|${none}|${withoutFirst(text)}`)
}

export function main(): void {
  slice('a=b=c', '=')
  slice('a,b;c', ';')
  slice('no mark', '=')
  slice('', '=')
  slice('***', '*')
  slice('a\nb', '\n')
  const fixed = 'a$b*c"d\'e~f}g/h i'
  log(`${before(fixed, '$')} ${after(fixed, '*')} ${after(fixed, '"')} ${after(fixed, '\'')}`)
  log(`${after(fixed, '~')} ${after(fixed, '}')} ${after(fixed, '/')} ${after(fixed, 'h ')} ${before(fixed, '*c"')}`)
}
