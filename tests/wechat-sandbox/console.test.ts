/** The console in a real browser: what it shows, what its buttons do, and that it is safe to look at. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAULT_NAMES } from 'wechat-sandbox'
import { consoleBench, openTab, says } from './console-page.ts'
import { aShop, START } from './merchant.ts'

const inConsole = consoleBench()

inConsole('an empty sandbox says what to do; what happens then appears by itself', async (bench) => {
  const { page, sandbox, merchant } = bench
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '还没有订单', '#list')
  await says(page, '已连接', '#link')
  await merchant.prepay({ out_trade_no: 'LIVE-0001', description: '<img src=x onerror=alert(1)>' })
  await says(page, 'LIVE-0001', '#list')
  await says(page, '<img src=x onerror=alert(1)>', '#list')
  expect(await page.locator('#list img').count()).toBe(0)
  await page.click('tr[data-id="LIVE-0001"]')
  await says(page, '待支付', '.diagram .here')
  await page.click('text=代用户支付')
  await says(page, '成功', '.diagram .here')
  expect(sandbox.control.trade('LIVE-0001').state).toBe('SUCCESS')
  await merchant.buy({ out_trade_no: 'LIVE-0002' })
  await merchant.refund('LIVE-0002')
  await openTab(page, 'refunds')
  await page.click('tr[data-id="R-LIVE-0002"]')
  await says(page, '处理中', '.diagram .here')
  await page.click('button:text-is("异常")')
  await says(page, 'ABNORMAL', '.diagram .here')
  expect(sandbox.control.refund('R-LIVE-0002').state).toBe('ABNORMAL')
})

inConsole('the token leaves the address bar at once; without it the page only shows', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '已连接', '#link')
  expect(page.url()).toBe(`${sandbox.info.controlUrl}/`)
  const other = await bench.newPage()
  await other.goto(sandbox.info.controlUrl)
  await other.waitForSelector('#notice:has-text("只读")')
  await other.click('text=+1 分钟')
  await other.waitForSelector('#notice:has-text("需要控制令牌")')
  expect(sandbox.now()).toBe(START)
  await other.fill('#notice input', sandbox.info.controlToken)
  await other.click('text=使用令牌')
  await other.click('text=+1 分钟')
  await other.waitForSelector('#offset:has-text("+1 m 0 s")')
  expect(sandbox.now()).toBe(START + 60_000)
  await other.context().close()
  expect(bench.problems.splice(0)).toEqual([expect.stringContaining('401 (Unauthorized)')])
})

inConsole(
  'the printed address, opened in a tab that only shows, lets it act, in its place',
  async (bench) => {
    const { page, sandbox } = bench
    await page.goto(`${sandbox.info.controlUrl}/#/faults`)
    await says(page, '只读', '#notice')
    // As a paste into the address bar: only what is behind the # is new, so nothing is loaded.
    await page.evaluate(`location.href = ${JSON.stringify(sandbox.info.consoleUrl)}`)
    await page.locator('#notice').waitFor({ state: 'hidden' })
    expect(page.url()).toBe(`${sandbox.info.controlUrl}/#/faults`)
    await page.click('text=+1 分钟')
    await says(page, '+1 m 0 s', '#offset')
    await page.reload()
    await page.click('text=+1 分钟')
    await says(page, '+2 m 0 s', '#offset')
    expect(sandbox.now()).toBe(START + 120_000)
  },
)

inConsole('a link with somebody else’s token takes the place of no good one, and says so', async (bench) => {
  const { page, sandbox, problems } = bench
  const foreign = `${sandbox.info.controlUrl}/#token=SOMEBODY-ELSE`
  await page.goto(foreign)
  await says(page, '这个令牌不是这个沙箱的', '#notice')
  expect(page.url()).toBe(`${sandbox.info.controlUrl}/`)
  await page.fill('#notice input', sandbox.info.controlToken)
  await page.click('text=使用令牌')
  await page.locator('#notice').waitFor({ state: 'hidden' })
  await page.evaluate(`location.href = ${JSON.stringify(foreign)}`)
  await says(page, '这个令牌不是这个沙箱的', '#notice')
  expect(await page.locator('#notice input').count()).toBe(0)
  await page.click('text=+1 分钟')
  await says(page, '+1 m 0 s', '#offset')
  await page.reload()
  await page.click('text=+1 分钟')
  await says(page, '+2 m 0 s', '#offset')
  const unauthorized = expect.stringContaining('401 (Unauthorized)')
  expect(problems.splice(0)).toEqual([unauthorized, unauthorized])
})

inConsole('where the browser lets nothing be stored, the token serves as long as the page', async (bench) => {
  const { page, sandbox } = bench
  await page.addInitScript(`Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('forbidden by the settings', 'SecurityError') } })`)
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '已连接', '#link')
  expect(page.url()).toBe(`${sandbox.info.controlUrl}/`)
  await page.click('text=+1 分钟')
  await says(page, '+1 m 0 s', '#offset')
  await page.reload()
  await says(page, '只读', '#notice')
})

inConsole('a wrong signature is explained with the difference between the two strings', async (bench) => {
  const { page, sandbox, merchant } = bench
  await page.goto(sandbox.info.consoleUrl)
  await merchant.v3('POST', '/v3/pay/transactions/jsapi', merchant.order(), { signedBody: '' })
  await openTab(page, 'requests')
  await says(page, '401 SIGN_ERROR', '#list')
  await page.click('tr.choice')
  await says(page, '没有签请求体', '.finding')
  const [expected, signed] = await page.locator('pre.signed').allTextContents()
  expect(expected).toContain('"out_trade_no":"ORDER-0001"')
  expect(signed).not.toContain('ORDER-0001')
  expect(await page.locator('pre.signed mark').first().textContent()).toContain('ORDER-0001')
})

inConsole(
  'a notification shows its attempts and what is inside, and can be sent and tampered with',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    const shop = await aShop()
    sandbox.control.addFault({ fault: 'hold-notification' })
    await merchant.buy({ out_trade_no: 'NOTE-0001', notify_url: shop.url, attach: 'memo' })
    await page.goto(sandbox.info.consoleUrl)
    await openTab(page, 'notifications')
    await page.click('tr.choice')
    await says(page, '"attach": "memo"', '#detail')
    await page.click('text=不签名')
    await says(page, 'unsigned', '.attempt')
    // The shop of this test acknowledges whatever it is sent.
    await says(page, '收下了，应拒绝', '.attempt')
    await page.click('text=重发 replay')
    await says(page, '已送达', '#list')
    expect(shop.received).toHaveLength(2)
    expect(shop.received[0]?.headers['wechatpay-signature']).toBeUndefined()
  },
)

inConsole('time is stopped, stepped and moved to tomorrow’s bills', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await page.click('text=暂停 pause')
  await says(page, '已暂停', '#offset')
  await page.click('text=明天 10:01')
  await says(page, '2026-11-23 10:01:00', '#time')
  expect(sandbox.control.clock()).toMatchObject({ now: '2026-11-23T02:01:00.000Z', paused: true })
})

inConsole(
  'a fault is planned, seen and taken back; a scenario runs; everything is cleared',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    await page.goto(sandbox.info.consoleUrl)
    await openTab(page, 'faults')
    await page.selectOption('select[name=fault]', 'delay')
    await page.fill('input[name=ms]', '25')
    await page.fill('input[name=rate]', '0.5')
    await page.fill('input[name=path]', '/v3/*')
    await page.click('text=安排 plan >> nth=-1')
    await says(page, '50% · seed 0', '#planned')
    expect(sandbox.control.faults().faults).toMatchObject([
      { fault: 'delay', ms: 25, rate: 0.5, times: null, match: { path: '/v3/*' } },
    ])
    await page.click('text=写入现有故障')
    const exported = JSON.parse(await page.inputValue('textarea'))
    expect(exported).toMatchObject({ faults: [{ fault: 'delay', ms: 25, rate: 0.5 }], steps: [] })
    await page.click('#planned >> text=取消')
    await says(page, '没有故障', '#planned')
    await page.click('text=执行 run')
    await says(page, '已安排 1 个故障、0 步', '#notice')
    await page.click('#planned >> text=取消')
    await says(page, '没有故障', '#planned')
    await merchant.prepay({ out_trade_no: 'CLEAR-001' })
    await page.click('text=清空全部记录')
    await openTab(page, 'trades')
    await says(page, '还没有订单', '#list')
    expect(() => sandbox.control.trade('CLEAR-001')).toThrow()
  },
)

inConsole('keys are there to copy for six SDKs', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'keys')
  await says(page, 'Java (wechatpay-java)', '#list')
  await says(page, sandbox.info.v3Key, '#list')
  expect(await page.locator('.keys h2').count()).toBe(7)
})

inConsole('when the sandbox stops, the page says so', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '已连接', '#link')
  await sandbox.close()
  await says(page, '连接断开', '#link')
  const { problems } = bench
  problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('net::ERR_')))
})

inConsole('at 800 pixels nothing sticks out of the page', async (bench) => {
  const { page, sandbox, merchant } = bench
  await merchant.buy({ out_trade_no: 'NARROW-1', description: '很长的商品名称'.repeat(15) })
  await page.setViewportSize({ width: 800, height: 900 })
  await page.goto(sandbox.info.consoleUrl)
  for (const tab of ['trades', 'requests', 'entries', 'faults']) {
    await openTab(page, tab)
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(widths).toEqual([800, 800])
  }
})

test('the page offers every fault that there is, by its name', () => {
  const source = readFileSync(join(__dirname, '../../packages/wechat-sandbox/console/faults.js'), 'utf8')
  const offered = [...source.matchAll(/\['([^']+)', /g)].map(([, name]) => name)
  expect(offered.sort()).toEqual([...FAULT_NAMES].sort())
})
