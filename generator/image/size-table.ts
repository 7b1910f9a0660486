import type { PartSize } from './segment.ts'

const grouped = (bytes: number) => String(bytes).replace(/\B(?=(\d{3})+$)/g, ',')

/** A table of text, first column to the left and the others to the right. */
function columns(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  )
  return rows
    .map(row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))))
    .map(row => `${row.join('  ')}\n`)
    .join('')
}

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
  return columns([
    ['part', 'files', 'unpacked', 'in the image', 'share'],
    ...[...parts]
      .sort((a, b) => b.compressed - a.compressed)
      .map(part => row(part.part, part.files, part.uncompressed, part.compressed)),
    row('together', sum('files'), sum('uncompressed'), compressed),
  ])
}
