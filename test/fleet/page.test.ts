// The page in Debian's Chromium, before `serve` and a thousand nodes that boot: what is seen, by mouse, keyboard and
// screen reader, when the server dies, and when nodes say what they should not. UPDATE=1 takes README's picture.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startFleetWatch } from '../../generator/fleet/fleet-watch.ts'
import { columns } from '../../generator/fleet/page/node-order.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { type Serve, startServe } from '../serve/serve-command.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'
import {
  chromiumProgram,
  type FleetPage,
  openPage,
  type ShownRow,
  seriousFindings,
  shownRows,
  startBrowser,
} from './browser.ts'
import { bootNodes, makeNodes, post } from './load.ts'

const inBrowser = needs(test, { [chromiumProgram]: 'chromium' })
const isHere = findProgram(chromiumProgram) !== undefined

const folder = mkdtempSync(join(tmpdir(), 'fleet-page-'))
const state = mkdtempSync(join(tmpdir(), 'fleet-state-'))
const nodes = makeNodes(1000)
const failing = nodes.filter(({ failure }) => failure !== undefined)
/** After so long a node in stage `network` is called silent (ms). */
const silentMs = 60_000
/** Within which everything has to be seen (ms): 5 s are right on a machine with nothing else to do, as other tests are not. */
const seenMs = 30_000
/** README's, and how many of a hundred have booted in it. */
const picture = join(root, 'test/fleet/fleet.png')
const picturePercent = 45

let serve: Serve
let browser: Browser
let shown: FleetPage
let flags: string[] = []
/** When each failing node said its last word. */
const lastWords = new Map<string, number>()
let booted: Promise<void>

const fleetUrl = (): string => /^ {2}fleet +(\S+)/m.exec(serve.stdout())?.[1] ?? ''

