import { join } from 'node:path'
import { aSandbox, fromXml, Merchant, newDirectory, START } from './merchant.ts'
import { advance, HOUR, MINUTE, merchant, received, SECOND, sandbox, shop } from './told-shop.ts'

let number = 0
beforeEach(() => {
  number += 1
})

const outTradeNo = () => `NOTIFY-${String(number).padStart(3, '0')}`
const due = () => sandbox.control.moveClock({ advanceMs: 0 })
const buy = () => merchant.buy({ out_trade_no: outTradeNo(), notify_url: shop.url, attach: 'memo' })
const buyV2 = (signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256') =>
  merchant.buyV2({ out_trade_no: outTradeNo(), notify_url: shop.url, attach: 'memo' }, signType)
const notification = () => {
  const [only] = sandbox.control.notifications({ outTradeNo: outTradeNo() }).notifications
  if (only === undefined) throw new Error('no notification')
  return only
}

test('a v3 payment arrives as an envelope that is signed and then encrypted', async () => {
  await buy()
  await due()
  expect(shop.received).toHaveLength(1)
  const { path, headers, body } = received()
  expect(path).toBe('/wxpay/notify/payment')
  expect(headers['content-type']).toBe('application/json')
  expect(headers['wechatpay-serial']).toBe(sandbox.info.publicKeyId)
  expect(headers['wechatpay-signature-type']).toBe('WECHATPAY2-SHA256-RSA2048')
  expect(headers['wechatpay-timestamp']).toBe(String(START / 1000))
  expect(merchant.isGenuine(headers, body)).toBe(true)
  const envelope = JSON.parse(body)
  expect(envelope).toMatchObject({
    create_time: '2026-11-22T10:00:00+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction' },
  })
  expect(envelope.id).toMatch(/^[0-9a-f-]{36}$/)
  const transaction = JSON.parse(merchant.decrypt(envelope.resource))
  expect(transaction).toMatchObject({
    mchid: sandbox.info.mchid,
    appid: sandbox.info.appid,
    out_trade_no: outTradeNo(),
    trade_state: 'SUCCESS',
    attach: 'memo',
    payer: { openid: 'openid-alice' },
    amount: { total: 1999, payer_total: 1999, currency: 'CNY', payer_currency: 'CNY' },
  })
  const [attempt] = notification().attempts
  expect(notification().status).toBe('delivered')
  expect(attempt).toMatchObject({ ok: true, answer: { status: 204, body: '' }, decrypted: transaction })
  expect(attempt?.request.body).toBe(body)
})

test('a trade whose order named no public key is notified under the platform certificate', async () => {
  const order = merchant.order({ out_trade_no: outTradeNo(), notify_url: shop.url })
  const answer = await merchant.v3('POST', '/v3/pay/transactions/jsapi', order, {
    headers: { 'Wechatpay-Serial': null },
  })
  const parameters = merchant.payParameters(JSON.parse(answer.body).prepay_id)
  sandbox.control.cashier({ ...parameters, openid: 'openid-alice', action: 'pay' })
  await due()
  expect(received().headers['wechatpay-serial']).toBe(sandbox.info.platformSerialNo)
})

test.each(['MD5', 'HMAC-SHA256'] as const)(
  'a v2 payment arrives as XML signed with %s, without sign_type',
  async (signType) => {
    shop.reply = { status: 200, body: '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>' }
    await buyV2(signType)
    await due()
    const { headers, body } = received()
    expect(headers['content-type']).toBe('text/xml')
    const fields = fromXml(body)
    expect(fields).toMatchObject({
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      appid: sandbox.info.appid,
      mch_id: sandbox.info.mchid,
      out_trade_no: outTradeNo(),
      total_fee: '1999',
      cash_fee: '1999',
      fee_type: 'CNY',
      attach: 'memo',
      time_end: '20261122100000',
    })
    expect(fields.sign_type).toBeUndefined()
    expect(fields.sign).toBe(merchant.signV2(fields, signType))
    expect(notification().status).toBe('delivered')
  },
)

