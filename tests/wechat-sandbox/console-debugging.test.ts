/** The console as somebody uses it who looks for a mistake: finding, comparing, following, by keyboard, for hours. */
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { anyFreePort } from '@yuanlu/devhost'
import type { Page } from 'playwright-core'
import { startSandbox } from 'wechat-sandbox'
import { type ConsoleBench, consoleBench, openRow, openTab, says } from './console-page.ts'
import { aShop, newDirectory, START } from './merchant.ts'

const inConsole = consoleBench()
const NOWHERE = 'http://127.0.0.1:9/wxpay/notify/payment'

/** Orders placed without a merchant, numbered from 1. */
function place(sandbox: ConsoleBench['sandbox'], count: number, prefix = 'MANY'): void {
  for (let index = 1; index <= count; index++) {
    const outTradeNo = `${prefix}${String(index).padStart(5, '0')}`
    sandbox.control.placeOrder({ amountFen: 100, notifyUrl: NOWHERE, outTradeNo, description: '批量' })
  }
}

/** Visible rows of the list, by their ids. */
const rowsOf = (page: Page) =>
  page
    .locator('#list tbody tr')
    .evaluateAll((rows) => rows.map((row) => (row instanceof HTMLElement ? row.dataset.id : '')))

inConsole('what was paid is shown beside what was ordered, and differences stand out', async (bench) => {
  const { page, sandbox, merchant } = bench
  await merchant.buy({ out_trade_no: 'RIGHT-0001' })
  sandbox.control.addFault({ fault: 'wrong-amount', amountFen: 1, currency: 'USD' })
  await merchant.buy({ out_trade_no: 'WRONG-0001' })
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '实付不符', 'tr[data-id="WRONG-0001"]')
  expect(await page.locator('tr[data-id="RIGHT-0001"]').textContent()).not.toContain('实付不符')
  await page.check('text=只看实付不符的')
  await page.locator('tr[data-id="RIGHT-0001"]').waitFor({ state: 'detached' })
  expect(await rowsOf(page)).toEqual(['WRONG-0001'])
  await openRow(page, 'WRONG-0001')
  await says(page, '0.01 USD ≠ ¥19.99', '.payment.odd')
})

inConsole('of 500 orders the newest 50 are listed, more on demand, and any can be found', async (bench) => {
  const { page, sandbox } = bench
  place(sandbox, 500)
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '最近 50 条，共 500 条', '#more')
  expect((await rowsOf(page)).slice(0, 2)).toEqual(['MANY00500', 'MANY00499'])
  await page.click('text=再显示 100 条')
  await says(page, '最近 150 条，共 500 条', '#more')
  expect(await page.locator('#list tbody tr').count()).toBe(150)
  await page.fill('#find', 'many00007')
  await page.locator('tr[data-id="MANY00500"]').waitFor({ state: 'detached' })
  expect(await rowsOf(page)).toEqual(['MANY00007'])
  await page.fill('#find', 'nothing like it')
  await says(page, '没有符合的', '#list')
})

inConsole('an order that is looked at stays, although newer ones push it out of the list', async (bench) => {
  const { page, sandbox } = bench
  place(sandbox, 1, 'FIRST')
  await page.goto(sandbox.info.consoleUrl)
  await openRow(page, 'FIRST00001')
  await says(page, 'FIRST00001', '#detail h2')
  place(sandbox, 60)
  await page.locator('tr[data-id="FIRST00001"]').waitFor({ state: 'detached' })
  sandbox.control.payOrder('FIRST00001')
  await says(page, '成功', '.diagram .here')
  expect(await page.locator('#detail h2').textContent()).toContain('FIRST00001')
})

