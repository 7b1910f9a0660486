import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FleetSource } from '../fleet/fleet-client.ts'
import { type FleetNode, nodeName } from '../fleet/fleet-view.ts'
import type { WaitGoal } from '../fleet/fleet-wait.ts'
import { CommandError } from '../host/console/command-error.ts'
import { printLines } from '../host/console/print-results.ts'
import { whenOutputBreaks } from '../host/console/standard-output.ts'

interface SourceFlags {
  url: string
  token?: string
}

/** `fleet`: the nodes of a running `serve`, and the boots that it keeps. */
export function registerFleet(program: Command): void {
  const fleet = program
    .command('fleet')
    .description(
      'follow the nodes of a running serve: a table on a terminal, a line for each change elsewhere',
    )
    .option('--url <url>', 'where serve shows its nodes', webAddress, 'http://127.0.0.1:8001')
    .option('--token <text>', 'what serve --fleet-token has: a file with it, or the text itself')
    .option('--once', 'print the table once; status 1 where a node has failed')
    .action(follow)
  fleet
    .command('wait')
    .configureHelp({ showGlobalOptions: true })
    .description('wait for nodes; status 1 when one has failed, or the time is over')
    .requiredOption('--nodes <count>', 'so many', count)
    .addOption(
      new Option('--for <state>', 'how far: up needs a next system that reports')
        .choices(['up', 'handed-over', 'complete'])
        .default('handed-over'),
    )
    .option('--timeout <seconds>', 'how long', count, 600)
    .option('--since <seconds>', 'boots count that began at most so long before', count, 60)
    .action((_, command: Command) => wait(command.optsWithGlobals()))
  fleet
    .command('export')
    .description('print the boots that serve --state keeps')
    .requiredOption('--state <dir>', 'the folder that serve --state has')
    .option('--csv', 'as CSV, for spreadsheets')
    .option('--json', 'as JSON')
    .action(exportBoots)
}

async function sourceOf({ url, token }: SourceFlags): Promise<FleetSource> {
  const { readToken } = await import('../fleet/fleet-access.ts')
  return { url, ...(token === undefined ? {} : { token: readToken(token) }) }
}

async function follow(flags: SourceFlags & { once?: true }): Promise<void> {
  const { followFleet } = await import('../fleet/fleet-client.ts')
  const { changeLine, fleetTable, visitorLine } = await import('../fleet/fleet-table.ts')
  const end = new AbortController()
  process.once('SIGINT', () => end.abort())
  process.once('SIGTERM', () => end.abort())
  whenOutputBreaks(() => end.abort())
  const { stdout } = process
  let nodes: FleetNode[] = []
  const told = new Map<string, string>()
  for await (const picture of followFleet(await sourceOf(flags), end.signal)) {
    nodes = [...picture.nodes.values()]
    if (flags.once) {
      await printLines([...fleetTable(nodes), ...visitorLine(picture.visitors)].map(line => `${line}\n`))
      break
    }
    if (stdout.isTTY) {
      const { rows, columns } = stdout
      const others = visitorLine(picture.visitors, columns - 1)
      const table = fleetTable(nodes, { rows: rows - others.length, columns })
      stdout.write(`\x1b[H\x1b[J${[...table, ...others].join('\n')}\n`)
      continue
    }
    for (const node of picture.news) {
      const mark = `${node.state} ${node.stage} ${node.cause}`
      if (told.get(node.key) !== mark) stdout.write(`${changeLine(node)}\n`)
      told.set(node.key, mark)
    }
    for (const key of told.keys()) if (!picture.nodes.has(key)) told.delete(key)
  }
  failOn(nodes.filter(({ state }) => state === 'failed'))
}

/** @throws CommandError that names them */
function failOn(failed: FleetNode[]): void {
  if (failed.length === 0) return
  const named = failed.slice(0, 5).map(node => `${nodeName(node)} (${node.cause})`)
  const more = failed.length > named.length ? ` and ${failed.length - named.length} more` : ''
  throw new CommandError(
    `${failed.length} ${failed.length === 1 ? 'node has' : 'nodes have'} failed: ${named.join(', ')}${more}`,
    "the console of each has the same words; the fleet's page has what came before them",
  )
}

async function wait(flags: SourceFlags & { nodes: number; for: WaitGoal; timeout: number; since: number }) {
  const { followFleet } = await import('../fleet/fleet-client.ts')
  const { waitForNodes } = await import('../fleet/fleet-wait.ts')
  const { nodes: wanted, for: goal, timeout, since: sinceSeconds } = flags
  const pictures = followFleet(await sourceOf(flags), AbortSignal.timeout(timeout * 1000))
  const { reached, failed, nodes } = await waitForNodes(
    pictures,
    { nodes: wanted, goal, sinceSeconds },
    line => process.stderr.write(`${line}\n`),
  )
  failOn(failed)
  if (reached.length >= wanted) {
    await printLines([`${reached.length} of ${wanted} ${goal}\n`])
    return
  }
  const silent = nodes.filter(({ state }) => state === 'silent').map(nodeName)
  throw new CommandError(
    `after ${timeout} s ${reached.length} of ${wanted} nodes are ${goal}, ${nodes.length} were seen`,
    silent.length > 0
      ? `look at those that fell silent: ${silent.slice(0, 5).join(', ')}`
      : 'aria2-initrd fleet shows how far the others are; a longer --timeout waits for them',
  )
}

async function exportBoots(flags: { state: string; csv?: true; json?: true }): Promise<void> {
  if (flags.csv === flags.json)
    throw new CommandError('fleet export needs one of --csv and --json', 'choose one', 2)
  const { keptBoots } = await import('../fleet/history-snapshot.ts')
  const { csvLines, jsonLines } = await import('../fleet/history-export.ts')
  const boots = await keptBoots(flags.state)
  await printLines(flags.csv ? csvLines(boots) : jsonLines(boots))
}

function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError('give an address such as http://10.0.0.1:8001.')
  return text
}

function count(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('give a whole number above 0.')
  return Number(text)
}