test('a merchant that never acknowledges hears it 16 times in 24 h 4 min, then no more', async () => {
  shop.reply = { status: 500, body: '{"code":"FAIL","message":"失败"}' }
  await buy()
  const first = sandbox.now()
  await due()
  await advance(24 * HOUR + 4 * MINUTE - 1)
  expect(shop.received).toHaveLength(15)
  await advance(1)
  expect(shop.received).toHaveLength(16)
  await advance(48 * HOUR)
  expect(shop.received).toHaveLength(16)
  const { attempts, status, nextAttemptAt } = notification()
  expect([status, nextAttemptAt]).toEqual(['exhausted', null])
  const gaps = attempts.map(
    ({ at }, i) => Date.parse(at) - (i === 0 ? first : Date.parse(attempts[i - 1]?.at ?? '')),
  )
  expect(gaps.map((gap) => gap / SECOND)).toEqual([
    0, 15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600,
  ])
  const ids = new Set(shop.received.map(({ body }) => JSON.parse(body).id))
  expect(ids.size).toBe(1)
  const nonces = new Set(shop.received.map(({ headers }) => headers['wechatpay-nonce']))
  expect(nonces.size).toBe(16)
})

test('the retries stop with the first acknowledgement', async () => {
  shop.reply = { status: 503, body: '' }
  await buy()
  await due()
  expect(notification()).toMatchObject({ status: 'pending' })
  shop.reply = { status: 200, body: '{"code":"SUCCESS","message":"成功"}' }
  await advance(15 * SECOND)
  expect(notification()).toMatchObject({ status: 'delivered', nextAttemptAt: null })
  await advance(24 * HOUR)
  expect(shop.received).toHaveLength(2)
})

describe('what counts as an acknowledgement', () => {
  test.each([
    [200, '', true],
    [204, '', true],
    [200, '{"code":"SUCCESS","message":"成功"}', true],
    [200, '{"code":"FAIL","message":"失败"}', false],
    [200, 'success', false],
    [201, '', false],
    [301, '', false],
    [401, '', false],
    [500, '{"code":"SUCCESS"}', false],
  ])('v3: %i with %j: %s', async (status, body, ok) => {
    shop.reply = { status, body }
    await buy()
    await due()
    expect(notification().attempts.map((attempt) => attempt.ok)).toEqual([ok])
    expect(shop.received).toHaveLength(1)
  })

  test.each([
    [
      200,
      '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>',
      true,
    ],
    [200, '<xml><return_code>SUCCESS</return_code></xml>', true],
    [200, '<xml><return_code><![CDATA[FAIL]]></return_code></xml>', false],
    [200, 'SUCCESS', false],
    [200, '', false],
    [204, '', false],
    [200, '{"code":"SUCCESS"}', false],
    [500, '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>', false],
  ])('v2: %i with %j: %s', async (status, body, ok) => {
    shop.reply = { status, body }
    await buyV2()
    await due()
    expect(notification().attempts.map((attempt) => attempt.ok)).toEqual([ok])
  })

  test('an answer that comes too late does not count', async () => {
    shop.reply = undefined
    const impatient = await aSandbox({ notify: { timeoutMs: 50 } })
    await new Merchant(impatient).buy({ notify_url: shop.url })
    await impatient.control.moveClock({ advanceMs: 0 })
    expect(impatient.control.notifications({}).notifications[0]?.attempts[0]).toMatchObject({
      ok: false,
      answer: { error: 'no answer in time' },
    })
  })

  test('nobody listening is a failed attempt', async () => {
    await merchant.buy({ out_trade_no: outTradeNo() })
    await due()
    expect(notification().attempts[0]?.ok).toBe(false)
    expect(notification().status).toBe('pending')
  })
})

test('a notification can be sent again by hand, delivered or not', async () => {
  await buy()
  await due()
  const { notification: sent } = await sandbox.control.sendNotification(notification().id)
  expect(sent.attempts).toHaveLength(2)
  expect(shop.received).toHaveLength(2)
  await expect(sandbox.control.sendNotification('nothing')).rejects.toMatchObject({ status: 404 })
})