inConsole('news takes neither the keyboard’s place nor the selected text away', async (bench) => {
  const { page, sandbox, merchant } = bench
  await merchant.v3('GET', '/v3/certificates', undefined, { signedBody: '{}' })
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'requests')
  const pick = page.locator('#list button.pick').first()
  await pick.focus()
  await page.keyboard.press('Enter')
  await says(page, '没有请求体，却签了 {}', '.finding')
  const select = `(() => { const range = document.createRange()
    range.selectNodeContents(document.querySelector('pre.signed'))
    getSelection().removeAllRanges(); getSelection().addRange(range) })()`
  await page.evaluate(select)
  await merchant.v3('GET', '/v3/certificates')
  await page.waitForFunction(() => document.querySelectorAll('#list tbody tr').length === 2)
  sandbox.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE })
  await says(page, '1', '#tab-trades .count')
  expect(await page.evaluate(() => String(getSelection()))).toContain('GET\n/v3/certificates')
  expect(await page.evaluate(() => document.activeElement?.closest('tr')?.dataset.id)).toBe('1')
})

inConsole('everything can be reached with the keyboard, and closing leads back', async (bench) => {
  const { page, sandbox, merchant } = bench
  await merchant.buy({ out_trade_no: 'KEYS-0001' })
  await page.goto(sandbox.info.consoleUrl)
  await page.focus('#tab-trades')
  await page.keyboard.press('ArrowLeft')
  expect(await page.getAttribute('#tab-keys', 'aria-selected')).toBe('true')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-keys')
  await page.keyboard.press('ArrowRight')
  await page.locator('button.pick:text-is("KEYS-0001")').focus()
  await page.keyboard.press('Space')
  await says(page, 'KEYS-0001', '#detail h2')
  expect(await page.getAttribute('button.pick', 'aria-expanded')).toBe('true')
  await page.focus('#detail .close')
  await page.keyboard.press('Escape')
  expect(await page.locator('#detail').isVisible()).toBe(false)
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('KEYS-0001')
  await page.focus('#clock-pause')
  await page.keyboard.press('Enter')
  await says(page, '继续 run', '#clock-pause')
  await page.keyboard.press('Enter')
  await says(page, '暂停 pause', '#clock-pause')
})

inConsole(
  'a press goes on from the last one, however late the browser tells of the address',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    await merchant.buy({ out_trade_no: 'BUSY-0001' })
    // Later than any test waits.
    await page.addInitScript(
      `addEventListener('hashchange', (event) => event.isTrusted && event.stopImmediatePropagation())`,
    )
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(sandbox.info.consoleUrl)
    await page.focus('#tab-trades')
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key)
    expect(await page.getAttribute('#tab-trades', 'aria-selected')).toBe('true')
    await page.locator('button.pick:text-is("BUSY-0001")').focus()
    await page.keyboard.press('Enter')
    await says(page, 'BUSY-0001', '#detail h2')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('BUSY-0001')
  },
)

inConsole(
  'an order leads to its refund, notification and requests, and the way back works',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    const shop = await aShop()
    await merchant.buy({ out_trade_no: 'PATH-0001', notify_url: shop.url })
    await merchant.refund('PATH-0001')
    await page.goto(sandbox.info.consoleUrl)
    await openRow(page, 'PATH-0001')
    await page.click('#detail >> text=R-PATH-0001')
    await says(page, '处理中', '.diagram .here')
    expect(page.url()).toBe(`${sandbox.info.controlUrl}/#/refunds/R-PATH-0001`)
    await page.reload()
    await says(page, 'R-PATH-0001', '#detail h2')
    await page.goBack()
    await says(page, '转入退款', '.diagram .here')
    await page.click('#detail >> text=POST /v3/refund/domestic/refunds')
    await says(page, '签名正确', '.finding')
    await page.click('#detail dd a')
    await says(page, 'R-PATH-0001', '#detail h2')
  },
)

inConsole('two strings are compared word by word, the order of v2 members too', async (bench) => {
  const { page, sandbox, merchant } = bench
  const members = { ...merchant.orderV2(), sign_type: 'HMAC-SHA256' }
  const sign = merchant.signV2(merchant.orderV2(), 'HMAC-SHA256')
  await merchant.v2('/pay/unifiedorder', { ...members, sign })
  await page.goto(`${sandbox.info.controlUrl}/#/requests/1`)
  await says(page, '没有签 sign_type', '.finding')
  expect(await page.locator('pre.signed mark').allTextContents()).toEqual(['sign_type=HMAC-SHA256&'])
  const pieces = await page.evaluate(
    `import('/console/difference.js').then((module) => module.difference('a=1&b=2&c=3', 'a=1&c=3&b=2'))`,
  )
  expect(pieces).toEqual({
    left: [
      { text: 'a=1&', isSame: true },
      { text: 'b=2&', isSame: false },
      { text: 'c=3', isSame: true },
    ],
    right: [
      { text: 'a=1&c=3', isSame: true },
      { text: '&b=2', isSame: false },
    ],
  })
})

