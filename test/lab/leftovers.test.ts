// A lab leaves nothing on the machine, however it ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { root } from '../support/root.ts'
import { needsLab } from './lab-test.ts'
import { createNetwork } from './network.ts'
import { removeStaleFolders } from './stale.ts'

const lab = needsLab(test)
const logs = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-test-'))
test.after(() => rmSync(logs, { recursive: true }))

const namespacesOf = (pid: number): string[] =>
  spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(name => name.startsWith(`lab-swarm-${pid}-`))

const foldersOf = (pid: number): string[] =>
  readdirSync(tmpdir()).filter(name => name.startsWith(`aria2-initrd-lab-${pid}-`))

/** What runs in a lab's namespaces. */
const processesOf = (pid: number): string[] =>
  namespacesOf(pid).flatMap(name =>
    spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean),
  )

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 120_000
  while (!holds()) {
    if (Date.now() > end) assert.unreachable(`waited for ${what}, in vain`)
    await sleep(100)
  }
}

/** A lab of two nodes that would need minutes, in the middle of its run. */
async function busyLab(): Promise<{ child: ChildProcess; pid: number }> {
  // Built now, where they must be built: that may take minutes.
  await provideBinaries(silent)
  const words = ['--nodes', '2', '--size', '8M', '--rate', '1mbit', '--logs', logs]
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/lab/run.ts', ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pid = child.pid ?? 0
  // Two nodes of at least two processes each, the servers and the seeder.
  await until('the lab to be busy', () => child.exitCode !== null || processesOf(pid).length >= 8)
  assert.is(child.exitCode, null, 'the lab ended by itself')
  return { child, pid }
}

lab('Ctrl-C takes it away', async () => {
  const { child, pid } = await busyLab()
  child.kill('SIGINT')
  const [status] = await once(child, 'exit')
  assert.is(status, 130)
  assert.equal(namespacesOf(pid), [])
  assert.equal(foldersOf(pid), [])
})

lab('one that is killed takes its processes with it; the next lab takes the rest away', async () => {
  const { child, pid } = await busyLab()
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until('its processes to end', () => processesOf(pid).length === 0)
  assert.ok(namespacesOf(pid).length > 0)
  assert.is(foldersOf(pid).length, 1)
  const rate = { up: 1e6, down: 1e6 }
  removeStaleFolders()
  assert.equal(foldersOf(pid), [])
  const next = createNetwork({ origin: rate, nodes: [rate] })
  try {
    assert.equal(namespacesOf(pid), [])
    assert.is(namespacesOf(process.pid).length, 3)
  } finally {
    next.remove()
  }
  assert.equal(namespacesOf(process.pid), [])
})

lab('a lab that runs is left alone by another', async () => {
  const { child, pid } = await busyLab()
  try {
    const count = namespacesOf(pid).length
    const rate = { up: 1e6, down: 1e6 }
    createNetwork({ origin: rate, nodes: [rate] }).remove()
    assert.is(namespacesOf(pid).length, count)
  } finally {
    child.kill('SIGINT')
    await once(child, 'exit')
  }
})

test.run()
