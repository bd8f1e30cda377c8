import { aSandbox, fromXml, Merchant, newDirectory } from './merchant.ts'
import { advance, HOUR, MINUTE, merchant, received, SECOND, sandbox, shop } from './told-shop.ts'

let number = 0
beforeEach(() => {
  number += 1
})

const trade = () => `NEWS-${String(number).padStart(4, '0')}`
const refundNo = () => `R-${trade()}`
const refundUrl = () => shop.url.replace(/payment$/, 'refund')
/** Pays without a word to the shop, so that what arrives is about the refund. */
const buy = async (notifyUrl = 'http://127.0.0.1:9/wxpay/notify/payment') => {
  sandbox.control.addFault({ fault: 'lose-notification', match: { outTradeNo: trade() } })
  await merchant.buy({ out_trade_no: trade(), notify_url: notifyUrl })
}
const refund = (more: object = {}) => merchant.refund(trade(), { notify_url: refundUrl(), ...more })
const refundV2 = () =>
  merchant.refundV2({ out_trade_no: trade(), out_refund_no: refundNo(), notify_url: refundUrl() })
const settle = (status: string) => sandbox.control.settleRefund(refundNo(), { status })
const notifications = () => sandbox.control.notifications({ outRefundNo: refundNo() }).notifications
const notification = () => {
  const [only] = notifications()
  if (only === undefined) throw new Error('no notification')
  return only
}
const opened = () => JSON.parse(merchant.decrypt(JSON.parse(received().body).resource))
const reqInfo = () => merchant.openReqInfo(fromXml(received().body).req_info ?? '')
const v2Ok = { status: 200, body: '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>' }

describe('v3', () => {
  test.each([
    ['SUCCESS', '退款成功'],
    ['ABNORMAL', '退款异常'],
    ['CLOSED', '退款关闭'],
  ])('a refund that is %s is told in a signed and encrypted envelope', async (status, summary) => {
    await buy()
    await refund()
    settle(status)
    await advance(0)
    expect(shop.received).toHaveLength(1)
    const { path, headers, body } = received()
    expect(path).toBe('/wxpay/notify/refund')
    expect(headers['content-type']).toBe('application/json')
    expect(headers['wechatpay-serial']).toBe(sandbox.info.publicKeyId)
    expect(merchant.isGenuine(headers, body)).toBe(true)
    expect(JSON.parse(body)).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      resource_type: 'encrypt-resource',
      event_type: `REFUND.${status}`,
      summary,
      resource: { original_type: 'refund', algorithm: 'AEAD_AES_256_GCM', associated_data: 'refund' },
    })
    const { transactionId, refundId } = sandbox.control.refund(refundNo())
    expect(opened()).toEqual({
      mchid: sandbox.info.mchid,
      out_trade_no: trade(),
      transaction_id: transactionId,
      out_refund_no: refundNo(),
      refund_id: refundId,
      refund_status: status,
      ...(status === 'SUCCESS' ? { success_time: expect.stringMatching(/^2026-.*\+08:00$/) } : {}),
      user_received_account: '支付用户零钱',
      amount: { total: 1999, refund: 1999, payer_total: 1999, payer_refund: 1999 },
    })
    expect(notification()).toMatchObject({
      kind: 'refund',
      protocol: 'v3',
      outTradeNo: trade(),
      outRefundNo: refundNo(),
      status: 'delivered',
      attempts: [{ ok: true, decrypted: opened() }],
    })
  })

  test('by itself after a second, and only when it is decided', async () => {
    await buy()
    await refund()
    await advance(999)
    expect(notifications()).toEqual([])
    await advance(1)
    expect(shop.received).toHaveLength(1)
    expect(opened().refund_status).toBe('SUCCESS')
  })

  test('a refund asked for without naming the public key is told under the platform certificate', async () => {
    await buy()
    await merchant.v3(
      'POST',
      '/v3/refund/domestic/refunds',
      merchant.refundOf(trade(), { notify_url: refundUrl() }),
      { headers: { 'Wechatpay-Serial': null } },
    )
    await advance(SECOND)
    expect(received().headers['wechatpay-serial']).toBe(sandbox.info.platformSerialNo)
  })

  test('ABNORMAL, then SUCCESS on the merchant’s card: two notifications', async () => {
    await buy()
    await refund()
    settle('ABNORMAL')
    const path = `/v3/refund/domestic/refunds/${sandbox.control.refund(refundNo()).refundId}/apply-abnormal-refund`
    await merchant.v3('POST', path, { out_refund_no: refundNo(), type: 'MERCHANT_BANK_CARD' })
    await advance(SECOND)
    expect(shop.received.map(({ body }) => JSON.parse(body).event_type)).toEqual([
      'REFUND.ABNORMAL',
      'REFUND.SUCCESS',
    ])
    expect(opened().user_received_account).toBe('商户结算银行账户')
    expect(new Set(notifications().map(({ id }) => id)).size).toBe(2)
  })

  test('a refund that named no address is told as v2 XML where those of the merchant platform are', async () => {
    await buy(shop.url)
    await merchant.refund(trade())
    shop.reply = v2Ok
    await advance(SECOND)
    expect(received().path).toBe('/wxpay/notify/refund')
    expect(received().headers['content-type']).toBe('text/xml')
    expect(reqInfo()).toMatchObject({
      out_refund_no: refundNo(),
      refund_status: 'SUCCESS',
      refund_request_source: 'API',
    })
    expect(notification()).toMatchObject({ protocol: 'v2', status: 'delivered' })
  })

  test('nobody named an address, here or in the merchant platform: nothing is sent', async () => {
    await buy('http://127.0.0.1:9/notify')
    await merchant.refund(trade())
    await advance(SECOND)
    expect(sandbox.control.refund(refundNo()).state).toBe('SUCCESS')
    expect(notifications()).toEqual([])
    expect(shop.received).toEqual([])
  })

  test('unacknowledged it is sent 16 times in 24 h 4 min, then no more', async () => {
    shop.reply = { status: 500, body: '' }
    await buy()
    await refund()
    settle('SUCCESS')
    await advance(24 * HOUR + 4 * MINUTE - 1)
    expect(shop.received).toHaveLength(15)
    await advance(1)
    expect(shop.received).toHaveLength(16)
    await advance(48 * HOUR)
    expect(shop.received).toHaveLength(16)
    expect(notification().status).toBe('exhausted')
  })
})