test.before(async () => {
  if (!isHere) return
  writeFileSync(join(folder, 'root.img'), '')
  truncateSync(join(folder, 'root.img'), 64 * 2 ** 20)
  const racks = join(folder, 'racks')
  writeFileSync(racks, nodes.map(({ node, rack }) => `${node.mac} ${rack}\n`).join(''))
  const [port, fleetPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
  const { aria2c } = await provideBinaries(silent)
  flags = [
    '--aria2c',
    aria2c.path,
    '--port',
    `${port}`,
    '--fleet-port',
    `${fleetPort}`,
    '--racks',
    racks,
    '--state',
    state,
  ]
  serve = await startServe(folder, ...flags)
  browser = await startBrowser()
  shown = await openPage(browser, fleetUrl())
})

test.after(async () => {
  await browser?.close()
  await serve?.stop()
  for (const each of [folder, state]) rmSync(each, { recursive: true, force: true })
})

/** Waits until the page's rows are as wanted. */
async function until(what: string, isSo: (rows: ShownRow[]) => boolean, ms = seenMs): Promise<ShownRow[]> {
  const end = Date.now() + ms
  for (;;) {
    const rows = await shownRows(shown.page)
    if (isSo(rows)) return rows
    if (Date.now() > end)
      throw new Error(`${what}: not within ${ms} ms\n${JSON.stringify(rows.slice(0, 15), null, 1)}`)
    await sleep(100)
  }
}

const textOf = (selector: string) => shown.page.locator(selector).innerText()
/** Escape empties the search, and once more leaves it. */
async function leaveSearch(): Promise<void> {
  await shown.page.locator('#words').press('Escape')
  await shown.page.locator('#words').press('Escape')
}

const focusedName = () => shown.page.evaluate(() => document.activeElement?.textContent ?? '')

inBrowser('no node: the page says what to do', async () => {
  await shown.page.locator('#empty').waitFor()
  assert.match(await textOf('#empty'), /report=http:\/\/\S+\/report/)
  assert.equal(await seriousFindings(shown.page), [])
})

inBrowser('a thousand nodes boot: each failure is there soon, with node, stage and cause', async () => {
  let isOver = false
  booted = bootNodes({
    ...{ collector: `${serve.url}/report`, nodes, bootSeconds: 12, spreadSeconds: 24 },
    file: `${serve.url}/root.img`,
    told: ({ node, failure }) => {
      if (failure !== undefined) lastWords.set(node.hostname, Date.now())
    },
  }).then(() => {
    isOver = true
  })
  const seen = new Map<string, ShownRow & { at: number }>()
  let isPictured = process.env.UPDATE !== '1'
  for (
    let end = Number.POSITIVE_INFINITY;
    (seen.size < failing.length - 1 || !isPictured) && Date.now() < end;
  ) {
    for (const row of await shownRows(shown.page))
      if (row.state === 'failed' && !seen.has(row.name)) seen.set(row.name, { ...row, at: Date.now() })
    if (isOver) end = Math.min(end, Date.now() + seenMs)
    if (!isPictured && Number(/Done\s+(\d+)/.exec(await textOf('#figures'))?.[1]) >= picturePercent) {
      isPictured = true
      await shown.page.screenshot({ path: picture })
    }
    await sleep(100)
  }
  for (const { node, failure } of failing) {
    if (failure === undefined || failure.cause === '') continue
    const row = seen.get(node.hostname)
    assert.ok(row, `${failure.name}: ${node.hostname} is not seen`)
    assert.is(row.stage, failure.stage, failure.name)
    assert.is(row.cause, failure.cause, failure.name)
    const waited = row.at - (lastWords.get(node.hostname) ?? 0)
    assert.ok(waited <= seenMs, `${failure.name}: after ${waited} ms`)
  }
})

inBrowser('the swarm as a whole: totals, copies, the slowest, racks', async () => {
  const { page } = shown
  await booted
  await sleep(1500)
  assert.match(await textOf('#totals'), /^1,000 nodes: 11 failed, /)
  assert.match(await textOf('#figures'), /Done\s+98 %/)
  assert.match(await textOf('#figures'), /Server sent\s+[\d.]+ copies, [\d.]+ [MG]B/)
  assert.match(await textOf('#figures'), /From peers\s+99 %/)
  assert.is(await page.locator('#slowest li').count(), 5)
  assert.is(await page.locator('#racks li').count(), 25)
  assert.match((await page.locator('#plot').getAttribute('aria-label')) ?? '', /\d+ of 1,000 nodes done/)
  await page.locator('#racks button', { hasText: 'r07' }).click()
  await until('a rack', rows => rows.length > 0 && rows.every(({ name }) => /^n0(2[4-7]|280)/.test(name)))
  assert.is(await textOf('#found'), '40 of 1,000 nodes')
  await leaveSearch()
})

inBrowser('search, states, and order', async () => {
  const { page } = shown
  await page.keyboard.press('/')
  await page.keyboard.type('digest r')
  const [found] = await until('a search', rows => rows.length === 1)
  assert.match(found?.cause ?? '', 'wrong digest')
  assert.is(await textOf('#found'), '1 of 1,000 nodes')
  await leaveSearch()
  await page.locator('.chip', { hasText: 'failed' }).click()
  await until(
    'those that failed',
    rows => rows.length === 11 && rows.every(({ state }) => state === 'failed'),
  )
  await page.keyboard.press('/')
  await page.keyboard.type('nothing like that')
  await page.locator('#none').waitFor()
  await page.locator('#all').click()
  const sort = page.locator('th.node .sort')
  await sort.focus()
  await page.keyboard.press('Enter')
  await until('by name', ([first]) => first?.name === 'n0001')
  assert.is(await page.locator('th.node[scope=col]').getAttribute('aria-sort'), 'ascending')
  await page.keyboard.press('Enter')
  await until('by name, the other way', ([first]) => first?.name === 'n1000')
  assert.is(await page.locator('th.node[scope=col]').getAttribute('aria-sort'), 'descending')
  assert.is(await page.locator('[aria-sort]').count(), 1)
  await page.locator('th.state .sort').click()
  await until('by trouble', ([first]) => first?.state === 'failed')
})

inBrowser("a node's timeline by the keyboard, and back to its row", async () => {
  const { page } = shown
  await page.locator('th.hardware .sort').focus()
  await page.keyboard.press('Tab')
  const first = await focusedName()
  await page.keyboard.press('ArrowDown')
  const second = await focusedName()
  assert.match(first, /^n\d{4}$/)
  assert.is.not(second, first)
  await page.keyboard.press('Enter')
  await page.locator('#node .timeline li').first().waitFor()
  assert.is(await focusedName(), second)
  assert.match(await textOf('#node .timeline'), /drivers\s+entered/)
  assert.match(await textOf('#node .timeline'), /gave up reboot/)
  await page.keyboard.press('Escape')
  assert.not.ok(await page.locator('#node').isVisible())
  assert.is(await focusedName(), second)
  await page.keyboard.press('End')
  assert.is(await page.evaluate(() => document.activeElement?.closest('tr')?.ariaRowIndex), '1001')
  await page.keyboard.press('Home')
  await page.locator('tr[data-key] td.cause').nth(2).click()
  await page.locator('#node').waitFor()
  await page.locator('#node .close').click()
})

/** Chromium's accessibility tree, which it gives to screen readers: role, name, and some properties. */
async function accessibilityTree() {
  const session = await shown.page.context().newCDPSession(shown.page)
  const { nodes: all } = await session.send('Accessibility.getFullAXTree')
  await session.detach()
  return all
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, properties = [] }) => ({
      role: `${role?.value}`,
      name: `${name?.value ?? ''}`,
      properties: Object.fromEntries(properties.map(property => [property.name, property.value.value])),
    }))
}

