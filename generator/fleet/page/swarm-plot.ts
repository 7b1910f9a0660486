/** The plot: nodes that are done and nodes in trouble over time, and the copies that the server has sent. */
import uPlot from 'uplot'
import type { SwarmPoint } from '../fleet-view.ts'
import { byId } from './elements.ts'
import { counted, duration, number } from './figures.ts'
import { fleetStates, isDone } from './fleet-model.ts'

const height = 150
const done = fleetStates.filter(isDone)
const sumOf = ({ states }: SwarmPoint, which: readonly (keyof SwarmPoint['states'])[]): number =>
  which.reduce((sum, state) => sum + states[state], 0)

/** Seconds since the first point, as a person would count them. */
const sinceStart = (_: uPlot, splits: number[]): string[] => splits.map(at => duration(at * 1000))

export class SwarmPlot {
  readonly #place = byId('plot', HTMLElement)
  #plot: uPlot | undefined
  #data: uPlot.AlignedData = [[], [], [], []]
  #shownAt = 0
  #nodes = 0

  constructor() {
    new ResizeObserver(() => this.#resize()).observe(this.#place)
    const redo = () => {
      if (this.#plot === undefined) return
      this.#plot.destroy()
      this.#plot = undefined
      this.#draw()
    }
    // Its colours are those of the style sheet.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redo)
  }

  /** Shows the points; `copyBytes` is how much one node gets. */
  show(points: SwarmPoint[], copyBytes: number | undefined): void {
    const last = points.at(-1)
    if (last === undefined || last.at === this.#shownAt) return
    this.#shownAt = last.at
    const start = points[0]?.at ?? 0
    this.#data = [
      points.map(({ at }) => (at - start) / 1000),
      points.map(point => sumOf(point, done)),
      points.map(point => sumOf(point, ['failed', 'silent'])),
      points.map(({ serverBytes }) => (copyBytes === undefined ? null : serverBytes / copyBytes)),
    ]
    this.#nodes = points.reduce((most, point) => Math.max(most, sumOf(point, fleetStates)), 0)
    this.#draw()
    const all = counted(sumOf(last, fleetStates), 'node')
    const label =
      `Nodes over time: after ${duration(last.at - start)}, ${sumOf(last, done)} of ${all} done, ` +
      `${sumOf(last, ['failed', 'silent'])} failed or silent`
    if (this.#place.ariaLabel !== label) this.#place.ariaLabel = label
  }

  #draw(): void {
    if (this.#plot === undefined) this.#plot = new uPlot(this.#options(), this.#data, this.#place)
    else this.#plot.setData(this.#data)
  }

  #resize(): void {
    const width = this.#place.clientWidth
    if (width > 0 && this.#plot !== undefined && this.#plot.width !== width)
      this.#plot.setSize({ width, height })
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
    const font = `11px ${style.getPropertyValue('--font')}`
    const axis = { stroke: colour('less'), font, ticks: { show: false } }
    const grid = { stroke: colour('line'), width: 1 }
    return {
      width: this.#place.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 0, 0, 0],
      scales: {
        x: { time: false },
        y: { range: () => [0, Math.max(4, this.#nodes)] },
        copies: { range: (_, _min, most) => [0, Math.max(2, most * 1.1)] },
      },
      axes: [
        { ...axis, grid: { show: false }, size: 24, space: 80, values: sinceStart },
        { ...axis, grid, size: 44, space: 32, values: (_, splits) => splits.map(whole) },
        { ...axis, grid: { show: false }, side: 1, scale: 'copies', size: 32, space: 32 },
      ],
      series: [
        {},
        { stroke: colour('accent'), fill: colour('accent-wash'), width: 2, points: { show: false } },
        { stroke: colour('alarm'), width: 1.5, dash: [2, 3], points: { show: false } },
        { stroke: colour('less'), width: 1, dash: [8, 4], scale: 'copies', points: { show: false } },
      ],
    }
  }
}

const whole = (value: number): string => (Number.isInteger(value) ? number(value) : '')
