/**
 * Rows of cells as lines, each column as wide as its widest cell, two blanks between them and none at the end.
 * @param figures all columns but the first are to the right
 */
export function inColumns(rows: string[][], { figures = false } = {}): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  const padded = (cell: string, column: number): string => {
    const width = widths[column] ?? 0
    return figures && column > 0 ? cell.padStart(width) : cell.padEnd(width)
  }
  return rows.map(row => row.map(padded).join('  ').trimEnd())
}