inBrowser(
  'what a screen reader is given: a table with its headers, rows that say all, regions that speak',
  async () => {
    const tree = await accessibilityTree()
    const of = (wanted: string) => tree.filter(({ role }) => role === wanted)
    const [table] = of('table')
    assert.match(table?.name ?? '', /^Nodes\. Enter on a name opens its timeline/)
    assert.equal(
      of('columnheader').map(({ name }) => name),
      columns.map(({ title }) => title),
    )
    // A row goes by its header; its cells follow.
    const { failure, node } = failing[0] ?? {}
    const header = tree.findIndex(
      ({ role, name }) => role === 'rowheader' && name.startsWith(`${node?.hostname} `),
    )
    const cells = tree.slice(header + 1).filter(({ role }) => role === 'cell')
    assert.is(cells[1]?.name, `failed ${failure?.stage}`)
    assert.is(cells[6]?.name, failure?.cause)
    assert.ok(of('button').some(({ name }) => name === node?.hostname))
    // Symbols and bars are for the eye alone.
    assert.equal(
      of('image')
        .map(({ name }) => name)
        .filter(name => !/nodes done/.test(name)),
      [],
    )
    assert.ok(of('status').every(({ properties }) => properties.live === 'polite'))
    assert.is(of('status').length, 3)
  },
)

inBrowser(
  'Tab goes from the search by chips and headers to the row that one was at, arrows within',
  async () => {
    const { page } = shown
    await page.keyboard.press('/')
    const stops: string[] = []
    for (let stop = 0; stop < 40 && !/^n\d{4}$/.test(stops.at(-1) ?? ''); stop += 1) {
      await page.keyboard.press('Tab')
      stops.push((await focusedName()).replace(/ [\d,]+$/, ''))
    }
    assert.equal(stops.slice(0, -1), [
      ...['failed', 'silent', 'booting', 'handed over', 'complete', 'up'],
      ...columns.map(({ title }) => title),
    ])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Tab')
    assert.is.not(await focusedName(), stops.at(-1), 'Tab leads back to where one was')
  },
)

