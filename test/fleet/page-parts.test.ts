// What the page does without a browser: order, search, figures, and what becomes of a stranger's text.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { FleetNode } from '../../generator/fleet/fleet-view.ts'
import { shown } from '../../generator/fleet/page/elements.ts'
import { bytes, duration, percentOf } from '../../generator/fleet/page/figures.ts'
import { FleetModel } from '../../generator/fleet/page/fleet-model.ts'
import { passes, rackWord, wordsOf } from '../../generator/fleet/page/node-filter.ts'
import { byTrouble, columns, directionOf, inOrder } from '../../generator/fleet/page/node-order.ts'
import { troubleText } from '../../generator/fleet/page/spoken-news.ts'
import { copyBytes } from '../../generator/fleet/page/swarm-summary.ts'
import { pageFile } from '../../generator/fleet/page-files.ts'

const plain: FleetNode = {
  ...{ key: 'k', address: '10.0.0.1', mac: '52:54:00:00:00:01', ip: '', hostname: '', serial: '', uuid: '' },
  ...{
    rack: '',
    state: 'booting',
    stage: 'network',
    seenBy: ['report'],
    rateFromServer: 0,
    rateFromSwarm: 0,
  },
  ...{ fromServer: 0, fromSwarm: 0, began: 1000, stageBegan: 1000, lastSeen: 1000, seconds: 0 },
  ...{ cause: '', said: '', hardware: '', contested: false },
}

const node = (hostname: string, more: Partial<FleetNode> = {}): FleetNode => ({
  ...{ ...plain, key: hostname, hostname },
  ...more,
})
const names = (nodes: FleetNode[]) => nodes.map(({ hostname }) => hostname).join(' ')

test('trouble first: failed, silent, those that boot for longest, then the rest by name', () => {
  const nodes = [
    node('n10', { state: 'up' }),
    node('n9', { state: 'up' }),
    node('late', { began: 5 }),
    node('later', { began: 4 }),
    node('mute', { state: 'silent' }),
    node('broken', { state: 'failed' }),
    node('gone', { state: 'handed-over' }),
  ]
  assert.is(names(inOrder(nodes, byTrouble)), 'broken mute later late gone n9 n10')
  assert.is(
    names(inOrder(nodes, { column: 'state', isReversed: true })),
    'n9 n10 gone late later mute broken',
  )
})

test('each column sorts both ways, and says how', () => {
  const nodes = [node('a', { rack: 'r2', seconds: 1 }), node('b', { rack: 'r10', seconds: 2 })]
  assert.is(names(inOrder(nodes, { column: 'rack', isReversed: false })), 'a b')
  assert.is(names(inOrder(nodes, { column: 'boot', isReversed: false })), 'b a')
  assert.is(directionOf({ column: 'rack', isReversed: false }), 'ascending')
  assert.is(directionOf({ column: 'boot', isReversed: false }), 'descending')
  assert.is(directionOf({ column: 'boot', isReversed: true }), 'ascending')
  for (const { key } of columns) assert.is(inOrder([...nodes], { column: key, isReversed: true }).length, 2)
})

test('search: each word, anywhere; a rack alone; states', () => {
  const found = (typed: string, states: FleetNode['state'][] = []) =>
    passes(node('n1', { rack: 'r1', cause: 'no link after 30 s', state: 'failed' }), {
      words: wordsOf(typed),
      states: new Set(states),
    })
  for (const typed of ['', 'N1', 'link no', '52:54', 'failed', 'network', rackWord('r1')])
    assert.ok(found(typed), typed)
  for (const typed of ['n2', 'link yes', 'rack:r', 'rack:r11']) assert.not.ok(found(typed), typed)
  assert.ok(found('', ['failed', 'silent']))
  assert.not.ok(found('n1', ['up']))
})

test('figures', () => {
  assert.equal([499, 59_400, 59_600, 3_720_000].map(duration), ['0 s', '59 s', '1 m 00 s', '1 h 02 m'])
  assert.equal([0, 999, 1000, 999_600, 1_234_567_890].map(bytes), [
    '0 B',
    '999 B',
    '1 kB',
    '1.0 MB',
    '1.2 GB',
  ])
  assert.equal([percentOf(999, 1000), percentOf(5, 5), percentOf(0, 0)], [99, 100, 0])
})

test("a stranger's text: no controls, no marks of direction, no more than 200 characters", () => {
  assert.is(shown('a\u202eb\u0000\u001b[2J\u2066\n'), 'a\ufffdb\ufffd\ufffd[2J\ufffd\ufffd')
  assert.is(shown('<img src=x onerror=alert(1)>'), '<img src=x onerror=alert(1)>')
  assert.is(shown('ž漢字🙂'), 'ž漢字🙂')
  assert.is(shown('x'.repeat(9000)).length, 200)
})

test('the model: all there is at first, then what changes; its clock is that of the server', () => {
  const model = new FleetModel()
  const point = { at: 5_000_000, states: model.counts(), serverBytes: 0, swarmBytes: 0 }
  model.took({ nodes: [node('a'), node('b', { state: 'failed' })], gone: [], points: [point] }, true)
  assert.ok(Math.abs(model.now() - 5_000_000) < 1000)
  model.took({ nodes: [node('a', { state: 'up' })], gone: ['b'], points: [] }, false)
  assert.equal(model.counts(), { failed: 0, silent: 0, booting: 0, 'handed-over': 0, complete: 0, up: 1 })
  model.took({ nodes: [node('c')], gone: [], points: [] }, true)
  assert.equal([...model.nodes.keys()], ['c'])
  assert.is(model.points.length, 0)
})

test('a copy is what the middle one of those has that have all', () => {
  const done = [10, 30, 20].map(fromSwarm => node('n', { state: 'up', fromSwarm }))
  assert.is(copyBytes([...done, node('m', { fromSwarm: 99 })]), 20)
  assert.is(copyBytes([node('m', { fromSwarm: 99 })]), undefined)
})

test('of many that fail at once three are spoken of by name', () => {
  const failed = ['a', 'b', 'c', 'd', 'e'].map(name =>
    node(name, { state: 'failed', cause: 'no link\u202e' }),
  )
  assert.is(troubleText(failed.slice(0, 1)), 'a failed in network: no link\ufffd')
  assert.match(troubleText(failed), /^a failed in .*\. b failed in .*\. c failed in .*\. and 2 more$/)
})

test('the page is one page, one script and one style sheet, and nothing from elsewhere', async () => {
  const texts = await Promise.all(
    ['', '/fleet-page.js', '/fleet-page.css'].map(async name =>
      String((await pageFile(`/fleet${name}`))?.content),
    ),
  )
  const [page = '', script = '', style = ''] = texts
  assert.not.match(page, /<script(?! type="module" src="\/fleet\/fleet-page\.js")|\sstyle=|\son\w+=/)
  assert.match(style, '.uplot')
  assert.not.match(style, /url\(|@import/)
  assert.not.match(script, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/)
  for (const text of texts)
    assert.not.match(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\/[a-z]+\.[a-z]/)
  assert.is(await pageFile('/fleet/node-table.ts'), undefined)
  assert.is(await pageFile('/fleet/../fleet-view.ts'), undefined)
})

test.run()
