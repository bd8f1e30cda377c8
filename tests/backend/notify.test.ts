import { createHmac } from 'node:crypto'
import type { PaymentNotification } from 'wxpay-core'
import { APPID, anHttpWorld, MCHID, V2_KEY } from '../support/http-world'
import { aStartedPayment, NOON, XIAOLIN } from '../support/shop-world'

/** Signs as the documents say, without the SDK: a second honest reader. */
const v2Notice = (fields: Record<string, string>, change: { key?: string; sign?: string | null } = {}) => {
  const text = `${Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('&')}&key=${V2_KEY}`
  const sign =
    change.sign === undefined
      ? createHmac('sha256', change.key ?? V2_KEY)
          .update(text)
          .digest('hex')
          .toUpperCase()
      : change.sign
  const all = sign === null ? fields : { ...fields, sign }
  return `<xml>${Object.entries(all)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`
}

const paidFields = (orderId: string, change: Record<string, string> = {}) => ({
  return_code: 'SUCCESS',
  result_code: 'SUCCESS',
  appid: APPID,
  mch_id: MCHID,
  nonce_str: 'n0nce',
  openid: XIAOLIN,
  trade_type: 'JSAPI',
  bank_type: 'OTHERS',
  total_fee: '17590',
  cash_fee: '17590',
  transaction_id: '4200001234202611231234567890',
  out_trade_no: orderId,
  time_end: '20261123120130',
  ...change,
})

const notify = async (make: (orderId: string) => string) => {
  const http = anHttpWorld()
  const orderId = await aStartedPayment(http.world)
  const answer = await http.request('POST', '/wxpay/notify/payment', {
    raw: make(orderId),
    headers: { 'Content-Type': 'text/xml' },
  })
  return { answer, order: http.world.order(orderId), http }
}

test('a genuine v2 notice makes the order paid at the time WeChat Pay says', async () => {
  const { answer, order } = await notify((id) => v2Notice(paidFields(id)))
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('<return_code><![CDATA[SUCCESS]]></return_code>')
  expect(order).toMatchObject({ state: 'paid', paidAt: Date.parse('2026-11-23T04:01:30Z') })
})

test.each([
  ['no signature', (id: string) => v2Notice(paidFields(id), { sign: null })],
  ['an empty signature', (id: string) => v2Notice(paidFields(id), { sign: '' })],
  ['a signature of another key', (id: string) => v2Notice(paidFields(id), { key: 'x'.repeat(32) })],
  ['another merchant', (id: string) => v2Notice(paidFields(id, { mch_id: '1900000002' }))],
  ['another app', (id: string) => v2Notice(paidFields(id, { appid: 'wxfedcba9876543210' }))],
  ['a doctype', (id: string) => `<!DOCTYPE xml [<!ENTITY a "b">]>${v2Notice(paidFields(id))}`],
  ['half a document', (id: string) => v2Notice(paidFields(id)).slice(0, -8)],
  ['not even XML', () => '<<<'],
])('a v2 notice with %s is refused and changes nothing', async (_, make) => {
  const { answer, order } = await notify(make)
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('<return_code><![CDATA[FAIL]]></return_code>')
  expect(order.state).toBe('awaitingPayment')
  expect(order.journal).toEqual([])
})

test('a signed v2 notice of a failed payment is acknowledged and changes nothing', async () => {
  const { answer, order } = await notify((id) =>
    v2Notice(paidFields(id, { result_code: 'FAIL', err_code: 'X' })),
  )
  expect(answer.text).toContain('SUCCESS')
  expect(order.state).toBe('awaitingPayment')
})

test('a v2 notice with & in a value is not believed; a job asks about the trade', async () => {
  const { answer, order } = await notify((id) => v2Notice(paidFields(id, { attach: 'a&b' })))
  expect(answer.text).toContain('FAIL')
  expect(order).toMatchObject({ state: 'awaitingPayment', nextActionAt: NOON })
})

const without = (left: string | null, trade: PaymentNotification['trade']): PaymentNotification['trade'] => {
  const { transactionId, payerOpenid, ...rest } = trade
  return {
    ...rest,
    ...(left === 'transactionId' || transactionId === undefined ? {} : { transactionId }),
    ...(left === 'payerOpenid' || payerOpenid === undefined ? {} : { payerOpenid }),
  }
}

/** A v3 notice as if it had been verified; what the verification does is the SDK's own matter. */
const v3Notice = async (left: 'transactionId' | 'payerOpenid' | null = null) => {
  const reader = {
    openPayment: () => Promise.resolve(notification),
    openRefund: () => Promise.reject(new Error('no refund')),
  }
  const http = anHttpWorld({ notifications: reader })
  const orderId = await aStartedPayment(http.world)
  const notification: PaymentNotification = {
    api: 'v3',
    id: 'n1',
    paid: true,
    ambiguous: false,
    trade: without(left, {
      outTradeNo: orderId,
      tradeState: 'SUCCESS',
      rawTradeState: 'SUCCESS',
      transactionId: '4200001',
      totalFen: 17590,
      payerOpenid: XIAOLIN,
      successAt: NOON,
    }),
  }
  const answer = await http.request('POST', '/wxpay/notify/payment', { raw: '{}' })
  return { answer, order: http.world.order(orderId) }
}

test('a genuine v3 notice makes the order paid and is answered with 204 and nothing else', async () => {
  const { answer, order } = await v3Notice()
  expect([answer.status, answer.text, order.state]).toEqual([204, '', 'paid'])
})

test('a v3 notice that cannot be written down is not acknowledged; a job asks about the trade', async () => {
  const { answer, order } = await v3Notice('transactionId')
  expect([answer.status, answer.json]).toEqual([500, { code: 'FAIL', message: '失败' }])
  expect(order).toMatchObject({ state: 'awaitingPayment', nextActionAt: NOON })
})

test('a payment that names no payer is put aside for a person, not lost', async () => {
  const { answer, order } = await v3Notice('payerOpenid')
  expect(answer.status).toBe(204)
  expect(order).toMatchObject({ state: 'awaitingPayment', misplaced: [{ kind: 'payerMismatch' }] })
})

test('an unsigned JSON envelope is unauthorised', async () => {
  const http = anHttpWorld()
  const answer = await http.request('POST', '/wxpay/notify/payment', { body: { id: 'x' } })
  expect(answer.status).toBe(401)
})

test('what cannot be stored is not acknowledged, and the next delivery is', async () => {
  const http = anHttpWorld()
  const orderId = await aStartedPayment(http.world)
  const raw = v2Notice(paidFields(orderId))
  http.world.store.failNextWrite = new Error('disk full')
  const first = await http.request('POST', '/wxpay/notify/payment', { raw })
  expect(first.text).toContain('FAIL')
  expect(http.world.order(orderId).state).toBe('awaitingPayment')
  const second = await http.request('POST', '/wxpay/notify/payment', { raw })
  expect(second.text).toContain('SUCCESS')
  expect(http.world.order(orderId).state).toBe('paid')
})

test('no call to WeChat Pay is made before the acknowledgement', async () => {
  const { http } = await notify((id) => v2Notice(paidFields(id)))
  expect(http.world.wechat.calls).toEqual(['prepay'])
})

test('a notice that is too large is refused', async () => {
  const { answer, order } = await notify((id) => v2Notice(paidFields(id, { attach: 'x'.repeat(110_000) })))
  expect(answer.status).toBe(413)
  expect(order.state).toBe('awaitingPayment')
})