describe('v2', () => {
  test.each([
    ['SUCCESS', 'SUCCESS'],
    ['ABNORMAL', 'CHANGE'],
    ['CLOSED', 'REFUNDCLOSE'],
  ])('a refund that is %s is told as %s in req_info, without a signature', async (status, name) => {
    shop.reply = v2Ok
    await buy()
    await refundV2()
    settle(status)
    await advance(0)
    const { path, headers, body } = received()
    expect(path).toBe('/wxpay/notify/refund')
    expect(headers['content-type']).toBe('text/xml')
    const fields = fromXml(body)
    expect(Object.keys(fields).sort()).toEqual(['appid', 'mch_id', 'nonce_str', 'req_info', 'return_code'])
    expect(fields).toMatchObject({
      return_code: 'SUCCESS',
      appid: sandbox.info.appid,
      mch_id: sandbox.info.mchid,
    })
    const { transactionId, refundId } = sandbox.control.refund(refundNo())
    expect(reqInfo()).toEqual({
      transaction_id: transactionId,
      out_trade_no: trade(),
      refund_id: refundId,
      out_refund_no: refundNo(),
      total_fee: '1999',
      settlement_total_fee: '1999',
      refund_fee: '1999',
      settlement_refund_fee: '1999',
      refund_status: name,
      ...(status === 'SUCCESS'
        ? { success_time: expect.stringMatching(/^2026-\d\d-\d\d \d\d:\d\d:\d\d$/) }
        : {}),
      refund_recv_accout: '支付用户零钱',
      refund_account: 'REFUND_SOURCE_UNSETTLED_FUNDS',
      refund_request_source: 'API',
    })
    expect(notification()).toMatchObject({ protocol: 'v2', kind: 'refund', status: 'delivered' })
  })

  test('the protocol is that of the refund call, not of the order', async () => {
    await buy()
    await refundV2()
    await advance(SECOND)
    expect(reqInfo().out_refund_no).toBe(refundNo())
    number += 500
    sandbox.control.addFault({ fault: 'lose-notification', match: { outTradeNo: trade() } })
    await merchant.buyV2({ out_trade_no: trade() })
    await refund()
    await advance(SECOND)
    expect(opened().out_refund_no).toBe(refundNo())
    number -= 500
  })
})

