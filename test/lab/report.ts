import type { CaseResult, LabCase } from './case.ts'
import { cpuBound } from './measure.ts'

const seconds = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? 'never' : `${value.toFixed(2)} s`
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`

/** One line for a run. */
export function oneLine(result: CaseResult): string {
  const {
    makespan,
    bound,
    median,
    slowest,
    slowestOther,
    booted,
    copies,
    payloadCopies,
    uplinkCopies,
    idle,
    load,
  } = result
  return [
    `makespan ${seconds(makespan)}`,
    `${(makespan / bound).toFixed(2)} x bound (${seconds(bound)})`,
    `median ${seconds(median)}`,
    `p100/p50 ${(slowest / median).toFixed(2)}`,
    ...(slowestOther === slowest ? [] : [`all but the slow one ${seconds(slowestOther)}`]),
    `copies ${copies.toFixed(2)} (payload ${payloadCopies?.toFixed(2) ?? 'not known'})`,
    ...(uplinkCopies === undefined ? [] : [`over an uplink ${uplinkCopies.toFixed(2)}`]),
    `booted on ${seconds(booted)}`,
    `idle ${Math.round(idle * 100)} %${idle < cpuBound ? ' CPU-BOUND' : ''}`,
    `load ${load.toFixed(1)}`,
    ...(result.originGoneAt === undefined ? [] : [`origin gone after ${seconds(result.originGoneAt)}`]),
    result.complete ? 'all the same bytes' : 'INCOMPLETE',
  ].join(', ')
}

/** Every node, then the line of the run. */
export function fullReport(lab: LabCase, result: CaseResult): string {
  const rows = result.nodes.map(node => {
    const { start = 0, end, status } = node.times
    const stage =
      end === undefined ? 'never' : `${seconds(end - start)}${status === 0 ? '' : ` (status ${status})`}`
    return [
      node.name.padEnd(8),
      seconds(node.took).padStart(10),
      stage.padStart(10),
      megabytes(node.received).padStart(11),
      megabytes(node.sent).padStart(11),
      `  ${node.lost ? 'lost' : node.same ? 'same' : 'WRONG'}`,
    ].join('')
  })
  return [
    `${lab.method}, N=${lab.nodes}, ${megabytes(lab.size)}, ${result.aria2}`,
    'node      complete stage ends   received       sent  file',
    ...rows,
    oneLine(result),
  ].join('\n')
}
