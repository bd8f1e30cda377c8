import { createPaymentGateway, readPaymentNotice } from '@yuanlu/gateway-wechat'
import type { TradeRequest, TransferRequest } from '@yuanlu/shop'
import {
  type CloseResult,
  type PaymentNotification,
  type PrepayOrder,
  type Trade,
  type WxpayClient,
  WxpayError,
  type WxpayErrorCode,
  wxpayOutcomes,
} from 'wxpay-core'

const NOON = Date.parse('2026-11-23T04:00:00Z')
const TRADE: TradeRequest = {
  api: 'v3',
  outTradeNo: 'order-1',
  description: '手冲咖啡豆',
  totalFen: 6800,
  payerOpenid: 'oXiaolin',
  notifyUrl: 'https://shop.example.com/wxpay/notify/payment',
  expiresAt: NOON + 900_000,
  payerClientIp: '203.0.113.7',
}
const REFUND: TransferRequest = {
  api: 'v3',
  outRefundNo: 'refund-1',
  outTradeNo: 'order-1',
  transactionId: '4200001',
  refundFen: 100,
  totalFen: 6800,
  reason: '不想要了',
  notifyUrl: 'https://shop.example.com/wxpay/notify/refund',
}
const PAID: Trade = {
  outTradeNo: 'order-1',
  transactionId: '4200001',
  tradeState: 'SUCCESS',
  rawTradeState: 'SUCCESS',
  totalFen: 6800,
  payerOpenid: 'oXiaolin',
  successAt: NOON + 1,
}

/** A client that answers, or fails, as told; calls that payments do not make fail. */
const clientOf = (answers: {
  prepay?: () => Promise<{ prepayId: string }>
  query?: () => Promise<Trade | null>
  close?: () => Promise<CloseResult>
}): { client: WxpayClient; sent: PrepayOrder[] } => {
  const sent: PrepayOrder[] = []
  const never = () => Promise.reject(new Error('not a call of payments'))
  return {
    sent,
    client: {
      api: 'v3',
      prepay: (order) => {
        sent.push(order)
        return answers.prepay?.() ?? Promise.resolve({ prepayId: 'wx1' })
      },
      queryByOutTradeNo: answers.query ?? never,
      queryByTransactionId: never,
      close: answers.close ?? never,
      refund: never,
      queryRefund: never,
      paymentParams: () => ({ timeStamp: '1', nonceStr: 'n', package: 'p', signType: 'RSA', paySign: 's' }),
      destroy: () => undefined,
    },
  }
}

const notCalled = () => Promise.reject(new Error('not a call of payments'))

const gatewayOf = (client: WxpayClient) =>
  createPaymentGateway({
    clients: {
      v2: client,
      v3: { ...client, api: 'v3', applyAbnormalRefund: notCalled },
    },
    newTradesApi: () => 'v3',
    notifyBaseUrl: 'https://shop.example.com',
    clock: () => NOON,
  })
const fails = (error: unknown) => ({
  prepay: () => Promise.reject(error),
  query: () => Promise.reject(error),
  close: () => Promise.reject(error),
})

const CODES = Object.keys(wxpayOutcomes) as WxpayErrorCode[]
const withOutcome = (outcome: string) => CODES.filter((code) => wxpayOutcomes[code] === outcome)

