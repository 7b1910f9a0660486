/** Starts the page: what comes from the server goes into the model, and what is in it is shown. */
import 'uplot/dist/uPlot.min.css'
import './style.css'
import { byId, write } from './elements.ts'
import { counted, timeOfDay } from './figures.ts'
import { FilterBar } from './filter-bar.ts'
import { FleetModel, fleetStates, stateWord } from './fleet-model.ts'
import { followFleet } from './live-connection.ts'
import { passes, rackWord } from './node-filter.ts'
import { byTrouble, inOrder, type Order } from './node-order.ts'
import { NodePanel } from './node-panel.ts'
import { NodeTable } from './node-table.ts'
import { SpokenNews } from './spoken-news.ts'
import { SwarmPlot } from './swarm-plot.ts'
import { copyBytes, SwarmSummary } from './swarm-summary.ts'
import { tableHead } from './table-head.ts'
import { VisitorList } from './visitor-list.ts'

/** Times go on where no node says anything. */
const tickMs = 1000

const model = new FleetModel()
let order: Order = byTrouble
let isWaiting = false
/** Whether the server has said what there is. */
let isTold = false
let shownAt = 0

const { head, mark } = tableHead(chosen => {
  order = chosen
  mark(order)
  show()
})
mark(order)

const panel = new NodePanel(model, key => table.focus(key))
const open = (key: string): void => panel.open(key)
const table = new NodeTable(byId('nodes', HTMLTableElement), head, model, open)
const filterBar = new FilterBar(() => show())
const summary = new SwarmSummary(model, open, rack => filterBar.search(rackWord(rack)))
const plot = new SwarmPlot()
const visitors = new VisitorList(model)
const spokenNews = new SpokenNews(model)

/** Shows all there is, once before the next frame. */
function show(): void {
  if (isWaiting) return
  isWaiting = true
  requestAnimationFrame(() => {
    isWaiting = false
    showNow()
  })
}

function showNow(): void {
  shownAt = performance.now()
  const nodes = [...model.nodes.values()]
  const { filter } = filterBar
  const passed = nodes.filter(node => passes(node, filter))
  for (const id of ['swarm', 'filter', 'nodes']) byId(id, HTMLElement).hidden = nodes.length === 0
  byId('none', HTMLElement).hidden = nodes.length === 0 || passed.length > 0
  byId('empty', HTMLElement).hidden = nodes.length > 0 || !isTold
  // First: it asks where it stands, which is known until something else is written.
  table.show(inOrder(passed, order))
  const counts = model.counts()
  showTotals(nodes.length, counts)
  filterBar.show(counts, passed.length, nodes.length)
  panel.show()
  visitors.show()
  if (nodes.length === 0) return
  const copy = copyBytes(nodes)
  summary.show(copy)
  plot.show(model.points, copy)
}

function showTotals(all: number, counts: ReturnType<FleetModel['counts']>): void {
  const parts = fleetStates
    .filter(state => counts[state] > 0)
    .map(state => `${counts[state]} ${stateWord(state)}`)
  const totals = all === 0 ? '' : `${counted(all, 'node')}: ${parts.join(', ')}`
  write(byId('totals', HTMLElement), totals)
  document.title = counts.failed > 0 ? `${counts.failed} failed – fleet` : 'fleet'
  if (isTold) spokenNews.show(totals)
}

followFleet({
  took(message, isFirst) {
    model.took(message, isFirst)
    isTold = true
    // Not in the frame that has read the message: each of both is short.
    setTimeout(show)
  },
  connected(lostAt) {
    document.body.classList.toggle('lost', lostAt !== undefined)
    const text = lostAt === undefined ? 'live' : `not connected since ${timeOfDay(lostAt)}, trying again`
    write(byId('connection', HTMLElement), text)
  },
})
setInterval(() => {
  if (performance.now() - shownAt > tickMs / 2) show()
}, tickMs)