describe('faults', () => {
  const fault = (name: string, more: object = {}) =>
    sandbox.control.addFault({ match: { outTradeNo: outTradeNo() }, fault: name, ...more })

  test('lost: made, never sent, unless by hand', async () => {
    fault('lose-notification')
    await buy()
    await advance(25 * HOUR)
    expect(shop.received).toHaveLength(0)
    expect(notification()).toMatchObject({ status: 'lost', nextAttemptAt: null, attempts: [] })
    await sandbox.control.sendNotification(notification().id)
    expect(notification().status).toBe('delivered')
  })

  test('held: waits to be let go, then follows the schedule', async () => {
    fault('hold-notification')
    shop.reply = { status: 500, body: '' }
    await buy()
    await advance(HOUR)
    expect(shop.received).toHaveLength(0)
    await sandbox.control.sendNotification(notification().id)
    expect(notification().status).toBe('pending')
    shop.reply = { status: 204, body: '' }
    await advance(15 * SECOND)
    expect(shop.received).toHaveLength(2)
    expect(notification().status).toBe('delivered')
  })

  test('duplicate: several at the same instant, all genuine, one notification', async () => {
    fault('duplicate-notification', { copies: 5 })
    await buy()
    await due()
    expect(shop.received).toHaveLength(5)
    expect(shop.received.every(({ headers, body }) => merchant.isGenuine(headers, body))).toBe(true)
    expect(new Set(shop.received.map(({ body }) => JSON.parse(body).id)).size).toBe(1)
  })

  test.each(['forged-notification', 'wrong-signature', 'probe'])(
    '%s: the first sending has a wrong signature, the refused one is followed by the real one',
    async (name) => {
      fault(name, { on: 'notification' })
      shop.reply = { status: 401, body: '' }
      await buy()
      await due()
      expect(merchant.isGenuine(received().headers, received().body)).toBe(false)
      const signature = String(received().headers['wechatpay-signature'])
      expect(signature.startsWith('WECHATPAY/SIGNTEST/')).toBe(name === 'probe')
      expect(notification().attempts[0]).toMatchObject({ fault: name, ok: false })
      shop.reply = { status: 204, body: '' }
      await advance(15 * SECOND)
      expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
      expect(notification().status).toBe('delivered')
    },
  )

  test('unsigned: no Wechatpay headers at all (v3), no sign (v2)', async () => {
    fault('unsigned-notification')
    await buy()
    await due()
    expect(Object.keys(received().headers).filter((name) => name.startsWith('wechatpay'))).toEqual([])
    number += 500
    fault('unsigned-notification')
    await buyV2()
    await due()
    expect(fromXml(received().body).sign).toBeUndefined()
    number -= 500
  })

  test('forged v2: signed with a key that is not the merchant’s', async () => {
    fault('forged-notification')
    await buyV2()
    await due()
    const fields = fromXml(received().body)
    expect(fields.sign).toMatch(/^[0-9A-F]{64}$/)
    expect(fields.sign).not.toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })

  test("another order's body: genuinely signed, about a number nobody ordered", async () => {
    fault('other-order-body', { on: 'notification' })
    await buy()
    await due()
    expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
    const content = JSON.parse(merchant.decrypt(JSON.parse(received().body).resource))
    expect(content.out_trade_no).toMatch(/^OTHER/)
  })

  test('wrong amount: notification, query and books agree on another amount', async () => {
    fault('wrong-amount', { amountFen: 1 })
    const { nextAfter } = sandbox.control.ledger({})
    await buy()
    await due()
    const content = JSON.parse(merchant.decrypt(JSON.parse(received().body).resource))
    expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
    expect(content.amount.total).toBe(1)
    expect(JSON.parse((await merchant.query(outTradeNo())).body).amount.total).toBe(1)
    const moved = sandbox.control.ledger({ after: nextAfter }).entries.map(({ fen }) => fen)
    expect(moved).toEqual([-1, 1])
    expect(sandbox.control.trade(outTradeNo()).amountFen).toBe(1999)
  })

  test('wrong amount by default is one fen more; a currency can be wrong too', async () => {
    fault('wrong-amount', { currency: 'USD' })
    await buyV2()
    await due()
    expect(fromXml(received().body)).toMatchObject({ total_fee: '2000', fee_type: 'USD' })
  })

  test('pay after close: the money arrives for a closed order', async () => {
    const prepayId = await merchant.prepay({ out_trade_no: outTradeNo(), notify_url: shop.url })
    await merchant.close(outTradeNo())
    const act = () =>
      sandbox.control.cashier({ ...merchant.payParameters(prepayId), openid: 'openid-alice', action: 'pay' })
    expect(act().errMsg).toBe('requestPayment:fail 订单已关闭')
    fault('pay-after-close')
    expect(act()).toEqual({ errMsg: 'requestPayment:ok' })
    await due()
    expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
    expect(JSON.parse((await merchant.query(outTradeNo())).body).trade_state).toBe('SUCCESS')
  })

  test('second payment: a paid order takes money again under another transaction', async () => {
    const prepayId = await merchant.prepay({ out_trade_no: outTradeNo(), notify_url: shop.url })
    const act = () =>
      sandbox.control.cashier({ ...merchant.payParameters(prepayId), openid: 'openid-alice', action: 'pay' })
    act()
    fault('second-payment')
    expect(act()).toEqual({ errMsg: 'requestPayment:ok' })
    expect(act()).toEqual({ errMsg: 'requestPayment:fail 该订单已支付' })
    await due()
    const { transactions } = sandbox.control.trade(outTradeNo())
    expect(transactions).toHaveLength(2)
    expect(shop.received).toHaveLength(2)
    const [first, second] = transactions
    expect(JSON.parse((await merchant.query(outTradeNo())).body).transaction_id).toBe(first?.transactionId)
    const path = `/v3/pay/transactions/id/${second?.transactionId}?mchid=${sandbox.info.mchid}`
    expect(JSON.parse((await merchant.v3('GET', path)).body).transaction_id).toBe(second?.transactionId)
  })

  test('ambiguous v2: a genuinely signed attach that reads as another member', async () => {
    fault('ambiguous-v2', { attach: 'a&total_fee=1' })
    await buyV2()
    await due()
    const fields = fromXml(received().body)
    expect(fields.attach).toBe('a&total_fee=1')
    expect(fields.sign).toBe(merchant.signV2(fields, 'HMAC-SHA256'))
  })
})

