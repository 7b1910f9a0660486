import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import type { Site } from '../scale/bounds.ts'
import { bitRate, size } from './quantities.ts'

interface PlanFlags extends Site {
  json?: true
  svg?: string
}

/** More would take more memory and time than a plan is worth. */
const mostNodes = 20_000

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text) || Number(text) > mostNodes)
    throw new InvalidArgumentError(`give a number from 1 to ${mostNodes}`)
  return Number(text)
}

/** `plan`: how long a site's nodes would take, before it is bought. */
export function registerPlan(program: Command): void {
  program
    .command('plan')
    .description(
      'tell how long a site would take to boot, by HTTP, by caches and by a swarm, and what to buy first',
    )
    .requiredOption('--nodes <n>', 'nodes that boot at the same time', count)
    .requiredOption('--size <size>', 'what each fetches after stage one, such as 4G', size)
    .option('--racks <n>', 'racks that they stand in', count, 1)
    .option('--node-rate <rate>', "a node's link in bits a second", bitRate, 1e9)
    .option('--uplink <rate>', "a rack's link to the others", bitRate, 100e9)
    .option('--origin-rate <rate>', "the boot server's link, outside of the racks", bitRate, 10e9)
    .option('--stage-one <size>', 'kernel and initrd of stage one together', size, 8 * 2 ** 20)
    .option('--svg <file>', 'draw how many nodes are complete over time')
    .option('--json', 'print it for scripts')
    .action(plan)
}

async function plan({ json, svg, ...site }: PlanFlags): Promise<void> {
  if (site.racks > site.nodes)
    throw new CommandError(
      `${site.racks} racks for ${site.nodes} nodes`,
      'each rack has a node at the least',
      2,
    )
  if (site.size === 0) throw new CommandError('--size 0: nothing is fetched', 'give a size such as 4G', 2)
  const { planBoot } = await import('../scale/site-plan.ts')
  const { heldText, planChart, planText } = await import('../scale/plan-text.ts')
  const { writeWholeFiles } = await import('../host/files/whole-file.ts')
  const progress = terminalProgress()
  const planned = planBoot(site, text => progress.step(text))
  if (svg !== undefined) await writeWholeFiles([{ path: svg, content: planChart(planned) }])
  if (json !== true) process.stdout.write(planText(planned))
  else process.stdout.write(`${JSON.stringify({ ...planned, restsOn: heldText() }, null, 2)}\n`)
}
