// /init's lines on a terminal, under the packed shell: none is lost because a child of it ends just then.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'

const lines = 2000

/** What a shell says on a terminal of its own. */
function onTerminal(log: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'console-lines-'))
  try {
    const script = join(folder, 'script')
    const body = `${log}
record() { :; }
stage=start
count=0
while [ "$count" -lt ${lines} ]; do
    : &
    log "line $count"
    count=$((count + 1))
done
wait
`
    writeFileSync(script, body)
    const { stdout } = spawnSync('script', ['-qec', `"$BUSYBOX" sh ${script}`, '/dev/null'], {
      encoding: 'latin1',
      env: { ...process.env, BUSYBOX: busybox, SHELL: '/bin/sh' },
      maxBuffer: 16 << 20,
    })
    return stdout.split('\r\n').filter(line => line !== '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const busybox = (await provideBinaries(terminalProgress())).busybox.path
const declare = needs(test, { script: 'bsdutils' }, true)

declare('lines that are written while children end are there', async () => {
  const log = /^log\(\) \{\n[\s\S]*?^\}$/m.exec(await ownInit())?.[0] ?? ''
  assert.match(log, 'aria2-initrd: %s')
  const said = onTerminal(log)
  const wanted = Array.from({ length: lines }, (_, count) => `aria2-initrd: start: line ${count}`)
  const there = new Set(said)
  assert.equal(
    wanted.filter(line => !there.has(line)),
    [],
  )
  // What was broken off stands before the whole line.
  const others = said.filter(line => !/^aria2-initrd: start: line \d+$/.test(line))
  assert.ok(
    others.every(line => wanted.some(each => each.startsWith(line))),
    others.join('\n'),
  )
})

test.run()