describe('a stranger claims an unpaid order was paid', () => {
  test.each(['forged-notification', 'unsigned-notification', 'probe'])('%s', async (fault) => {
    await merchant.prepay({ out_trade_no: outTradeNo(), notify_url: shop.url })
    const { nextAfter } = sandbox.control.ledger({})
    const answer = await sandbox.control.forgeNotification({ outTradeNo: outTradeNo(), fault })
    expect(answer.notification).toMatchObject({ status: 'forged', attempts: [{ fault }] })
    expect(merchant.isGenuine(received().headers, received().body)).toBe(false)
    expect(sandbox.control.trade(outTradeNo()).state).toBe('NOTPAY')
    expect(sandbox.control.ledger({ after: nextAfter }).entries).toEqual([])
    await expect(sandbox.control.sendNotification(answer.notification.id)).rejects.toMatchObject({
      status: 400,
    })
  })
})

test('a notification that was due when the sandbox stopped is sent after the next start', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  const shopper = new Merchant(first)
  shop.reply = { status: 500, body: '' }
  await shopper.buy({ notify_url: shop.url })
  await first.control.moveClock({ advanceMs: 0 })
  await first.close()
  expect(shop.received).toHaveLength(1)
  shop.reply = { status: 204, body: '' }
  const second = await aSandbox({ dataDir })
  await second.control.moveClock({ advanceMs: 15 * SECOND })
  expect(shop.received).toHaveLength(2)
  expect(second.control.notifications({}).notifications[0]).toMatchObject({ status: 'delivered' })
})

test('sent by hand without success in between, the next turn comes once, when it is due', async () => {
  shop.reply = { status: 500, body: '' }
  await merchant.buy({ out_trade_no: 'BYHAND-1', notify_url: shop.url })
  await advance(0)
  const [{ id } = { id: '' }] = sandbox.control.notifications({ outTradeNo: 'BYHAND-1' }).notifications
  await sandbox.control.sendNotification(id)
  await sandbox.control.sendNotification(id)
  expect(shop.received).toHaveLength(3)
  await advance(15 * SECOND)
  expect(shop.received).toHaveLength(4)
  await advance(15 * SECOND)
  expect(shop.received).toHaveLength(5)
})

test('an answer of more than 64 KB is none', async () => {
  shop.reply = { status: 200, body: `${' '.repeat(65_600)}` }
  await merchant.buy({ out_trade_no: 'HUGE-001', notify_url: shop.url })
  await advance(0)
  expect(sandbox.control.notifications({ outTradeNo: 'HUGE-001' }).notifications).toMatchObject([
    { status: 'pending', attempts: [{ ok: false, answer: { error: 'the answer is longer than 64 KB' } }] },
  ])
})

