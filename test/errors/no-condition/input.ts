import { log, readFile } from './machine.ts'

function isReady(): boolean {
  const text = readFile('/a')
  const count = 3
  if (text) {
    log('text')
  }
  while (!count) {
    log('count')
  }
  return text.length > 3 || 'x'.startsWith('x')
}

export function main(): void {
  if (isReady()) {
    log('ready')
  }
}