describe('what an error of the SDK means to the shop', () => {
  test.each(withOutcome('unknown'))('%s: nobody knows, whatever was asked', async (code) => {
    const gateway = gatewayOf(clientOf(fails(new WxpayError(code, 'x'))).client)
    expect(await gateway.prepay(TRADE)).toEqual({ kind: 'unknown', reason: code })
    expect(await gateway.queryTrade(TRADE)).toEqual({ kind: 'unknown', reason: code })
    expect(await gateway.closeTrade(TRADE)).toEqual({ kind: 'unknown', reason: code })
  })

  test.each(['ERR_WXPAY_CONNECT', 'ERR_WXPAY_HELD_BACK', 'ERR_WXPAY_DESTROYED'] as const)(
    '%s: nothing was sent, so a prepay or a refund may be repeated as it is',
    async (code) => {
      const { client } = clientOf({})
      const refunds = gatewayOf({ ...client, refund: () => Promise.reject(new WxpayError(code, 'x')) })
      expect(await refunds.refund(REFUND)).toEqual({ kind: 'notSent', reason: code })
      const gateway = gatewayOf(clientOf(fails(new WxpayError(code, 'x'))).client)
      expect(await gateway.prepay(TRADE)).toEqual({ kind: 'notSent', reason: code })
      expect(await gateway.queryTrade(TRADE)).toEqual({ kind: 'unknown', reason: code })
      expect(await gateway.closeTrade(TRADE)).toEqual({ kind: 'unknown', reason: code })
    },
  )

  test.each(['ERR_WXPAY_INPUT', 'ERR_WXPAY_CONFIG'] as const)(
    '%s: our own mistake, which is not hidden as weather',
    async (code) => {
      const gateway = gatewayOf(clientOf(fails(new WxpayError(code, 'x'))).client)
      await expect(gateway.prepay(TRADE)).rejects.toThrow('x')
    },
  )

  test('an error that is none of the SDK’s is a bug, and stays one', async () => {
    const gateway = gatewayOf(clientOf(fails(new TypeError('bug'))).client)
    for (const call of ['prepay', 'queryTrade', 'closeTrade'] as const)
      await expect(gateway[call](TRADE)).rejects.toThrow('bug')
  })

  test.each([
    ['ORDERPAID', { kind: 'alreadyPaid' }],
    ['ORDER_PAID', { kind: 'alreadyPaid' }],
    ['ORDERCLOSED', { kind: 'alreadyClosed' }],
    ['ORDER_CLOSED', { kind: 'alreadyClosed' }],
    ['OUT_TRADE_NO_USED', { kind: 'refused', apiCode: 'OUT_TRADE_NO_USED', message: '商户订单号重复' }],
    ['NO_AUTH', { kind: 'refused', apiCode: 'NO_AUTH', message: '商户订单号重复' }],
  ])('a prepay refused with %s', async (apiCode, expected) => {
    const error = new WxpayError('ERR_WXPAY_REFUSED', 'x', { apiCode, apiMessage: '商户订单号重复' })
    expect(await gatewayOf(clientOf(fails(error)).client).prepay(TRADE)).toEqual(expected)
  })

  test('a refused question says nothing about the trade; a refused close is a refusal', async () => {
    const error = new WxpayError('ERR_WXPAY_REFUSED', 'x', { apiCode: 'RULE_LIMIT', apiMessage: 'm' })
    const gateway = gatewayOf(clientOf(fails(error)).client)
    expect(await gateway.queryTrade(TRADE)).toEqual({
      kind: 'unknown',
      reason: 'ERR_WXPAY_REFUSED RULE_LIMIT',
    })
    expect(await gateway.closeTrade(TRADE)).toEqual({ kind: 'refused', apiCode: 'RULE_LIMIT', message: 'm' })
  })
})