describe('started in the merchant platform', () => {
  const start = (body: object = {}) =>
    sandbox.control.startRefund({ outTradeNo: trade(), amountFen: 500, reason: '电话退款', ...body }).refund

  test('is told as v2 XML at the refund address beside the trade’s, whatever the shop speaks', async () => {
    shop.reply = v2Ok
    await buy(shop.url)
    const started = start()
    expect(started).toMatchObject({
      outRefundNo: expect.stringMatching(/^MP\d{26}$/),
      source: 'VENDOR_PLATFORM',
      protocol: 'v2',
      state: 'PROCESSING',
      refundFen: 500,
      totalFen: 1999,
      reason: '电话退款',
    })
    await advance(SECOND)
    expect(received().path).toBe('/wxpay/notify/refund')
    expect(fromXml(received().body).sign).toBeUndefined()
    expect(reqInfo()).toMatchObject({
      out_trade_no: trade(),
      out_refund_no: started.outRefundNo,
      refund_fee: '500',
      refund_status: 'SUCCESS',
      refund_request_source: 'VENDOR_PLATFORM',
    })
    expect(JSON.parse((await merchant.queryRefund(started.outRefundNo)).body).status).toBe('SUCCESS')
    expect(JSON.parse((await merchant.query(trade())).body).trade_state).toBe('REFUND')
  })

  test('goes to the configured address when there is one', async () => {
    const elsewhere = shop.url.replace(/[^/]*$/, 'elsewhere')
    const configured = await aSandbox({ merchantRefundUrl: elsewhere })
    await new Merchant(configured).buy({ out_trade_no: trade() })
    configured.control.startRefund({ outTradeNo: trade(), amountFen: 1999 })
    await configured.control.moveClock({ advanceMs: SECOND })
    expect(shop.received.map(({ path }) => path)).toEqual(['/wxpay/notify/elsewhere'])
    await expect(aSandbox({ merchantRefundUrl: 'http://example.com/' })).rejects.toThrow(
      '--merchant-refund-url',
    )
  })

  test('is told nobody when the trade’s address does not end in payment', async () => {
    await buy(shop.url.replace(/payment$/, 'pay'))
    start()
    await advance(SECOND)
    expect(sandbox.control.notifications({ outTradeNo: trade() }).notifications).toHaveLength(1)
    expect(shop.received).toEqual([])
  })

  test('obeys the rules', async () => {
    expect(() => start()).toThrow('no paid trade')
    await buy()
    for (const amountFen of [0, -1, 0.5, '1', undefined])
      expect(() => start({ amountFen })).toThrow('amountFen')
    expect(() => start({ amountFen: 2000 })).toThrow('over-total')
    expect(() => start({ reason: '退'.repeat(81) })).toThrow('reason')
    start()
    expect(() => start()).toThrow('too-soon')
  })
})