inBrowser('few rows are in the document, and all are printed', async () => {
  const { page } = shown
  const count = () => page.locator('tr[data-key]').count()
  assert.ok((await count()) < 60, `${await count()}`)
  assert.is(await page.locator('#nodes').getAttribute('aria-rowcount'), '1001')
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  assert.is(await count(), 1000)
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  assert.ok((await count()) < 60)
  const pages = String(await page.pdf()).match(/\/Type\s*\/Page\b/g)?.length ?? 0
  assert.ok(pages > 10, `${pages} pages`)
})

for (const colorScheme of ['light', 'dark'] as const)
  inBrowser(`axe finds nothing serious, ${colorScheme}: wide, narrow, with a timeline`, async () => {
    const { page } = await openPage(browser, fleetUrl(), { colorScheme })
    await page.locator('tr[data-key] .name').first().waitFor()
    assert.equal(await seriousFindings(page), [])
    await page.locator('tr[data-key] .name').first().click()
    await page.locator('#node .timeline li').first().waitFor()
    assert.equal(await seriousFindings(page), [])
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 400, height: 800 })
    await page.locator('tr[data-key] .name').first().waitFor()
    assert.equal(await seriousFindings(page), [])
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(wider <= 0, `${wider} px wider than the screen`)
    await page.context().close()
  })

inBrowser('one that fell silent is there, with what usually is the cause', async () => {
  const { node, failure } = failing.find(({ failure }) => failure?.cause === '') ?? {}
  const isSilent = ({ name, state }: ShownRow) => name === node?.hostname && state === 'silent'
  const end = (lastWords.get(node?.hostname ?? '') ?? 0) + silentMs + seenMs
  const rows = await until('silence', all => all.some(isSilent), end - Date.now())
  const row = rows.find(isSilent)
  assert.is(row?.stage, failure?.stage)
  assert.match(row?.cause ?? '', /^no word for 60 s: usually /)
})

const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  '\u202egnp.tset\u2066',
  '\u001b[2J\u0007\u0000\r\n',
  'x'.repeat(200),
  '{{7*7}} javascript:alert(1) &lt;b&gt;',
]

inBrowser('a node that fails is spoken of, with where and why', async () => {
  const node = { mac: '52:54:00:ff:ff:01', ip: '', hostname: 'spoken', uuid: '', serial: '' }
  const bytes = { kibFromServer: 0, kibFromSwarm: 0 }
  const event = { node, stage: 'network', event: 'gave-up', ms: 1000, ...bytes, text: '', cause: 'no link' }
  await post(new URL(`${serve.url}/report`), '127.66.7.1', JSON.stringify(event))
  await shown.page
    .locator('#spoken', { hasText: 'spoken failed in network: no link' })
    .waitFor({ state: 'attached', timeout: seenMs })
})

inBrowser('what nodes say is text, whatever it is', async () => {
  const { page, complaints } = shown
  for (const [index, text] of hostile.entries()) {
    const node = { mac: text, ip: text, hostname: `~${index} ${text}`, uuid: text, serial: text }
    for (const [event, stage] of [
      ['entered', text],
      ['says', 'drivers'],
      ['failed', text],
      ['gave-up', text],
    ] as const) {
      const report = { node, stage, event, ms: 1000, kibFromServer: 0, kibFromSwarm: 0, text, cause: text }
      await post(new URL(`${serve.url}/report`), `127.66.6.${1 + index}`, JSON.stringify(report))
    }
  }
  await page.keyboard.press('/')
  await page.keyboard.type('~')
  const rows = await until('hostile nodes', all => all.length === hostile.length)
  for (const [index, { name, cause }] of rows.entries()) {
    assert.ok(name.startsWith(`~${index} `), name)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there.
    assert.not.match(name + cause, /[\u0000-\u001f\u202e\u2066]/)
  }
  assert.is(rows[0]?.cause, hostile[0])
  const heights = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('tr[data-key]')].map(row => row.offsetHeight),
  )
  assert.is(new Set(heights).size, 1, `${heights}`)
  for (const row of await page.locator('tr[data-key] .name').all()) {
    await row.click()
    await page.locator('#node .timeline li').first().waitFor()
    await page.keyboard.press('Escape')
  }
  assert.is(await page.locator('#nodes img, #nodes script, #node img, #node script, #node b').count(), 0)
  assert.equal(complaints, [])
  await leaveSearch()
})

