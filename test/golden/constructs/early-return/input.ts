import { exists, fail, log, succeeds } from './machine.ts'

/** The status of a condition that did not hold is not handed on. */
function check(path: string): void {
  if (exists(path)) {
    log('there')
  } else {
    return
  }
  log('checked')
}

function checkKind(kind: string): void {
  if (kind === 'a') {
    log('a')
  } else if (kind === 'b') {
    return
  } else {
    switch (kind) {
      case 'c':
        return
    }
    return
  }
}

export function main(): void {
  check('nothing')
  check('.')
  checkKind('a')
  checkKind('b')
  checkKind('c')
  checkKind('d')
  if (!succeeds(() => check('nothing'))) {
    fail('an early return is no failure')
  }
  if (exists('nothing')) {
    log('never')
  } else {
    return
  }
}