describe('faults', () => {
  const fault = (name: string, more: object = {}) =>
    sandbox.control.addFault({ match: { outRefundNo: refundNo() }, fault: name, ...more })
  const done = async (by: () => Promise<unknown> = refund) => {
    await by()
    settle('SUCCESS')
    await advance(0)
  }

  test('lost: never sent, unless by hand', async () => {
    await buy()
    fault('lose-notification')
    await done()
    await advance(25 * HOUR)
    expect(shop.received).toEqual([])
    expect(notification().status).toBe('lost')
    await sandbox.control.sendNotification(notification().id)
    expect(notification().status).toBe('delivered')
  })

  test('held: waits to be let go', async () => {
    await buy()
    fault('hold-notification')
    await done()
    await advance(HOUR)
    expect(shop.received).toEqual([])
    await sandbox.control.sendNotification(notification().id)
    expect(opened().out_refund_no).toBe(refundNo())
  })

  test('duplicate: several at once, one notification', async () => {
    await buy()
    fault('duplicate-notification', { copies: 4 })
    await done()
    expect(new Set(shop.received.map(({ body }) => JSON.parse(body).id)).size).toBe(1)
    expect(shop.received).toHaveLength(4)
  })

  test.each(['forged-notification', 'wrong-signature', 'probe'])(
    '%s: v3 wrongly signed first',
    async (name) => {
      await buy()
      fault(name, { on: 'notification' })
      shop.reply = { status: 401, body: '' }
      await done()
      expect(merchant.isGenuine(received().headers, received().body)).toBe(false)
      shop.reply = { status: 204, body: '' }
      await advance(15 * SECOND)
      expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
      expect(notification()).toMatchObject({
        status: 'delivered',
        attempts: [{ fault: name }, { fault: null }],
      })
    },
  )

  test.each(['forged-notification', 'wrong-signature', 'probe'])(
    '%s: v2 that does not open',
    async (name) => {
      await buy()
      fault(name, { on: 'notification' })
      await done(refundV2)
      expect(() => reqInfo()).toThrow()
      expect(fromXml(received().body).sign).toBeUndefined()
      await advance(15 * SECOND)
      expect(reqInfo().refund_status).toBe('SUCCESS')
    },
  )

  test('unsigned: no Wechatpay headers', async () => {
    await buy()
    fault('unsigned-notification')
    await done()
    expect(Object.keys(received().headers).filter((name) => name.startsWith('wechatpay'))).toEqual([])
  })

  test('another refund’s body: genuine, about numbers nobody used', async () => {
    await buy()
    fault('other-order-body', { on: 'notification' })
    await done()
    expect(merchant.isGenuine(received().headers, received().body)).toBe(true)
    expect(opened().out_refund_no).toMatch(/^OTHER/)
    expect(opened().refund_id).not.toBe(sandbox.control.refund(refundNo()).refundId)
  })

  test('a fault for a v2 payment notice is not used up by a refund', async () => {
    const { id } = sandbox.control.addFault({
      fault: 'ambiguous-v2',
      match: { path: '/wxpay/notify/refund' },
    })
    await buy()
    await done(refundV2)
    expect(sandbox.control.faults().faults).toMatchObject([{ id, matched: 0 }])
    sandbox.control.removeFault(id)
  })
})

describe('a stranger claims a refund was decided', () => {
  const forge = (body: object) => sandbox.control.forgeNotification({ outRefundNo: refundNo(), ...body })

  test.each(['forged-notification', 'unsigned-notification', 'probe'])('v3, %s', async (fault) => {
    await buy()
    await refund()
    const { nextAfter } = sandbox.control.ledger({})
    const { notification: sent } = await forge({ fault, status: 'CLOSED' })
    expect(sent).toMatchObject({ status: 'forged', kind: 'refund', attempts: [{ fault }] })
    expect(opened().refund_status).toBe('CLOSED')
    expect(merchant.isGenuine(received().headers, received().body)).toBe(false)
    expect(sandbox.control.refund(refundNo()).state).toBe('PROCESSING')
    expect(sandbox.control.ledger({ after: nextAfter }).entries).toEqual([])
  })

  test('v2: whoever has the key writes a req_info that opens, others one that does not', async () => {
    await buy()
    await refundV2()
    await forge({ fault: 'unsigned-notification' })
    expect(reqInfo()).toMatchObject({ out_refund_no: refundNo(), refund_status: 'SUCCESS' })
    expect(sandbox.control.refund(refundNo()).state).toBe('PROCESSING')
    await forge({ fault: 'forged-notification' })
    expect(() => reqInfo()).toThrow()
  })

  test('needs a refund with an address, a state and one number', async () => {
    await expect(forge({ fault: 'probe' })).rejects.toMatchObject({ status: 404 })
    await buy('http://127.0.0.1:9/notify')
    await merchant.refund(trade())
    await expect(forge({ fault: 'probe' })).rejects.toMatchObject({ status: 400 })
    await expect(forge({ fault: 'probe', status: 'DONE' })).rejects.toThrow('status')
    await expect(forge({ fault: 'probe', outTradeNo: trade() })).rejects.toThrow('either')
  })
})

test('refunds on their way when the sandbox stopped are finished and told after the next start', async () => {
  const dataDir = await newDirectory()
  const first = await aSandbox({ dataDir })
  const shopper = new Merchant(first)
  await shopper.buy({ out_trade_no: trade() })
  await shopper.refund(trade(), { notify_url: refundUrl() })
  await first.close()
  const second = await aSandbox({ dataDir })
  expect(second.control.refund(refundNo()).state).toBe('PROCESSING')
  await second.control.moveClock({ advanceMs: SECOND })
  expect(second.control.refund(refundNo()).state).toBe('SUCCESS')
  expect(shop.received).toHaveLength(1)
})
