import { after, afterLast, before, exists, fail, log, lowerCase, remove, withoutPrefix, writeFile } from './machine.ts'

function nameOf(kind: string, size: number): string {
  return kind === 'a' ? 'first' : size > 3 ? 'large' : kind.startsWith('x') ? 'odd' : lowerCase(kind)
}

function isUsable(kind: string): boolean {
  return kind === '' ? exists('marker') : kind !== 'bad'
}

/** A key and its value; a key alone has none. */
function showSetting(setting: string): void {
  const key = before(setting, '=')
  const value = after(setting, '=', '')
  const rest = withoutPrefix(setting, 'rd.', '(not ours)')
  log(`${key}: ${value === '' ? 'nothing' : value}, last ${afterLast(value, '/', 'none')}, ${rest}`)
}

function required(text: string): string {
  const found = text === '' ? fail('nothing given') : text
  return found
}

export function main(): void {
  for (const kind of ['a', 'X', '', 'xy', '-n', '* ']) {
    const count = kind === 'X' ? 5 : kind.length
    const half = count > 3 ? Math.trunc(count / 2) : count * 2
    const name = nameOf(kind, half)
    log(isUsable(kind) ? `usable ${name}` : 'not usable')
    const shown = kind === '' ? 'empty' : kind
    const given = kind === '' ? '' : `given: ${kind}`
    log(`${shown} ${half} ${given}`)
    let text = ''
    text = kind.endsWith('y') || kind.includes('*') ? 'special' : (kind !== 'a' ? 'other' : 'a itself')
    text += exists('marker') ? ' again' : ' once'
    log(text)
    writeFile(kind === 'X' ? 'marker' : 'other', kind === '' ? 'x' : kind)
  }
  for (const setting of ['ip=dhcp', 'quiet', 'rd.x==a/b=', '=', '*=*', 'a=-n', "it's=$(x)`y`\\"]) {
    showSetting(setting)
  }
  const kept = required('something')
  log(kept)
  remove('marker')
}
