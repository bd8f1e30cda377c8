/** @module The console in a browser, for its tests: one browser a file, a fresh sandbox and page a test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Sandbox } from 'wechat-sandbox'
import { launchBrowser } from '../support/browser.ts'
import { aSandbox, cleanUp, Merchant } from './merchant.ts'

export const LONG = 60_000

export interface ConsoleBench {
  readonly page: Page
  readonly sandbox: Sandbox
  readonly merchant: Merchant
  /** What the page complained about; a test that expects a complaint takes it out again. */
  readonly problems: string[]
  /** Another page of the same browser. */
  newPage(options?: BrowserContextOptions): Promise<Page>
}

/** Sets the hooks of a file; the function it gives declares a test, which passes unrun where there is no browser. */
export function consoleBench(): (name: string, run: (bench: ConsoleBench) => Promise<void>) => void {
  let browser: Browser | null
  let bench: ConsoleBench | undefined

  beforeAll(async () => {
    browser = await launchBrowser()
  }, LONG)
  beforeEach(async () => {
    const sandbox = await aSandbox()
    const problems: string[] = []
    bench = undefined
    if (browser === null) return
    const newPage = (options?: BrowserContextOptions) => openPage(browser, problems, options)
    const page = await newPage()
    bench = { page, sandbox, merchant: new Merchant(sandbox), problems, newPage }
  }, LONG)
  afterEach(async () => {
    await bench?.page.context().close()
    expect(bench?.problems ?? []).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await cleanUp()
  }, LONG)

  return (name, run) => {
    test(name, async () => (bench === undefined ? undefined : run(bench)), LONG)
  }
}

async function openPage(
  browser: Browser | null,
  problems: string[],
  options: BrowserContextOptions = {},
): Promise<Page> {
  if (browser === null) throw new Error('there is no browser')
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
  const page = await context.newPage()
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('dialog', (dialog) => void dialog.accept())
  return page
}

/** Waits until the page says so: its picture arrives by itself. */
export const says = (page: Page, text: string, where = 'body') =>
  page.locator(where, { hasText: text }).first().waitFor()

export const openTab = (page: Page, tab: string) => page.click(`#tab-${tab}`)

/** Opens the row by its key, as a mouse does. */
export const openRow = (page: Page, id: string) => page.click(`#list tr[data-id="${id}"] td.key`)
