import { before, beforeAny, consistsOf, log, readFile } from './machine.ts'

const separators = 'a-z]'
const motto = 'naïve'

export function main(): void {
  const text = readFile('/proc/version')
  const mark = before(text, '\t')
  log(`${mark}… ${motto}`)
  log('\u001b[1mbold \u00e9')
  // Comments go to /init too: é, 😀.
  const cut = beforeAny(text, separators)
  const other = beforeAny(text, mark)
  if (consistsOf(cut, 'a ]') || consistsOf(cut, '$(reboot)') || consistsOf(cut, '') || consistsOf(cut, other)) {
    log(cut)
  }
}
