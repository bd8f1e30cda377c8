/** @module The mini-program in a browser, with the shop deployed each of the other ways: bought, and the switch obeyed. */
import {
  type BrowserStack,
  chooseAndSubmit,
  control,
  readAs,
  startBrowserStack,
  XIAOLIN,
} from '../support/browser-stack'
import { OTHERS } from '../support/deployments'

describe.each(OTHERS)('%s', (title, deployment) => {
  let stack: BrowserStack | null
  beforeAll(async () => {
    stack = await startBrowserStack(deployment)
  })
  afterAll(() => stack?.close())

  test('a shopper buys under one protocol, and under the other once it is switched', async () => {
    if (stack === null) {
      console.warn(`skipped, because ALLOW_NO_BROWSER=1: ${title}`)
      return
    }
    const { host } = stack
    expect([host.run.store, host.run.runsAs]).toEqual([deployment.store, deployment.runsAs])
    for (const [label, protocol] of [
      ['APIv3', 'v3'],
      ['APIv2', 'v2'],
    ] as const) {
      const desk = await stack.browser.newPage({ viewport: { width: 1280, height: 900 } })
      await desk.goto(host.run.previewUrl)
      await desk.getByText(label, { exact: true }).click()
      await desk.frameLocator('iframe').first().getByText('云南日晒咖啡豆 250g').waitFor()
      const { page, problems, close } = await stack.openPhone()
      await chooseAndSubmit(page)
      await page.getByText('立即支付').click()
      await page.getByText('完成', { exact: true }).click()
      await page.getByText('实付金额').waitFor()
      const { items } = (await readAs(host, XIAOLIN, '/v1/orders')) as { items: { orderId: string }[] }
      expect(items[0]).toMatchObject({ status: 'paid', amountFen: 6800, paidFen: 6800 })
      const trade = await control(host, `/trades/${items[0]?.orderId}`)
      expect(trade).toMatchObject({ state: 'SUCCESS', protocol })
      expect(problems).toEqual([])
      await close()
      await desk.close()
    }
  })
})