inConsole('a string that cannot be guessed is compared once it is pasted', async (bench) => {
  const { page, sandbox, merchant } = bench
  const signed = JSON.stringify(merchant.order({ amount: { total: 1, currency: 'CNY' } }))
  await merchant.v3('POST', '/v3/pay/transactions/jsapi', merchant.order(), { signedBody: signed })
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'requests')
  await page.click('#list td.key')
  await says(page, '私钥正确，但签名的是另一个字符串', '.finding')
  const expected = (await page.locator('pre.signed').first().textContent()) ?? ''
  await page.click('text=与我的代码签名的字符串比较')
  await page.fill('.compare textarea', expected.replace('1999', '1'))
  expect(await page.locator('.compared mark').allTextContents()).toEqual(['1999', '1'])
  await page.fill('.compare textarea', expected)
  await says(page, '两个字符串相同', '.compared')
})

inConsole(
  'a notification that fails shows each attempt, the answer, and when the next is due',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    const shop = await aShop()
    shop.reply = { status: 500, body: '{"code":"FAIL","message":"数据库忙"}' }
    await merchant.buy({ out_trade_no: 'FAIL-0001', notify_url: shop.url })
    await sandbox.control.moveClock({ advanceMs: 30_000 })
    await page.goto(sandbox.info.consoleUrl)
    await openTab(page, 'notifications')
    await page.click('#list td.key')
    await says(page, '发送记录 attempts (3)', '#detail')
    // Sent at 0, 15 and 30 seconds; the third retry comes 30 seconds later.
    await says(page, '11-22 10:01:00（第 4 次，最多 16 次）', '#detail')
    expect(await page.locator('.attempt[open] pre').first().textContent()).toContain('数据库忙')
    await page.click('text=换成别的订单')
    await says(page, 'other-order-body', '.attempt summary')
    await says(page, '这一次里面的内容', '.attempt[open]')
    const covered = page.locator('.attempt[open] .verified').first()
    await covered.locator('summary').click()
    const [timestamp, nonce] = ((await covered.locator('pre.signed').textContent()) ?? '').split('\n')
    expect(timestamp).toMatch(/^\d{10}$/)
    expect(nonce).toBe(shop.received.at(-1)?.headers['wechatpay-nonce'])
    await openTab(page, 'trades')
    await openRow(page, 'FAIL-0001')
    await page.click('#detail >> text=没有签名')
    await says(page, '伪造 forged', '#detail .links')
    expect(shop.received.at(-1)?.headers['wechatpay-signature']).toBeUndefined()
    await page.click('#detail .links li:has-text("伪造") a')
    await says(page, '拒绝了 refused', '.attempt')
  },
)

inConsole('a fault is asked for what it takes, and nothing else', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'faults')
  const fields = () =>
    page
      .locator('form.fault :is(input, select):visible')
      .evaluateAll((all) => all.map((one) => one.getAttribute('name')))
  const always = ['path', 'outTradeNo', 'outRefundNo', 'times', 'rate', 'seed']
  expect(await fields()).toEqual(['fault', ...always])
  await page.selectOption('select[name=fault]', 'wrong-amount')
  expect(await fields()).toEqual(['fault', 'amountFen', 'currency', ...always])
  await page.fill('input[name=amountFen]', '1')
  await page.fill('input[name=currency]', 'USD')
  await page.selectOption('select[name=fault]', 'duplicate-notification')
  await page.fill('input[name=copies]', '5')
  await page.fill('input[name=rate]', '0.25')
  await page.fill('input[name=seed]', 'monday')
  await page.click('form.fault button')
  await says(page, '25% · seed monday', '#planned')
  const [fault] = sandbox.control.faults().faults
  expect(fault).toMatchObject({
    fault: 'duplicate-notification',
    copies: 5,
    rate: 0.25,
    seed: 'monday',
    times: null,
  })
  expect([fault?.amountFen, fault?.currency]).toEqual([null, null])
})

