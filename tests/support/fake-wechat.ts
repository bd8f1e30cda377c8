/** @module A model of WeChat Pay behind the shop's payment port: what it believes, and what it answers. */
import type {
  CloseAnswer,
  PaidNews,
  PaymentGateway,
  PrepayAnswer,
  RefundAnswer,
  RefundNews,
  RefundQueryAnswer,
  TradeAnswer,
  TradeRequest,
  TransferRequest,
} from '@yuanlu/shop'

interface ModelTrade {
  readonly trade: TradeRequest
  state: 'NOTPAY' | 'SUCCESS' | 'CLOSED'
  paid: PaidNews | null
}

/** A twin whose next answers can be spoilt: the call is carried out, and its answer is lost. */
export interface FakeWechat extends PaymentGateway {
  readonly trades: Map<string, ModelTrade>
  readonly calls: string[]
  readonly sent: TradeRequest[]
  /** Every movement of money, as it would be told. */
  readonly received: PaidNews[]
  api: 'v2' | 'v3'
  /** The next answer of this call, instead of the true one; the call itself happens. */
  readonly nextAnswer: {
    prepay: PrepayAnswer | null
    query: TradeAnswer | null
    close: CloseAnswer | null
    refund: RefundAnswer | null
    queryRefund: RefundQueryAnswer | null
    redirectRefund: RefundAnswer | null
  }
  /** Runs while the next call of this name is under way. */
  during: { call: string; run: () => Promise<void> } | null
  readonly refunds: Map<string, RefundNews>
  readonly refundsSent: TransferRequest[]
  /** Carries a refund on as WeChat Pay would. */
  settleRefund(outRefundNo: string, status: RefundNews['status']): RefundNews
  pay(outTradeNo: string, change?: Partial<PaidNews>): PaidNews
}

export const createFakeWechat = (clock: () => number): FakeWechat => {
  const trades = new Map<string, ModelTrade>()
  let transactions = 0
  const spoil = <T>(answers: FakeWechat['nextAnswer'], call: keyof FakeWechat['nextAnswer'], truth: T): T => {
    const spoilt = answers[call] as T | null
    answers[call] = null
    return spoilt ?? truth
  }
  const begin = async (call: string): Promise<void> => {
    fake.calls.push(call)
    await new Promise((resolve) => setImmediate(resolve))
    if (fake.during?.call !== call) return
    const { run } = fake.during
    fake.during = null
    await run()
  }
  const hasRefundOf = (transactionId: string): boolean =>
    [...fake.refunds.values()].some((refund) => refund.transactionId === transactionId)
  const fake: FakeWechat = {
    trades,
    refunds: new Map(),
    refundsSent: [],
    refundNotifyUrl: 'https://shop.example.com/wxpay/notify/refund',
    calls: [],
    sent: [],
    received: [],
    api: 'v3',
    nextAnswer: {
      prepay: null,
      query: null,
      close: null,
      refund: null,
      queryRefund: null,
      redirectRefund: null,
    },
    during: null,
    get newTradesApi() {
      return fake.api
    },
    paymentNotifyUrl: 'https://shop.example.com/wxpay/notify/payment',
    prepay: async (trade) => {
      await begin('prepay')
      fake.sent.push(trade)
      const known = trades.get(trade.outTradeNo)
      if (known?.state === 'SUCCESS') return { kind: 'alreadyPaid' }
      if (known?.state === 'CLOSED') return { kind: 'alreadyClosed' }
      if (known === undefined) trades.set(trade.outTradeNo, { trade, state: 'NOTPAY', paid: null })
      return spoil(fake.nextAnswer, 'prepay', { kind: 'ready', prepayId: `wx-${fake.sent.length}` })
    },
    queryTrade: async (trade) => {
      await begin('query')
      const known = trades.get(trade.outTradeNo)
      const truth: TradeAnswer =
        known === undefined
          ? { kind: 'missing' }
          : known.paid !== null
            ? { kind: 'paid', news: known.paid, refunded: hasRefundOf(known.paid.transactionId) }
            : known.state === 'CLOSED'
              ? { kind: 'closed' }
              : { kind: 'unpaid' }
      return spoil(fake.nextAnswer, 'query', truth)
    },
    closeTrade: async (trade) => {
      await begin('close')
      const known = trades.get(trade.outTradeNo)
      if (known?.state === 'SUCCESS') return { kind: 'alreadyPaid' }
      if (known !== undefined) known.state = 'CLOSED'
      return spoil(fake.nextAnswer, 'close', known === undefined ? { kind: 'missing' } : { kind: 'closed' })
    },
    refund: async (request) => {
      await begin('refund')
      fake.refundsSent.push(request)
      const spoilt = fake.nextAnswer.refund
      // A refusal means that nothing was accepted; a lost answer that it was.
      if (spoilt?.kind === 'refused' || spoilt?.kind === 'notSent') {
        fake.nextAnswer.refund = null
        return spoilt
      }
      const known = fake.refunds.get(request.outRefundNo)
      const news: RefundNews = known ?? {
        outRefundNo: request.outRefundNo,
        wxRefundId: `50${fake.refunds.size + 1}`,
        transactionId: request.transactionId,
        refundFen: request.refundFen,
        status: 'processing',
        succeededAt: null,
      }
      fake.refunds.set(request.outRefundNo, news)
      return spoil<RefundAnswer>(fake.nextAnswer, 'refund', { kind: 'reported', news })
    },
    queryRefund: async ({ outRefundNo }) => {
      await begin('queryRefund')
      const news = fake.refunds.get(outRefundNo)
      return spoil<RefundQueryAnswer>(
        fake.nextAnswer,
        'queryRefund',
        news === undefined ? { kind: 'missing' } : { kind: 'reported', news },
      )
    },
    redirectRefund: async (request) => {
      await begin('redirectRefund')
      const spoilt = fake.nextAnswer.redirectRefund
      if (spoilt?.kind === 'refused' || spoilt?.kind === 'notSent') {
        fake.nextAnswer.redirectRefund = null
        return spoilt
      }
      const news = fake.settleRefund(request.outRefundNo, 'processing')
      return spoil<RefundAnswer>(fake.nextAnswer, 'redirectRefund', { kind: 'reported', news })
    },
    settleRefund: (outRefundNo, status) => {
      const known = fake.refunds.get(outRefundNo)
      if (known === undefined) throw new Error(`no refund ${outRefundNo}`)
      const news: RefundNews = { ...known, status, succeededAt: status === 'succeeded' ? clock() : null }
      fake.refunds.set(outRefundNo, news)
      return news
    },
    paymentParams: (trade, prepayId) => ({
      timeStamp: String(Math.floor(clock() / 1000)),
      nonceStr: 'nonce',
      package: `prepay_id=${prepayId}`,
      signType: trade.api === 'v3' ? 'RSA' : 'HMAC-SHA256',
      paySign: 'signature',
    }),
    pay: (outTradeNo, change = {}) => {
      const known = trades.get(outTradeNo)
      if (known === undefined) throw new Error(`no trade ${outTradeNo}`)
      transactions++
      const news: PaidNews = {
        outTradeNo,
        transactionId: `42000000${transactions}`,
        totalFen: known.trade.totalFen,
        currency: 'CNY',
        payerOpenid: known.trade.payerOpenid,
        paidAt: clock(),
        ...change,
      }
      known.state = 'SUCCESS'
      known.paid ??= news
      fake.received.push(news)
      return news
    },
  }
  return fake
}
