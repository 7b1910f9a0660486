/**
 * What the container has to do under an engine without root. All but the CA certificates come from what this machine has built
 * of the lock; those are made in the container.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'
import { type Ended, type RootlessUser, uid } from './rootless-user.ts'

export interface RootlessEngine {
  /** The engine's command. */
  name: string
  user: RootlessUser
  call: (...words: string[]) => Ended
  /** Builds the image `aria2-initrd` with what this machine's cache has. */
  build: () => Ended
  /** The network of a container that builds: one of those that this engine can give here. */
  network: 'host' | 'none'
}

/** @param declare `test`, or what skips by name */
export function declareContainer(
  declare: (name: string, callback: () => void) => void,
  { name: engine, user, call, build, network }: RootlessEngine,
): void {
  const outside = join(user.folder, 'outside')
  const modules = ['--modules', 'card']
  const kernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
  test.after(() => rmSync(kernel, { recursive: true }))

  declare(`${engine} build makes the container, and what is missing in its build root`, () => {
    // Builds the programs, too, where this machine has not done so yet.
    const direct = cli('build', '--kernel-root', kernel, ...modules, '-o', outside)
    assert.is(direct.status, 0, direct.stderr)
    const built = build()
    assert.is(built.status, 0, built.stderr.slice(-4000))
    const said = `${built.stdout}${built.stderr}`
    assert.match(said, 'collecting the CA certificates')
    assert.not.match(said, 'building aria2c')
  })

  declare(`${engine} run: the same bytes as outside, and the files are the caller’s`, () => {
    cpSync(kernel, join(user.folder, 'kernel'), { recursive: true })
    spawnSync('chmod', ['-R', 'a+rX', join(user.folder, 'kernel')])
    const output = user.give('output')
    const mounts = ['-v', `${output}:/output`, '-v', `${user.folder}/kernel:/kernel:ro`]
    const words = ['aria2-initrd', 'build', '--kernel-root', '/kernel', ...modules]
    const made = call('run', '--rm', '--network', network, ...mounts, ...words)
    assert.is(made.status, 0, made.stderr)
    const names = readdirSync(outside).sort()
    assert.equal(readdirSync(output).sort(), names)
    for (const name of names) {
      assert.ok(readFileSync(join(output, name)).equals(readFileSync(join(outside, name))), `${name} differs`)
      assert.is(statSync(join(output, name)).uid, uid, name)
    }
  })

  declare(`${engine} run: a command prints what it prints outside`, () => {
    const words = ['aria2-initrd', 'params', '--format', 'json']
    const { status, stdout, stderr } = call('run', '--rm', '--network', 'none', ...words)
    assert.is(status, 0, stderr)
    assert.is(stdout, cli('params', '--format', 'json').stdout)
  })
}
