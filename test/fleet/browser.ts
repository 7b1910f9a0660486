/** Debian's Chromium with the fleet's page in it, and what it complains of. */
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { findProgram } from '../../generator/host/debian/host-packages.ts'

export const chromiumProgram = 'chromium'

/** Starts Chromium without a screen. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findProgram(chromiumProgram) ?? chromiumProgram,
    args: ['--no-sandbox', '--disable-gpu'],
  })

export interface FleetPage {
  page: Page
  /** Errors of scripts, and what the policy has refused. */
  complaints: string[]
}

/** Opens the page in a window of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<FleetPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(error.message))
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', message => {
    const text = message.text()
    // A server that is not there is shown by the page itself.
    if (message.type() === 'error' && !text.includes('net::ERR_')) complaints.push(text)
  })
  await page.goto(url)
  return { page, complaints }
}

/** What axe finds that is serious or critical. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as axe.AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
}

export interface ShownRow {
  name: string
  state: string
  stage: string
  cause: string
}

/** The rows that are in the document, as they are shown. */
export const shownRows = (page: Page): Promise<ShownRow[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('tr[data-key]')].map(row => ({
      name: row.querySelector('.name')?.textContent ?? '',
      state: row.querySelector('td.state .line')?.textContent ?? '',
      stage: row.querySelector('td.state .less')?.textContent ?? '',
      cause: row.querySelector('td.cause')?.textContent ?? '',
    })),
  )
