/** @module A purchase as a person makes it: tapped in a real browser, paid at the local WeChat Pay, under both protocols. */
import { readFileSync } from 'node:fs'
import {
  AQING,
  type BrowserStack,
  chooseAndSubmit,
  photograph,
  startBrowserStack,
  XIAOLIN,
} from '../support/browser-stack'

let stack: BrowserStack | null

beforeAll(async () => {
  stack = await startBrowserStack()
})
afterAll(() => stack?.close())

const theStack = (): BrowserStack => {
  if (stack === null) throw new Error('no browser')
  return stack
}
const openPhone: BrowserStack['openPhone'] = (...input) => theStack().openPhone(...input)

const lastOrder = async (openid = XIAOLIN) => {
  const sandbox = JSON.parse(readFileSync(theStack().host.run.sandboxFile, 'utf8'))
  const post = async (url: string, body: object, token: string) =>
    (
      await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      })
    ).json()
  const { code } = await post(`${sandbox.controlUrl}/code`, { openid }, sandbox.controlToken)
  const session = await post(`${theStack().host.run.apiUrl}/v1/sessions`, { code }, '')
  const answer = await fetch(`${theStack().host.run.apiUrl}/v1/orders`, {
    headers: { Authorization: `Bearer ${session.data.token}` },
  })
  const { data } = await answer.json()
  const order = data.items[0]
  const trade = await fetch(`${sandbox.controlUrl}/trades/${order.orderId}`, {
    headers: { Authorization: `Bearer ${sandbox.controlToken}` },
  })
  return { order, trade: await trade.json() }
}

const withBrowser = (title: string, run: () => Promise<void>) =>
  test(title, async () => {
    if (stack === null) {
      console.warn(`skipped, because ALLOW_NO_BROWSER=1: ${title}`)
      return
    }
    await run()
  })

describe.each(['APIv3', 'APIv2'])('under %s', (api) => {
  withBrowser('the switch beside the phone chooses the protocol of new trades', async () => {
    const page = await theStack().browser.newPage({ viewport: { width: 1280, height: 900 } })
    await page.goto(theStack().host.run.previewUrl)
    await page.getByText(api, { exact: true }).click()
    await page.frameLocator('iframe').first().getByText('云南日晒咖啡豆 250g').waitFor()
    await photograph(page, `${api}-desk`)
    await page.close()
  })

  withBrowser('a shopper picks, pays, and sees the order paid once our server knows it', async () => {
    const { page, problems, close } = await openPhone()
    await photograph(page, `${api}-home`)
    await chooseAndSubmit(page)
    await photograph(page, `${api}-cashier`)
    await page.getByText('立即支付').click()
    await page.getByText('完成', { exact: true }).click()
    await page.getByText('实付金额').waitFor()
    await photograph(page, `${api}-paid`)
    const { order, trade } = await lastOrder()
    expect(order).toMatchObject({ status: 'paid', amountFen: 6800, paidFen: 6800 })
    expect(trade).toMatchObject({
      state: 'SUCCESS',
      amountFen: 6800,
      protocol: api === 'APIv3' ? 'v3' : 'v2',
    })
    await page.getByText('查看订单').click()
    await page.getByText('已支付，待发货').first().waitFor()
    await page.getByText(order.transactionId).waitFor()
    await photograph(page, `${api}-order`)
    await page.getByText('确认收货').click()
    await page.getByText('已收到', { exact: true }).click()
    await page.getByText('已完成').first().waitFor()
    expect((await lastOrder()).order.status).toBe('completed')
    expect(problems).toEqual([])
    await close()
  })

  withBrowser('a shopper closes the cashier, comes back later and pays the same order', async () => {
    const { page, problems, close } = await openPhone()
    await chooseAndSubmit(page)
    await page.getByRole('button', { name: '关闭收银台' }).click()
    await page.getByText('继续支付').waitFor()
    await photograph(page, `${api}-not-paid-yet`)
    const before = await lastOrder()
    expect(before.order.status).toBe('awaitingPayment')
    await page.getByText('继续支付').click()
    await page.getByText('立即支付').click()
    await page.getByText('完成', { exact: true }).click()
    await page.getByText('实付金额').waitFor()
    const after = await lastOrder()
    expect(after.order).toMatchObject({ orderId: before.order.orderId, status: 'paid' })
    expect(problems).toEqual([])
    await close()
  })

  withBrowser('a shopper cancels an order and it is closed at WeChat Pay too', async () => {
    const { page, problems, close } = await openPhone(XIAOLIN, { width: 320, height: 568 })
    await chooseAndSubmit(page)
    await page.getByRole('button', { name: '关闭收银台' }).click()
    await page.getByText('查看订单').click()
    await page.getByText('取消订单').click()
    await photograph(page, `${api}-cancel-small-phone`)
    await page.locator('[role=dialog], .modal, .wx-modal').getByText('取消订单').last().click()
    await page.getByText('已关闭').first().waitFor()
    const { order, trade } = await lastOrder()
    expect([order.status, trade.state]).toEqual(['closed', 'CLOSED'])
    expect(problems).toEqual([])
    await close()
  })
})