test('a sending that the end cuts off counts as not made, and is made at the next start', async () => {
  const first = await aSandbox()
  shop.reply = undefined
  await new Merchant(first).buy({ out_trade_no: 'CUT-00001', notify_url: shop.url })
  const moved = first.control.moveClock({ advanceMs: 0 })
  while (shop.received.length === 0) await new Promise(setImmediate)
  await first.close()
  await moved
  shop.reply = { status: 204, body: '' }
  const second = await aSandbox({ dataDir: join(first.infoFile, '..') })
  const notice = () => second.control.notifications({ outTradeNo: 'CUT-00001' }).notifications[0]
  expect([notice()?.status, notice()?.attempts.length]).toEqual(['pending', 0])
  await second.control.moveClock({ advanceMs: 0 })
  expect([notice()?.status, notice()?.attempts.length]).toEqual(['delivered', 1])
  await second.close()
})

describe('what is kept of them', () => {
  test('of an answer the first two thousand characters, though all of it was read', async () => {
    shop.reply = { status: 200, body: `${' '.repeat(5_000)}{"code":"SUCCESS"}` }
    await merchant.buy({ out_trade_no: 'LONG-001', notify_url: shop.url })
    await advance(0)
    const [kept] = sandbox.control.notifications({ outTradeNo: 'LONG-001' }).notifications
    expect(kept).toMatchObject({ status: 'delivered', attempts: [{ answer: { body: ' '.repeat(2_000) } }] })
  })

  test('fifty attempts, and no more than weigh 64 KB', async () => {
    shop.reply = { status: 500, body: '' }
    await merchant.buy({ out_trade_no: 'MANY-001', notify_url: shop.url })
    await advance(0)
    const [{ id } = { id: '' }] = sandbox.control.notifications({ outTradeNo: 'MANY-001' }).notifications
    const attempts = () =>
      sandbox.control.notifications({ outTradeNo: 'MANY-001' }).notifications[0]?.attempts ?? []
    for (let sending = 0; sending < 60; sending++) await sandbox.control.sendNotification(id)
    expect(shop.received).toHaveLength(61)
    expect(JSON.stringify(attempts()).length).toBeLessThan(70_000)
    shop.reply = { status: 500, body: 'x'.repeat(60_000) }
    for (let sending = 0; sending < 50; sending++) await sandbox.control.sendNotification(id)
    expect(attempts().length).toBeGreaterThan(5)
    expect(JSON.stringify(attempts()).length).toBeLessThan(70_000)
  })

  test('ten thousand: the oldest that is over goes first, then the oldest of all', async () => {
    const { control } = await aSandbox()
    const place = (outTradeNo: string) => {
      control.placeOrder({ outTradeNo, amountFen: 1, notifyUrl: 'http://127.0.0.1:9/n', openid: 'alice' })
      control.payOrder(outTradeNo)
    }
    const known = (outTradeNo: string) => control.notifications({ outTradeNo }).notifications.length
    place('WAITING-1')
    control.addFault({ fault: 'lose-notification' })
    place('LOST-0001')
    for (let n = 3; n <= 10_000; n++) place(`WAIT-${n}`)
    expect([known('WAITING-1'), known('LOST-0001')]).toEqual([1, 1])
    place('ONE-MORE1')
    expect([known('WAITING-1'), known('LOST-0001'), known('ONE-MORE1')]).toEqual([1, 0, 1])
    place('ONE-MORE2')
    expect([known('WAITING-1'), known('WAIT-3'), known('ONE-MORE2')]).toEqual([0, 1, 1])
  })
})

test('are listed two hundred at a time, the newest first page last in time, back to the first one', async () => {
  const { control } = await aSandbox()
  for (let n = 1; n <= 450; n++) {
    control.placeOrder({
      outTradeNo: `PAGE-${String(n).padStart(3, '0')}`,
      amountFen: 1,
      notifyUrl: 'http://127.0.0.1:9/n',
      openid: 'alice',
    })
    control.payOrder(`PAGE-${String(n).padStart(3, '0')}`)
  }
  const pages: [string | undefined, string | undefined, number][] = []
  let before: string | undefined
  do {
    const { notifications, nextBefore } = control.notifications({ before })
    pages.push([notifications[0]?.outTradeNo, notifications.at(-1)?.outTradeNo, notifications.length])
    before = nextBefore ?? undefined
  } while (before !== undefined)
  expect(pages).toEqual([
    ['PAGE-251', 'PAGE-450', 200],
    ['PAGE-051', 'PAGE-250', 200],
    ['PAGE-001', 'PAGE-050', 50],
  ])
  expect(() => control.notifications({ before: 'nobody' })).toThrow('before must be the nextBefore')
  expect(control.notifications({ outTradeNo: 'PAGE-007' }).nextBefore).toBeNull()
})