inConsole('money is topped up, and part of a payment refunded in the merchant platform', async (bench) => {
  const { page, sandbox, merchant } = bench
  await merchant.buy({ out_trade_no: 'PART-0001' })
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'entries')
  await says(page, `merchant:${sandbox.info.mchid}:pending`, '#list')
  await page.fill('#list input', '1.005')
  await page.click('text=充值 top up')
  await says(page, '金额要写成元', '.complaint')
  await page.fill('#list input', '88.8')
  await page.click('text=充值 top up')
  await says(page, '¥88.80', '#money')
  expect(sandbox.control.balance()).toEqual({ availableFen: 8_880, pendingFen: 1_999 })
  await openTab(page, 'trades')
  await openRow(page, 'PART-0001')
  await page.fill('[aria-label="退款金额（元）"]', '5.01')
  await page.click('text=商户平台退款')
  await says(page, '¥5.01', '#detail .links')
})

inConsole('the clock jumps to a time that is given', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '已连接', '#link')
  await page.fill('.jump input', '2026-12-24T18:30')
  await page.click('text=跳到 jump')
  await says(page, '2026-12-24 18:30:00', '#time')
  expect(sandbox.now()).toBe(Date.parse('2026-12-24T10:30:00Z'))
})

inConsole('when the sandbox comes back, so does the page, with what is there then', async (bench) => {
  const { newPage, problems } = bench
  const dataDir = await newDirectory()
  const controlPort = await anyFreePort()
  const first = await startSandbox({ dataDir, controlPort, clock: () => START })
  const page = await newPage()
  await page.goto(first.info.consoleUrl)
  await says(page, '还没有订单', '#list')
  await first.close()
  await says(page, '沙箱没有应答', '#lost')
  const second = await startSandbox({ dataDir, controlPort, clock: () => START })
  await page.locator('#lost').waitFor({ state: 'hidden' })
  second.control.placeOrder({ amountFen: 1, notifyUrl: NOWHERE, outTradeNo: 'AGAIN-0001' })
  await says(page, 'AGAIN-0001', '#list')
  await page.context().close()
  await second.close()
  problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('net::ERR_')))
})

/** Twenty who watch, with these headers. */
const twenty = ({ sandbox }: ConsoleBench, headers: Record<string, string>): Promise<IncomingMessage[]> =>
  Promise.all(
    Array.from(
      { length: 20 },
      () =>
        new Promise<IncomingMessage>((resolve) => {
          get(`${sandbox.info.controlUrl}/console/events`, { headers }, resolve)
        }),
    ),
  )

inConsole('a page that finds no free place says so, and gets one when another page goes', async (bench) => {
  const { page, sandbox, problems } = bench
  const watching = await twenty(bench, { Authorization: `Bearer ${sandbox.info.controlToken}` })
  await page.goto(sandbox.info.consoleUrl)
  await says(page, '20 pages watch already; close one', '#lost')
  for (const answer of watching) answer.destroy()
  await says(page, '已连接', '#link')
  problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('409')))
})

inConsole('twenty strangers who watch take no place of the owner’s', async (bench) => {
  const { page, sandbox, problems } = bench
  const watching = await twenty(bench, {})
  await page.goto(sandbox.info.controlUrl)
  await says(page, '20 pages watch already without the token', '#lost')
  await page.evaluate(`location.href = ${JSON.stringify(sandbox.info.consoleUrl)}`)
  await says(page, '已连接', '#link')
  for (const answer of watching) answer.destroy()
  problems.splice(0, problems.length, ...problems.filter((problem) => !problem.includes('409')))
})

inConsole('the picture comes through one stream; nothing is asked for again and again', async (bench) => {
  const { page, sandbox } = bench
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(sandbox.info.consoleUrl)
  for (const count of ['1', '2', '3']) {
    place(sandbox, 1, `LIVE${count}`)
    await says(page, count, '#tab-trades .count')
  }
  expect(asked.filter((path) => path === '/console/events')).toHaveLength(1)
  expect(asked.filter((path) => path === '/console/state')).toEqual([])
})

