/** Hostile inputs for the stages: on the simulator and, with the bytes of the shipped /init, under shells. */
import * as assert from 'uvu/assert'
import type { World } from '../../generator/simulator/world.ts'
import { type Bench, compareBoot, makeBench } from '../differential/boots.ts'
import { served } from '../scenarios/scenario.ts'
import { holds } from '../support/pattern.ts'
import type { HostileInput } from './inputs.ts'

export interface StageInput {
  input: string
  expected: string
  cmdline: string
  world?: Omit<World, 'cmdline'>
  /** `kexec`, `reboot after 30 s` …: how the boot must end. */
  end: string
  /** What the console must hold; the line that does is what was seen. */
  says: string | RegExp
  /** What it may not hold. */
  never?: string | RegExp
  /** Initrds that the next kernel must get, joined; undefined: not asked. */
  initrd?: string
  /** Too many files for shells under test: on the simulator alone. */
  isLarge?: true
}

let bench: Promise<Bench> | undefined

export async function removeBench(): Promise<void> {
  const made = await bench
  made?.remove()
}

/** A boot whose console, end and next kernel must be right, and the same on the simulator and under the shells. */
export const stageInput = (given: StageInput): HostileInput => ({
  input: given.input,
  expected: given.expected,
  run: 'stages and shells',
  async see() {
    bench ??= makeBench()
    const made = await bench
    // Those that print texts of any length by themselves: mksh starts a program for it.
    const shells = given.isLarge ? [] : made.shells.slice(0, 2)
    const { boot, differences } = await compareBoot(
      { ...made, shells },
      {
        serve: served,
        ...given.world,
        cmdline: given.cmdline,
      },
    )
    assert.equal(
      differences.map(each => each.slice(0, 800)),
      [],
    )
    assert.is(boot.end, given.end, boot.console)
    const line = boot.console.split('\n').find(each => holds(each, given.says))
    assert.ok(line, `the console lacks ${given.says}\n${boot.console}`)
    if (given.never !== undefined)
      assert.not.ok(holds(boot.console, given.never), `the console has ${given.never}\n${boot.console}`)
    if (given.initrd !== undefined)
      assert.is(boot.loaded?.initrd?.toString('latin1') ?? '', given.initrd, boot.console)
    const said = (line ?? '').replace('aria2-initrd: ', '')
    return `${said.length > 160 ? `${said.slice(0, 160)}...` : said}; ${boot.end}`
  },
})
