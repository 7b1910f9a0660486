/** A line chart as SVG, both axes logarithmic. */

export interface Line {
  name: string
  colour: string
  /** In the order of x. */
  points: { x: number; y: number }[]
}

export interface Chart {
  title: string
  xName: string
  yName: string
  xTicks: number[]
  yTicks: number[]
  lines: Line[]
}

const width = 640
const height = 400
const margin = { left: 60, right: 150, top: 40, bottom: 50 }

/** The same chart gives the same bytes. */
export function plot({ title, xName, yName, xTicks, yTicks, lines }: Chart): string {
  const axis = (ticks: number[], from: number, to: number) => {
    const [low, high] = [Math.log(Math.min(...ticks)), Math.log(Math.max(...ticks))]
    return (value: number) => from + ((Math.log(value) - low) / (high - low)) * (to - from)
  }
  const x = axis(xTicks, margin.left, width - margin.right)
  const y = axis(yTicks, height - margin.bottom, margin.top)
  const at = (value: number) => value.toFixed(1)
  const text = (left: number, top: number, words: string, more = '') =>
    `<text x="${at(left)}" y="${at(top)}"${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
  const [left, right, top, bottom] = [margin.left, width - margin.right, margin.top, height - margin.bottom]

  const grid = [
    ...xTicks.flatMap(tick => [
      `<line x1="${at(x(tick))}" y1="${top}" x2="${at(x(tick))}" y2="${bottom}" stroke="#ddd"/>`,
      text(x(tick), bottom + 18, String(tick), ' text-anchor="middle"'),
    ]),
    ...yTicks.flatMap(tick => [
      `<line x1="${left}" y1="${at(y(tick))}" x2="${right}" y2="${at(y(tick))}" stroke="#ddd"/>`,
      text(left - 8, y(tick) + 4, String(tick), ' text-anchor="end"'),
    ]),
  ]
  const drawn = lines.filter(line => line.points.length > 0)
  const labels = spaced(drawn.map(line => y(line.points.at(-1)?.y ?? 1)))
  const curves = drawn.flatMap(({ name, colour, points }, index) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points
      .map(point => `${at(x(point.x))},${at(y(point.y))}`)
      .join(' ')}"/>`,
    ...points.map(point => `<circle cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="3" fill="${colour}"/>`),
    text(right + 10, (labels[index] ?? 0) + 4, name, ` fill="${colour}"`),
  ])
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    // For who hears the page instead of seeing it.
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(left, 22, title, ' font-size="14" font-weight="bold"'),
    ...grid,
    ...curves,
    text((left + right) / 2, height - 12, xName, ' text-anchor="middle"'),
    text(0, 0, yName, ` text-anchor="middle" transform="translate(16 ${(top + bottom) / 2}) rotate(-90)"`),
    '</svg>',
  ].join('\n')}\n`
}

/** Labels at these heights, moved down where they would lie on each other. */
function spaced(heights: number[]): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))
  const moved = [...heights]
  let last = -Infinity
  for (const index of order) {
    last = Math.max(heights[index] ?? 0, last + 15)
    moved[index] = last
  }
  return moved
}
