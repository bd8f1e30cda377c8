/** @module The shop's payment port over WeChat Pay. The only room where both vocabularies meet. */
import type {
  CloseAnswer,
  PaidNews,
  PaymentGateway,
  PrepayAnswer,
  TradeAnswer,
  TradeRequest,
  WxpayApi,
} from '@yuanlu/shop'
import { cutUtf8, type PrepayOrder, type Trade, type WxpayClient, WxpayError, wasPaid } from 'wxpay-core'

/** `description` (v3) and `body` (v2) may have this many bytes of UTF-8. */
const DESCRIPTION_BYTES = 127

export interface PaymentGatewayOptions {
  /** One client per protocol: old trades keep theirs whatever new ones use. */
  readonly clients: Readonly<Record<WxpayApi, WxpayClient>>
  readonly newTradesApi: () => WxpayApi
  /** Public origin that WeChat Pay calls back, without a trailing slash. */
  readonly notifyBaseUrl: string
  readonly clock: () => number
}

export const PAYMENT_NOTIFY_PATH = '/wxpay/notify/payment'

export const createPaymentGateway = (options: PaymentGatewayOptions): PaymentGateway => ({
  get newTradesApi() {
    return options.newTradesApi()
  },
  paymentNotifyUrl: `${options.notifyBaseUrl}${PAYMENT_NOTIFY_PATH}`,
  prepay: async (trade) => {
    try {
      const { prepayId } = await options.clients[trade.api].prepay(toPrepayOrder(trade))
      return { kind: 'ready', prepayId }
    } catch (error) {
      return prepayFailure(error)
    }
  },
  queryTrade: async (trade) => {
    try {
      const answer = await options.clients[trade.api].queryByOutTradeNo(trade.outTradeNo)
      return answer === null ? { kind: 'missing' } : toTradeAnswer(answer, options.clock())
    } catch (error) {
      return unclear(error)
    }
  },
  closeTrade: async (trade) => {
    try {
      return CLOSE_ANSWERS[await options.clients[trade.api].close(trade.outTradeNo)]
    } catch (error) {
      const refusal = refusalOf(error)
      return refusal === null ? unclear(error) : { kind: 'refused', ...refusal }
    }
  },
  paymentParams: (trade, prepayId) => options.clients[trade.api].paymentParams(prepayId),
})

const toPrepayOrder = (trade: TradeRequest): PrepayOrder => ({
  outTradeNo: trade.outTradeNo,
  description: descriptionOf(trade),
  totalFen: trade.totalFen,
  currency: 'CNY',
  payerOpenid: trade.payerOpenid,
  notifyUrl: trade.notifyUrl,
  timeExpire: trade.expiresAt,
  payerClientIp: trade.payerClientIp,
})

/** One line of text that both protocols take, whatever a title holds; never empty. */
const descriptionOf = ({ description, outTradeNo }: TradeRequest): string => {
  const line = description
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]+/gu, ' ')
    .trim()
  return cutUtf8(line, DESCRIPTION_BYTES).trimEnd() || outTradeNo
}

const CLOSE_ANSWERS = {
  closed: { kind: 'closed' },
  alreadyPaid: { kind: 'alreadyPaid' },
  notFound: { kind: 'missing' },
} as const satisfies Record<string, CloseAnswer>

/** What WeChat Pay said about a trade, in the shop's words. An unknown state is "not decided yet", never paid. */
export const toTradeAnswer = (trade: Trade, now: number): TradeAnswer => {
  if (wasPaid(trade)) {
    const news = toPaidNews(trade, now)
    return news === null
      ? { kind: 'unknown', reason: 'a paid trade without its amount or number' }
      : { kind: 'paid', news }
  }
  switch (trade.tradeState) {
    case 'CLOSED':
    case 'REVOKED':
      return { kind: 'closed' }
    case 'NOTPAY':
    case 'USERPAYING':
    case 'PAYERROR':
    case 'ACCEPT':
      return { kind: 'unpaid' }
    default:
      return { kind: 'unknown', reason: `trade state ${trade.rawTradeState}` }
  }
}

/**
 * Null when there is nothing to put into a journal. A payment that names no payer is one by somebody else than our
 * shopper: the shop puts it aside for a person, where an eternal "not known yet" would hide the money.
 */
export const toPaidNews = (trade: Trade, now: number): PaidNews | null => {
  const { transactionId, totalFen, payerOpenid = '' } = trade
  if (transactionId === undefined || totalFen === undefined) return null
  // A refunded trade (转入退款) may be told in part only: what it leaves out says nothing.
  if (payerOpenid === '' && trade.tradeState !== 'SUCCESS') return null
  return {
    outTradeNo: trade.outTradeNo,
    transactionId,
    totalFen,
    // Both protocols leave the currency out when it is the yuan.
    currency: trade.currency ?? 'CNY',
    payerOpenid,
    paidAt: trade.successAt ?? now,
  }
}

/** Codes that say "this number is over": what became of it is for a query to tell. */
const PAID_CODES: ReadonlySet<string> = new Set(['ORDERPAID', 'ORDER_PAID'])
const CLOSED_CODES: ReadonlySet<string> = new Set(['ORDERCLOSED', 'ORDER_CLOSED'])

/** WeChat Pay could not be reached, or this process is on its way out: another one, or a later call, may do it. */
const WEATHER: ReadonlySet<string> = new Set(['ERR_WXPAY_CONNECT', 'ERR_WXPAY_DESTROYED'])

const prepayFailure = (error: unknown): PrepayAnswer => {
  const refusal = refusalOf(error)
  if (refusal !== null) {
    if (PAID_CODES.has(refusal.apiCode)) return { kind: 'alreadyPaid' }
    if (CLOSED_CODES.has(refusal.apiCode)) return { kind: 'alreadyClosed' }
    return { kind: 'refused', ...refusal }
  }
  if (error instanceof WxpayError && error.outcome === 'not-sent') {
    // Our own input or configuration is wrong: a bug, not weather.
    if (!WEATHER.has(error.code)) throw error
    return { kind: 'notSent', reason: error.code }
  }
  return unclear(error)
}

const refusalOf = (error: unknown): { readonly apiCode: string; readonly message: string } | null =>
  error instanceof WxpayError && error.outcome === 'rejected'
    ? { apiCode: error.apiCode ?? error.code, message: error.apiMessage ?? error.message }
    : null

const unclear = (error: unknown): { readonly kind: 'unknown'; readonly reason: string } => {
  if (!(error instanceof WxpayError)) throw error
  return { kind: 'unknown', reason: error.apiCode ? `${error.code} ${error.apiCode}` : error.code }
}
