#!/usr/bin/env node
// The sources are TypeScript and stay so: /init is compiled from them at run time. tsx lets Node read them.
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'

// tsx keeps there what it has compiled, and cannot do without unless it is told to.
try {
  accessSync(tmpdir(), constants.W_OK | constants.X_OK)
} catch {
  process.env.TSX_DISABLE_CACHE = '1'
}
await import('tsx/esm')
await import('./cli.ts')
