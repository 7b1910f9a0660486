// Images are made by x86-64 programs: another machine is told at once, by the commands and by the Dockerfile.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { registerBuild } from '../../generator/commands/build.ts'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { requireBuildMachine } from '../../generator/programs/build-machine.ts'
import { root } from '../support/root.ts'

const folder = mkdtempSync(join(tmpdir(), 'build-machine-'))
test.after(() => rmSync(folder, { recursive: true }))

test('build on arm64 names the machine, what works there, and what to do', async () => {
  const own = Object.getOwnPropertyDescriptor(process, 'arch') ?? {}
  Object.defineProperty(process, 'arch', { ...own, value: 'arm64' })
  try {
    const program = new Command()
    registerBuild(program)
    await program.parseAsync(['build', '-o', join(folder, 'output')], { from: 'user' })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, CommandError)
    const { message, help } = error as CommandError
    assert.is(message, 'images are made on x86-64 machines for x86-64 machines, and this one is arm64')
    assert.match(help, /generate, .*serve work; .*docker build --platform linux\/amd64/)
  } finally {
    Object.defineProperty(process, 'arch', own)
  }
  requireBuildMachine('x64')
})

test('docker build on arm64 ends with its first step, in one sentence', () => {
  const dpkg = join(folder, 'dpkg')
  writeFileSync(dpkg, '#!/bin/sh\necho arm64\n')
  chmodSync(dpkg, 0o755)
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/\\\n/g, ' ')
  const step = /^RUN (if \[ "\$\(dpkg --print-architecture\)".*)$/m.exec(text)?.[1] ?? ''
  const on = (path: string) => spawnSync('sh', ['-c', step], { encoding: 'utf8', env: { PATH: path } })
  const { status, stderr } = on(`${folder}:${process.env.PATH}`)
  assert.is(status, 1)
  assert.match(
    stderr,
    /^images are made by x86-64 programs, and this is arm64: docker build --platform linux\/amd64/,
  )
  writeFileSync(dpkg, '#!/bin/sh\necho amd64\n')
  assert.is(on(`${folder}:${process.env.PATH}`).status, 0)
})

test.run()
