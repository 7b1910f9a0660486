import { log, mount } from './machine.ts'

interface Mounted {
  target: string
}

/** What comes right before the record is handed on by its own status. */
function mountTarget(status: string): Mounted {
  const target = 'folder'
  log('mounting')
  mount(target, status)
  return { target }
}

export function main(): void {
  const mounted = mountTarget('3')
  log(`never here: ${mounted.target}`)
}
