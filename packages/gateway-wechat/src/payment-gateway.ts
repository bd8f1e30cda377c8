/** @module The shop's payment port over WeChat Pay. The only room where both vocabularies meet. */
import type {
  BankCard,
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
  WxpayApi,
} from '@yuanlu/shop'
import {
  cutUtf8,
  type PrepayOrder,
  type RefundOrder,
  type RefundReport,
  type RefundStatus,
  type Trade,
  type WxpayClient,
  WxpayError,
  type WxpayV3Client,
  wasPaid,
} from 'wxpay-core'

/** `description` (v3) and `body` (v2) may have this many bytes of UTF-8. */
const DESCRIPTION_BYTES = 127

export interface PaymentGatewayOptions {
  /** One client per protocol: old trades keep theirs whatever new ones use. */
  readonly clients: {
    readonly v2: WxpayClient
    readonly v3: WxpayClient & Pick<WxpayV3Client, 'applyAbnormalRefund'>
  }
  readonly newTradesApi: () => WxpayApi
  /** Public origin that WeChat Pay calls back, without a trailing slash. */
  readonly notifyBaseUrl: string
  readonly clock: () => number
}

export const PAYMENT_NOTIFY_PATH = '/wxpay/notify/payment'
export const REFUND_NOTIFY_PATH = '/wxpay/notify/refund'

/** `reason` (v3) and `refund_desc` (v2) may have this many bytes of UTF-8. */
const REASON_BYTES = 80

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
  refundNotifyUrl: `${options.notifyBaseUrl}${REFUND_NOTIFY_PATH}`,
  refund: async (request) => {
    try {
      return toRefundAnswer(await options.clients[request.api].refund(toRefundOrder(request)))
    } catch (error) {
      return refundFailure(error)
    }
  },
  queryRefund: async ({ api, outRefundNo, transactionId }): Promise<RefundQueryAnswer> => {
    try {
      const report = await options.clients[api].queryRefund(outRefundNo, transactionId)
      return report === null ? { kind: 'missing' } : toRefundAnswer(report)
    } catch (error) {
      return unclear(error)
    }
  },
  redirectRefund: async (request, wxRefundId, card) => {
    try {
      const input = { refundId: wxRefundId, outRefundNo: request.outRefundNo, ...cardOf(card) }
      return toRefundAnswer(await options.clients.v3.applyAbnormalRefund(input))
    } catch (error) {
      return refundFailure(error)
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

/** One line of text that both protocols take, whatever it held. */
const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]+/gu, ' ')
    .trim()

/** What the payer reads; never empty. */
const descriptionOf = ({ description, outTradeNo }: TradeRequest): string => {
  return cutUtf8(oneLine(description), DESCRIPTION_BYTES).trimEnd() || outTradeNo
}

const toRefundOrder = (request: TransferRequest): RefundOrder => {
  const reason = cutUtf8(oneLine(request.reason), REASON_BYTES).trimEnd()
  return {
    outRefundNo: request.outRefundNo,
    transactionId: request.transactionId,
    outTradeNo: request.outTradeNo,
    refundFen: request.refundFen,
    totalFen: request.totalFen,
    ...(reason === '' ? {} : { reason }),
    notifyUrl: request.notifyUrl,
  }
}

const cardOf = (card: BankCard) =>
  card.to === 'merchantBankCard'
    ? { to: card.to }
    : { to: card.to, bankType: card.bankType, bankAccount: card.bankAccount, realName: card.realName }

const REFUND_STATUSES = {
  PROCESSING: 'processing',
  SUCCESS: 'succeeded',
  CLOSED: 'closed',
  ABNORMAL: 'abnormal',
} as const satisfies Partial<Record<RefundStatus, RefundNews['status']>>

type Reported =
  | Extract<RefundQueryAnswer, { kind: 'reported' }>
  | Extract<RefundQueryAnswer, { kind: 'unknown' }>

/** What WeChat Pay said about a refund, in the shop's words. A status that is new to us decides nothing. */
export const toRefundAnswer = (report: RefundReport): Reported => {
  const news = toRefundNews(report)
  return news === null
    ? { kind: 'unknown', reason: `refund status ${report.rawStatus}` }
    : { kind: 'reported', news }
}

export const toRefundNews = (report: RefundReport): RefundNews | null => {
  if (report.status === 'UNKNOWN') return null
  return {
    outRefundNo: report.outRefundNo,
    wxRefundId: report.refundId,
    transactionId: report.transactionId,
    refundFen: report.refundFen,
    status: REFUND_STATUSES[report.status],
    succeededAt: report.successAt ?? null,
  }
}

const refundFailure = (error: unknown): RefundAnswer => {
  const refusal = refusalOf(error)
  if (refusal !== null)
    return { kind: 'refused', ...refusal, verified: error instanceof WxpayError && error.verified === true }
  if (error instanceof WxpayError && error.outcome === 'not-sent') {
    if (!WEATHER.has(error.code)) throw error
    return { kind: 'notSent', reason: error.code }
  }
  return unclear(error)
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
      : { kind: 'paid', news, refunded: trade.tradeState === 'REFUND' }
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

/**
 * WeChat Pay could not be reached, too many refunds are under way or have just failed, or this process is on its way out:
 * another one, or a later call, may do it.
 */
const WEATHER: ReadonlySet<string> = new Set([
  'ERR_WXPAY_CONNECT',
  'ERR_WXPAY_HELD_BACK',
  'ERR_WXPAY_DESTROYED',
])

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
