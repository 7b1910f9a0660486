import { inColumns } from '../host/console/columns.ts'
import type { PartSize } from './segment.ts'

const grouped = (bytes: number) => String(bytes).replace(/\B(?=(\d{3})+$)/g, ',')

/** What takes the space, the biggest first. Sizes are in bytes. */
export function sizeTable(parts: PartSize[]): string {
  const sum = (key: 'files' | 'uncompressed' | 'compressed') =>
    parts.reduce((total, part) => total + part[key], 0)
  const compressed = sum('compressed')
  const row = (name: string, files: number, uncompressed: number, size: number) => [
    name,
    grouped(files),
    grouped(uncompressed),
    grouped(size),
    `${((size / compressed) * 100).toFixed(1)} %`,
  ]
  const rows = [
    ['part', 'files', 'unpacked', 'in the image', 'share'],
    ...[...parts]
      .sort((a, b) => b.compressed - a.compressed)
      .map(part => row(part.part, part.files, part.uncompressed, part.compressed)),
    row('together', sum('files'), sum('uncompressed'), compressed),
  ]
  return inColumns(rows, { figures: true })
    .map(line => `${line}\n`)
    .join('')
}
