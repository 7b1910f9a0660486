import { consistsOf, log, withoutPrefix, withoutSuffix } from './machine.ts'

function classify(text: string, prefix: string): void {
  if (text.startsWith('--')) {
    log('option')
  } else if (text.endsWith('.img') || text.includes('*')) {
    log('image or star')
  } else {
    log('neither')
  }
  if (!text.startsWith('/')) {
    log('relative')
  } else if (text.startsWith('/dev')) {
    log('device')
  }
  if (text.startsWith(prefix)) {
    log('has the prefix')
  }
  if (!text.includes(`${prefix}.`) && !text.includes('$')) {
    log('neither of two')
  }
  if (consistsOf(text, '0-9a-f.')) {
    log('digits')
  }
  if (!consistsOf(text, 'A-Z_-')) {
    log('not all capitals')
  }
  if (text !== '' && consistsOf(text, '0-9') && text.endsWith('0')) {
    log('a multiple of ten')
  }
  let rest = text
  while (rest.startsWith('/') || rest.endsWith('/')) {
    rest = withoutPrefix(rest, '/')
    rest = withoutSuffix(rest, '/')
  }
  log(`rest ${rest}`)
}

export function main(): void {
  for (const given of ['', '--a', 'a.img', 'a*b', '/dev/x', '//a//', '1f.', '120', 'A-Z_', 'esac', "it's", '[a]', 'p.', '$', '~']) {
    log(`given ${given}`)
    classify(given, '')
    classify(given, 'p')
    classify(given, '*')
  }
}
