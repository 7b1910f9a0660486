import { ip, log, modprobe } from './machine.ts'

function load(extra: string): void {
  const options: string[] = ['-a', `--name=${extra}`]
  if (extra !== '') {
    options.push(extra, 'more')
  }
  options.push('-z')
  ip('link', ...options, 'end')
  log(`${options.length} words`)
  for (const option of options) {
    log(`word <${option}>`)
  }
}

export function main(): void {
  load('')
  load('two words')
  load('*')
  load('-n')
  const none: string[] = []
  modprobe(...none)
}
