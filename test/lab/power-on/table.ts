import { readableSize } from '../../../generator/host/console/progress.ts'
import { milestones, type Report } from './scenario.ts'

/** The report as a Markdown table: a row for each machine, and what the server gave. */
export function table({ nodes, server, size }: Report): string {
  const rows = nodes.map(({ name, reached, traffic, given }) => [
    name,
    ...milestones.map(([milestone]) => seconds(reached[milestone])),
    readableSize(traffic.received),
    readableSize(traffic.sent),
    readableSize(given),
  ])
  const head = ['', ...milestones.map(([, meaning]) => meaning), 'received', 'sent', 'gave to peers']
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const fromPeers = nodes.reduce((sum, { given }) => sum + given, 0)
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
    `The second stage is ${readableSize(size)}. The server gave ${copies(server.given, size)} copies of it over`,
    `BitTorrent, the machines gave each other ${copies(fromPeers, size)}. All that the server sent, stage one`,
    `included: ${readableSize(server.traffic.sent)}.`,
  ].join('\n')
}

const seconds = (value: number | undefined) => (value === undefined ? 'never' : `${value.toFixed(1)} s`)
const copies = (bytes: number, size: number) => (bytes / size).toFixed(2)