inConsole('10,000 events make neither the page nor its memory grow', async (bench) => {
  const { page, sandbox } = bench
  await page.goto(sandbox.info.consoleUrl)
  place(sandbox, 100, 'WARM')
  await says(page, '100', '#tab-trades .count')
  await openRow(page, 'WARM00100')
  await says(page, 'WARM00100', '#detail h2')
  const devtools = await page.context().newCDPSession(page)
  const measure = async () => {
    await devtools.send('HeapProfiler.collectGarbage')
    const { nodes } = await devtools.send('Memory.getDOMCounters')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    return { nodes, usedSize }
  }
  const before = await measure()
  for (let round = 1; round <= 20; round++) {
    place(sandbox, 500, `R${String(round).padStart(2, '0')}-`)
    await says(page, String(100 + round * 500), '#tab-trades .count')
  }
  const after = await measure()
  expect(await page.locator('#list tbody tr').count()).toBe(50)
  expect(after.nodes).toBeLessThan(before.nodes * 1.5)
  expect(after.usedSize - before.usedSize).toBeLessThan(4 * 1024 * 1024)
})

inConsole('the keys are copied with one press', async (bench) => {
  const { sandbox, newPage } = bench
  const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
  await page.goto(sandbox.info.consoleUrl)
  await openTab(page, 'keys')
  await page.click('.keys:has-text("wechatpay-go") >> text=复制')
  await says(page, '已复制', '.keys')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(
    'WithWechatPayPublicKeyAuthCipher',
  )
  await page.context().close()
})

inConsole(
  'nothing sticks out at 1440, 1024 and 390 pixels, and a narrow page shows one thing at a time',
  async (bench) => {
    const { page, sandbox, merchant } = bench
    await merchant.buy({
      out_trade_no: 'NARROW-000000000000000000000001',
      description: '很长的商品名称'.repeat(15),
    })
    await merchant.v3('POST', '/v3/pay/transactions/jsapi', merchant.order(), { signedBody: '' })
    for (const width of [1440, 1024, 390]) {
      await page.setViewportSize({ width, height: 844 })
      await page.goto(sandbox.info.consoleUrl)
      await says(page, '已连接', '#link')
      for (const tab of ['trades', 'requests', 'notifications', 'entries', 'faults', 'keys']) {
        await openTab(page, tab)
        if (tab === 'trades' || tab === 'requests') {
          await page.locator('#list td.key').first().click()
          await page.locator('#detail h2').waitFor()
          expect(await page.locator('#panel').isVisible()).toBe(width > 900)
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
      }
    }
  },
)

inConsole(
  'no rule of accessibility that a machine can check is broken, in light and in dark',
  async (bench) => {
    const { sandbox, merchant, newPage } = bench
    const shop = await aShop()
    await merchant.buy({ out_trade_no: 'AXE-000001', notify_url: shop.url })
    await merchant.refund('AXE-000001')
    await merchant.v3('GET', '/v3/certificates', undefined, { signedBody: '{}' })
    sandbox.control.addFault({ fault: 'delay' })
    const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8')
    for (const colorScheme of ['light', 'dark'] as const) {
      // The checker is put into the page, which the page's own policy forbids to everyone.
      const page = await newPage({ colorScheme, bypassCSP: true })
      await page.goto(sandbox.info.consoleUrl)
      await says(page, '已连接', '#link')
      await page.evaluate(axe)
      const check = async (where: string) => {
        const found: unknown = await page.evaluate(
          `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
        )
        expect({ where, found }).toEqual({ where, found: [] })
      }
      for (const tab of [
        'trades',
        'refunds',
        'requests',
        'notifications',
        'entries',
        'faults',
        'platform',
        'keys',
      ]) {
        await openTab(page, tab)
        await check(tab)
        if (!['trades', 'refunds', 'requests', 'notifications'].includes(tab)) continue
        await page.locator('#list td.key').first().click()
        await page.locator('#detail h2').waitFor()
        await check(`a detail of ${tab}`)
      }
      await page.context().close()
    }
  },
)
