#!/usr/bin/env node
// In a checkout the sources run as they are: TypeScript, which tsx lets Node read. A package has them compiled.
import { accessSync, constants, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** Whether the current folder is still there. Node says otherwise with a stack trace, as soon as a module asks. */
function isSomewhere() {
  try {
    return process.cwd() !== ''
  } catch {
    return false
  }
}

const isHere = path => existsSync(new URL(path, import.meta.url))

function fail(what, help) {
  process.stderr.write(`aria2-initrd: error: ${what}\nhelp: ${help}\n`)
  process.exitCode = 1
}

if (!isSomewhere()) {
  fail('the current folder has been removed', 'change to another one: cd')
} else if (isHere('cli.ts')) {
  // tsx keeps in there what it has compiled, and cannot do without unless it is told to.
  try {
    accessSync(tmpdir(), constants.W_OK | constants.X_OK)
  } catch {
    process.env.TSX_DISABLE_CACHE = '1'
  }
  await import('tsx/esm')
  await import('./cli.ts')
} else if (isHere('../../dist/commands/cli.js')) {
  await import('../../dist/commands/cli.js')
} else {
  fail('this package lacks dist/, which npm pack alone does not make', 'in the checkout: npm run -s pack')
}
