import { aria2c, fail, kexec, log, mount, succeeds } from './machine.ts'

function mountAll(status: string): void {
  mount('first', '0')
  mount('second', status)
  log('both are mounted')
}

function answer(status: string): string {
  ifBad(status)
  return 'good'
}

function ifBad(code: string): void {
  if (code !== '0') {
    fail(`code ${code} is bad`)
  }
  log(`code ${code} is good`)
}

function always(): never {
  return fail('always')
}

function choose(kind: string): string {
  if (kind === 'stop') {
    return fail('told to stop')
  }
  return kind
}

function inLoop(): void {
  for (const status of ['0', '3', '0']) {
    mount('loop', status)
  }
  log('never here')
}

function inSwitch(kind: string): void {
  switch (kind) {
    case 'mount':
      mount('switch', '1')
      break
    default:
      kexec('-e', '2')
  }
}

export function main(): void {
  if (succeeds(() => mountAll('0'))) {
    log('well')
  }
  if (!succeeds(() => mountAll('7'))) {
    log('not well')
  }
  succeeds(() => mountAll('1'))
  succeeds(() => inLoop())
  succeeds(() => inSwitch('mount'))
  succeeds(() => inSwitch('other'))
  succeeds(() => always())
  let code = aria2c(9, '--a', '0')
  log(`status ${code}`)
  code = aria2c(9, '--b', '22')
  log(`status ${code}`)
  const good = answer('0')
  log(good)
  const chosen = choose('go')
  log(chosen)
  if (!succeeds(() => kexec('-s', '1')) && succeeds(() => kexec('-c', '0'))) {
    log('the second way')
  }
  const bad = answer('1')
  log(`never here: ${bad}`)
}