describe('what WeChat Pay says about a trade', () => {
  const ask = (trade: Trade | null) =>
    gatewayOf(clientOf({ query: () => Promise.resolve(trade) }).client).queryTrade(TRADE)
  const NEWS = {
    outTradeNo: 'order-1',
    transactionId: '4200001',
    totalFen: 6800,
    currency: 'CNY',
    payerOpenid: 'oXiaolin',
    paidAt: NOON + 1,
  }

  test.each([
    ['NOTPAY', 'unpaid'],
    ['USERPAYING', 'unpaid'],
    ['PAYERROR', 'unpaid'],
    ['ACCEPT', 'unpaid'],
    ['CLOSED', 'closed'],
    ['REVOKED', 'closed'],
  ] as const)('%s is %s', async (tradeState, kind) => {
    const trade = { outTradeNo: 'order-1', tradeState, rawTradeState: tradeState }
    expect(await ask(trade)).toEqual({ kind })
  })

  test('no such trade is missing', async () => {
    expect(await ask(null)).toEqual({ kind: 'missing' })
  })

  test('a word that is new is never taken for paid', async () => {
    const trade: Trade = { ...PAID, tradeState: 'UNKNOWN', rawTradeState: 'SUCCESSFUL' }
    expect(await ask(trade)).toEqual({ kind: 'unknown', reason: 'trade state SUCCESSFUL' })
  })

  test('SUCCESS is paid, and so is REFUND, which WeChat shows after a refund of a part', async () => {
    expect(await ask(PAID)).toEqual({ kind: 'paid', news: NEWS, refunded: false })
    const refunded: Trade = { ...PAID, tradeState: 'REFUND', rawTradeState: 'REFUND' }
    expect(await ask(refunded)).toEqual({ kind: 'paid', news: NEWS, refunded: true })
  })

  test('paid at a time that cannot be read is paid now; a foreign currency is kept as it is', async () => {
    const { successAt: _, ...untimed } = PAID
    expect(await ask({ ...untimed, currency: 'USD' })).toEqual({
      kind: 'paid',
      news: { ...NEWS, currency: 'USD', paidAt: NOON },
      refunded: false,
    })
  })

  test('paid by nobody in particular is paid by somebody else than our shopper', async () => {
    const { payerOpenid: _, ...anonymous } = PAID
    expect(await ask(anonymous)).toEqual({
      kind: 'paid',
      news: { ...NEWS, payerOpenid: '' },
      refunded: false,
    })
    const refunded: Trade = { ...anonymous, tradeState: 'REFUND', rawTradeState: 'REFUND' }
    expect(await ask(refunded)).toMatchObject({ kind: 'unknown' })
  })

  test.each(['transactionId', 'totalFen'] as const)(
    'paid without its %s is not known yet',
    async (member) => {
      const partly: Trade = { ...PAID }
      Reflect.deleteProperty(partly, member)
      expect(await ask(partly)).toMatchObject({ kind: 'unknown' })
    },
  )

  test.each([
    ['closed', { kind: 'closed' }],
    ['alreadyPaid', { kind: 'alreadyPaid' }],
    ['notFound', { kind: 'missing' }],
  ] as const)('a close answered %s', async (said, expected) => {
    const { client } = clientOf({ close: () => Promise.resolve(said) })
    expect(await gatewayOf(client).closeTrade(TRADE)).toEqual(expected)
  })
})

describe('the description that the payer reads', () => {
  const described = async (description: string): Promise<string> => {
    const { client, sent } = clientOf({})
    await gatewayOf(client).prepay({ ...TRADE, description })
    return sent[0]?.description ?? ''
  }

  test.each([
    ['42 Chinese characters fit', '好'.repeat(42), '好'.repeat(42)],
    ['the 43rd is left out whole', '好'.repeat(43), '好'.repeat(42)],
    ['an emoji is not cut in half', `${'a'.repeat(124)}😀`, 'a'.repeat(124)],
    ['markup is text', '杯 & <碟> ]]> "q"', '杯 & <碟> ]]> "q"'],
    ['line breaks and control characters become a blank', 'a\r\nb\u0000c\u2028d', 'a b c d'],
    ['what XML cannot carry is left out', 'a\uffffb', 'a b'],
    ['a broken surrogate becomes its replacement', 'a\ud800', 'a\ufffd'],
    ['no blank at either end, after cutting either', ` ${'a'.repeat(126)} b`, 'a'.repeat(126)],
    ['nothing at all is the number', ' \n ', 'order-1'],
  ])('%s', async (_, title, expected) => {
    const sent = await described(title)
    expect(sent).toBe(expected)
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(127)
  })
})

describe('a notice of a payment', () => {
  const read = (notification: PaymentNotification) =>
    readPaymentNotice(
      { openPayment: () => Promise.resolve(notification), openRefund: () => Promise.reject(new Error('x')) },
      { headers: {}, body: new Uint8Array(), now: NOON },
    )
  const notice: PaymentNotification = { api: 'v2', id: 'n', paid: true, ambiguous: false, trade: PAID }

  test('is news when it is paid and clear', async () => {
    expect(await read(notice)).toMatchObject({ kind: 'paid', news: { transactionId: '4200001' } })
  })

  test('is a hint when its signature can be cut in two ways, even if it says paid', async () => {
    expect(await read({ ...notice, ambiguous: true })).toEqual({ kind: 'ambiguous', outTradeNo: 'order-1' })
  })

  test('is nothing when no money moved', async () => {
    expect(await read({ ...notice, paid: false })).toEqual({ kind: 'notPaid' })
    const unpaid: Trade = { ...PAID, tradeState: 'NOTPAY', rawTradeState: 'NOTPAY' }
    expect(await read({ ...notice, trade: unpaid })).toEqual({ kind: 'notPaid' })
  })
})
