// How far a large digest is: the functions of /init under the image's BusyBox, with a program that reads slowly.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { functionsOf } from '../lab/node-root.ts'

const folder = mkdtempSync(join(tmpdir(), 'digest-progress-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const { busybox } = await provideBinaries(silent)
writeFileSync(join(folder, 'functions'), functionsOf(await ownInit()))

/** Reads a quarter of the file, waits until two lines were due, then reads the rest; ends with a status. */
const driver = (file: string, status: number) => `
. ${folder}/functions
trap - EXIT
busybox() { ${busybox.path} "$@"; }
log() { printf '%s\\n' "$1" >&2; }
sleep() { busybox sleep 0.2; }
slow() {
    busybox head -c 20000000 >/dev/null
    busybox sleep 0.5
    busybox sha256sum
    return ${status}
}
digest_of slow ${file} 2>&1
printf 'status %s\\n' "$?"
`
function run(size: number, status = 0): string[] {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  truncateSync(file, size)
  const script = join(folder, 'driver')
  writeFileSync(script, driver(file, status))
  return execFileSync(busybox.path, ['sh', script], { encoding: 'utf8' })
    .replaceAll(`${folder}/`, '')
    .trimEnd()
    .split('\n')
}

/** The digest of what `slow` has left of a file of zeros. */
const rest = (size: number) =>
  createHash('sha256')
    .update(Buffer.alloc(size - 20_000_000))
    .digest('hex')

test('a large one: a line each few seconds, with per cent, and the digest', () => {
  const lines = run(80_000_000)
  assert.equal(lines.splice(-2), [rest(80_000_000), 'status 0'])
  assert.ok(lines.includes('file: 25 % of 76 MiB read'), lines.join('\n'))
  for (const line of lines) assert.match(line, /^file: \d+ % of 76 MiB read$/)
})

test('a small one: nothing but the digest', () => {
  assert.equal(run(2 ** 26 - 1), [rest(2 ** 26 - 1), 'status 0'])
})

test('one that fails hands its status on', () => {
  assert.equal(run(2 ** 20, 3).at(-1), 'status 3')
})

test.run()