inBrowser(
  'the server is killed and started: the page says since when, and comes back with all nodes',
  async () => {
    const { page, complaints } = shown
    const known = await textOf('#totals')
    const lastName = `~${hostile.length - 1} `
    const nodesFile = join(state, 'nodes.json')
    for (
      const end = Date.now() + seenMs;
      !readFileSync(nodesFile, 'utf8').includes(lastName);
      await sleep(100)
    )
      assert.ok(Date.now() < end, 'the nodes are not kept')
    const left = serve.children()
    await serve.stop('SIGKILL')
    for (const pid of left) process.kill(pid, 'SIGKILL')
    await page.locator('.lost #connection').waitFor({ timeout: seenMs })
    assert.match(await textOf('#connection'), /^not connected since \d\d:\d\d:\d\d, trying again$/)
    assert.ok((await shownRows(page)).length > 0, 'what was known is still shown')
    serve = await startServe(folder, ...flags)
    await page.locator('body:not(.lost)').waitFor({ timeout: seenMs })
    assert.is(await textOf('#connection'), 'live')
    assert.is(await textOf('#totals'), known)
    await until('those in trouble', ([first]) => first?.state === 'failed')
    await bootNodes({
      ...{ collector: `${serve.url}/report`, nodes: makeNodes(20), bootSeconds: 1, spreadSeconds: 0.1 },
    })
    await page.keyboard.press('/')
    await page.keyboard.type('n0001')
    await until('one that boots again', rows => rows.length === 1 && rows[0]?.name === 'n0001')
    await page.locator('tr[data-key] .name', { hasText: 'n0001' }).click()
    await page.locator('#node .boots li').first().waitFor()
    assert.match(await textOf('#node .boots'), /\d\d:\d\d\s+\d+ s\s+(up|handed over), 315 MB/)
    assert.match(await textOf('#node .facts'), /Usual boot\s+\d+ s/)
    assert.equal(complaints, [])
  },
)

inBrowser('who fetches a file at a desk is no row of the table, and named below it', async () => {
  const { page } = await openPage(browser, fleetUrl())
  await page.goto(`${serve.url}/root.img`).catch(() => {})
  await page.goto(fleetUrl())
  const others = page.locator('#visitors')
  await others.waitFor()
  assert.match(await others.innerText(), /^1 other fetched files/)
  await others.locator('summary').click()
  assert.match(await others.innerText(), /127\.0\.0\.1\s+Mozilla\/5\.0\s+\/root\.img/)
  assert.is(await page.locator('tr[data-key] .name', { hasText: /^127\.0\.0\.1$/ }).count(), 0)
  assert.equal(await seriousFindings(page), [])
  await page.context().close()
})

inBrowser('with a token: what the page itself asks for has it', async () => {
  const watch = await startFleetWatch(
    { bind: '127.0.0.1', port: 0, access: { hosts: [], token: 'a token of some length' } },
    () => ({ http: 0, seeder: 0 }),
    () => {},
    () => {},
  )
  const { page, complaints } = await openPage(browser, `${watch.url}?token=a+token+of+some+length`)
  await page.locator('#empty').waitFor()
  assert.is(page.url(), watch.url)
  assert.equal(complaints, [])
  await page.context().close()
  await watch.close()
})

test.run()
