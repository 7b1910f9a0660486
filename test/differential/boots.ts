/** Boots on the simulator and under every shell, compared. */
import { generateInit } from '../../generator/compiler/generate-init.ts'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import type { SiteStage } from '../../generator/compiler/site-order.ts'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { type Boot, simulate } from '../../generator/simulator/simulate.ts'
import { SimulatedMachine } from '../../generator/simulator/simulated-machine.ts'
import { bootWith } from '../../generator/simulator/site-boot.ts'
import type { BootProgram } from '../../generator/simulator/transpile.ts'
import type { World } from '../../generator/simulator/world.ts'
import { leftOutByDefault, type PartName } from '../../generator/stages/api/parts.ts'
import { differences } from './compare.ts'
import { type Run, replay } from './replay.ts'
import { type Shell, shells } from './shells.ts'
import { makeRoot } from './throwaway-root.ts'

export interface Bench {
  init: string
  /** The parts of the boot that /init lacks. */
  without: readonly PartName[]
  shells: { shell: Shell; root: string }[]
  /** The same boot for the simulator, where it is not the one that is shipped. */
  program?: BootProgram
  remove: () => void
}

/**
 * A root for each shell, and /init as it is shipped.
 * @param without parts of the boot that are left out
 */
export async function makeBench(
  chosen: Shell[] = shells(),
  siteStages: SiteStage[] = [],
  without = leftOutByDefault,
): Promise<Bench> {
  const { busybox } = await provideBinaries(terminalProgress())
  const isOwn = siteStages.length === 0
  const init = isOwn ? await ownInit(without) : await generateInit({ siteStages, without })
  const made = chosen.map(shell => ({ shell, ...makeRoot(shell, busybox.path) }))
  return {
    init: Buffer.from(init).toString('latin1'),
    without,
    shells: made.map(({ shell, path }) => ({ shell, root: path })),
    program: bootWith(siteStages),
    remove: () => {
      for (const { remove } of made) remove()
    },
  }
}

let turn = 0

/**
 * The packed shell, and as many of the others, which take turns: most of a run's time is theirs. ALL_SHELLS=1 takes all
 * of them each time.
 */
export function inTurn(bench: Bench, others: number): Bench {
  if (process.env.ALL_SHELLS === '1') return bench
  const [packed, ...rest] = bench.shells
  const chosen = Array.from({ length: others }, (_, index) => rest[(turn + index) % rest.length])
  turn += others
  return { ...bench, shells: [packed, ...chosen].filter(each => each !== undefined) }
}

/** Whether all that /init reads as text is ASCII. */
function isAscii({ cmdline, network, serve }: World): boolean {
  const params = /next_kernel_params_b64=(\S+)/.exec(cmdline)?.[1] ?? ''
  const decoded = Buffer.from(params, 'base64url').toString('latin1')
  const names = Object.values(serve ?? {})
    .flat()
    .flatMap(served =>
      typeof served === 'object' && 'files' in served ? Object.keys(served.files as object) : [],
    )
  return [...cmdline, ...decoded, ...JSON.stringify(network ?? []), ...names.join('')].every(c => c < '\x80')
}

/** The boot on the simulator, and what differs under each shell. */
export async function compareBoot(
  bench: Bench,
  world: World,
): Promise<{ boot: Boot; runs: Run[]; differences: string[] }> {
  const boot = simulate(world, bench.program)
  const start = new SimulatedMachine(world, bench.program?.parameters).files.snapshot()
  const able = bench.shells.filter(({ shell }) => shell.takesAllBytes || isAscii(world))
  // Settled: no run may go on while the next boot gets its root ready.
  const settled = await Promise.allSettled(
    able.map(async ({ shell, root }) =>
      replay(shell, root, bench.init, { cmdline: world.cmdline, start, calls: boot.calls }),
    ),
  )
  const runs = settled.map(each => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
  const found = runs.flatMap((run, index) =>
    differences(boot, run).map(text => `${able[index]?.shell.name}: ${text}`),
  )
  return { boot, runs, differences: found }
}
