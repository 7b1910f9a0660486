/** The fleet in Prometheus' text format: numbers alone, and labels that no node can add to. */
import type { FleetEvent, FleetListener } from './fleet-listener.ts'
import type { Fleet } from './fleet-nodes.ts'
import type { FleetNode, FleetState } from './fleet-view.ts'
import { knownStages, stageLabel } from './silence.ts'

/** Seconds: a small boot, and one that waits for a server. */
const buckets = [5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200]

const results = ['failed', 'handed-over', 'complete', 'up'] as const
type Result = (typeof results)[number]
const isResult = (state: FleetState): state is Result => results.some(result => result === state)

type Sample = [labels: Record<string, string>, value: number]

export class FleetMetrics implements FleetListener {
  readonly #fleet: Fleet
  readonly #serverBytes: () => { http: number; seeder: number }
  readonly #boots: Record<Result, number> = { failed: 0, 'handed-over': 0, complete: 0, up: 0 }
  readonly #durations = buckets.map(() => 0)
  #durationSum = 0
  #reports = 0
  #silences = 0

  constructor(fleet: Fleet, serverBytes: () => { http: number; seeder: number }) {
    this.#fleet = fleet
    this.#serverBytes = serverBytes
    fleet.listen(this)
  }

  happened(_: FleetNode, { event }: FleetEvent): void {
    if (event === 'silent') this.#silences += 1
    else this.#reports += 1
  }

  ended({ state, seconds }: FleetNode): void {
    if (!isResult(state)) return
    this.#boots[state] += 1
    // A boot that goes on to `up` would count twice.
    if (state !== 'handed-over') return
    this.#durationSum += seconds
    for (const [index, most] of buckets.entries())
      if (seconds <= most) this.#durations[index] = (this.#durations[index] ?? 0) + 1
  }

  /** The text. */
  text(): string {
    const nodes = this.#fleet.nodes()
    const stages = new Map([...knownStages, 'other'].map(stage => [stage, 0]))
    for (const { state, stage } of nodes)
      if (state === 'booting' || state === 'silent')
        stages.set(stageLabel(stage), (stages.get(stageLabel(stage)) ?? 0) + 1)
    const { http, seeder } = this.#serverBytes()
    const { server, swarm } = this.#fleet.received
    const labelled = (name: string, counts: Iterable<[string, number]>): Sample[] =>
      [...counts].map(([label, value]) => [{ [name]: label }, value])
    return [
      family('nodes', 'gauge', 'Nodes by state.', labelled('state', Object.entries(this.#fleet.states()))),
      family('stage_nodes', 'gauge', 'Nodes whose boot is under way, by stage.', labelled('stage', stages)),
      family(
        'boots_total',
        'counter',
        'Boots by how they ended; handed-over is counted before up.',
        labelled('result', Object.entries(this.#boots)),
      ),
      family('reports_total', 'counter', 'Events that nodes have reported.', [[{}, this.#reports]]),
      family('silences_total', 'counter', 'Times that a node fell silent.', [[{}, this.#silences]]),
      family('sent_bytes_total', 'counter', 'Bytes that this server has sent.', [
        [{ by: 'http' }, http],
        [{ by: 'seeder' }, seeder],
      ]),
      family('received_bytes_total', 'counter', 'Bytes that nodes have got, by their own account.', [
        [{ from: 'server' }, server],
        [{ from: 'swarm' }, swarm],
      ]),
      this.#histogram(),
    ].join('')
  }

  #histogram(): string {
    const count = this.#boots['handed-over']
    const name = 'aria2_initrd_boot_duration_seconds'
    return [
      `# HELP ${name} From power-on to the jump into the next kernel.`,
      `# TYPE ${name} histogram`,
      ...buckets.map((most, index) => `${name}_bucket{le="${most}"} ${this.#durations[index]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${this.#durationSum}`,
      `${name}_count ${count}\n`,
    ].join('\n')
  }
}

function family(name: string, type: string, help: string, samples: Sample[]): string {
  const full = `aria2_initrd_${name}`
  const lines = samples.map(([labels, value]) => {
    const text = Object.entries(labels).map(([label, word]) => `${label}="${word}"`)
    return `${full}${text.length === 0 ? '' : `{${text.join(',')}}`} ${value}`
  })
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('\n')}\n`
}