withBrowser('two shoppers side by side each see their own orders', async () => {
  const page = await theStack().browser.newPage({ viewport: { width: 1280, height: 1100 } })
  const url = new URL(theStack().host.run.previewUrl)
  url.search = `?phones=${XIAOLIN},${AQING}`
  await page.goto(url.href)
  const phones = page.frames().filter((frame) => frame.url().includes('/phone'))
  await page.frameLocator('iframe').nth(1).getByText('云南日晒咖啡豆 250g').waitFor()
  expect(phones.length).toBe(2)
  await page.frameLocator('iframe').nth(0).getByText('订单', { exact: true }).last().click()
  await page.frameLocator('iframe').nth(1).getByText('订单', { exact: true }).last().click()
  await page.frameLocator('iframe').nth(0).getByText('已支付，待发货').first().waitFor()
  await page.frameLocator('iframe').nth(1).getByText('还没有订单').first().waitFor()
  await photograph(page, 'two-phones')
  await page.close()
})

withBrowser(
  'the printed address leads to a console that acts; the bare one to a console that shows',
  async () => {
    const { previewUrl, consoleUrl } = theStack().host.run
    const { origin, hash } = new URL(consoleUrl)
    const page = await theStack().browser.newPage()
    await page.goto(`${previewUrl}${hash}`)
    const link = page.getByText('微信支付沙箱 Sandbox console')
    expect(await link.getAttribute('href')).toBe(consoleUrl)
    expect(page.url()).not.toContain('token')
    await page.reload()
    const [acting] = await Promise.all([page.waitForEvent('popup'), link.click()])
    await acting.getByText('已连接 live').waitFor()
    await acting.click('#tab-keys')
    await acting.getByText('sandbox.json').first().waitFor()
    expect(acting.url()).toBe(`${origin}/#/keys`)
    await page.close()
    const stranger = await (await theStack().browser.newContext()).newPage()
    await stranger.goto(previewUrl)
    const [showing] = await Promise.all([
      stranger.waitForEvent('popup'),
      stranger.getByText('微信支付沙箱 Sandbox console').click(),
    ])
    await showing.getByText('只读').first().waitFor()
    await showing.getByText('已连接 live').waitFor()
    // The printed address, in a page that is open already: only what is behind the # is new, so nothing is loaded.
    await stranger.evaluate(`location.hash = ${JSON.stringify(hash)}`)
    await stranger.locator(`a[href="${consoleUrl}"]`).waitFor()
    expect(stranger.url()).not.toContain('token')
    await stranger.reload()
    expect(await stranger.getByText('微信支付沙箱 Sandbox console').getAttribute('href')).toBe(consoleUrl)
    await stranger.context().close()
  },
)

withBrowser(
  'where the browser lets nothing be stored, the printed address leads on all the same',
  async () => {
    const { previewUrl, consoleUrl } = theStack().host.run
    const context = await theStack().browser.newContext()
    await context.addInitScript(`Object.defineProperty(window, 'sessionStorage', {
      get() { throw new DOMException('forbidden by the settings', 'SecurityError') } })`)
    const page = await context.newPage()
    await page.goto(`${previewUrl}${new URL(consoleUrl).hash}`)
    expect(await page.getByText('微信支付沙箱 Sandbox console').getAttribute('href')).toBe(consoleUrl)
    expect(page.url()).not.toContain('token')
    await context.close()
  },
)
