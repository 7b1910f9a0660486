import { readdirSync, readFileSync } from 'node:fs'

/** The parent of each process of the machine. */
function parents(): Map<number, number> {
  const found = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // `PID (name, which may hold anything) STATE PARENT …`: see proc(5).
      const [, parent] = /^.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      found.set(Number(name), Number(parent))
    } catch {} // it has ended in the meantime
  }
  return found
}

/** Asks a process and all that it has started, directly or not, to end. */
export function endTree(pid: number): void {
  const family = new Set([pid])
  const all = [...parents()]
  let grown = true
  while (grown) {
    const before = family.size
    for (const [child, parent] of all) if (family.has(parent)) family.add(child)
    grown = family.size > before
  }
  for (const one of family) {
    try {
      process.kill(one, 'SIGTERM')
    } catch {} // it has ended by itself
  }
}
