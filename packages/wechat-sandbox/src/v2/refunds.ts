/**
 * @module APIv2 refunds: refund (申请退款) and refundquery (查询退款), and how a refund is told.
 */
import type { Core } from '../core.ts'
import { isNotifyUrl } from '../notify-url.ts'
import { type FundsWish, fundsAccountOf } from '../refunds/funding.ts'
import { userReceivedAccount } from '../refunds/receiver.ts'
import type { RefundDesk, RefundRefusal, RefundWish } from '../refunds/refund-desk.ts'
import type { Refund, RefundState, SignType, Transaction } from '../state/tables.ts'
import { toSpacedTime } from '../time.ts'
import { paymentOf, refundsOf } from '../trades.ts'
import { resultFail, returnFail, type V2Answer, type V2Members } from './answer.ts'
import type { Fields } from './xml.ts'

export const REFUND_PATH = '/secapi/pay/refund'
const PAGE = 10
const TERMS_DIFFER = '订单金额或退款金额与之前请求不一致，请核实后再试'

/** v3 says ABNORMAL and CLOSED for the same ends. */
const STATUS = {
  PROCESSING: 'PROCESSING',
  SUCCESS: 'SUCCESS',
  CLOSED: 'REFUNDCLOSE',
  ABNORMAL: 'CHANGE',
} as const satisfies Record<RefundState, string>

export function refund(_core: Core, fields: Fields, signType: SignType, desk: RefundDesk): V2Answer {
  const text = (name: string): string | null => fields.get(name) || null
  const transactionId = text('transaction_id')
  const outTradeNo = text('out_trade_no')
  if (transactionId === null && outTradeNo === null)
    return resultFail(signType, 'PARAM_ERROR', 'transaction_id和out_trade_no至少填一个')
  if (transactionId !== null && !isTransactionId(transactionId)) return invalidTransactionId(signType)
  const notifyUrl = text('notify_url')
  if (notifyUrl !== null && !isNotifyUrl(notifyUrl)) return returnFail('notify_url参数格式有误')
  const totalFen = Number(text('total_fee'))
  const refundFen = Number(text('refund_fee'))
  if (refundFen > totalFen) return returnFail('invalid refund_fee')
  const wish: RefundWish = {
    outRefundNo: text('out_refund_no') ?? '',
    transactionId,
    // WeChat's own number wins when both are given.
    outTradeNo: transactionId === null ? outTradeNo : null,
    totalFen,
    refundFen,
    funds: fundsOf(text('refund_account'), refundFen),
    from: [],
    reason: text('refund_desc'),
    notifyUrl,
    protocol: 'v2',
    source: 'API',
    signer: 'certificate',
    path: REFUND_PATH,
  }
  const requested = desk.request(wish)
  if (requested.kind === 'refused') return refuse(requested.why, signType)
  return { kind: 'success', signType, members: acceptedMembers(requested.refund) }
}

/** 微信支付订单号 has 28 digits; what has not is no number at all, rather than an unknown one. */
const isTransactionId = (text: string): boolean => /^\d{28}$/.test(text)

function invalidTransactionId(signType: SignType): V2Answer {
  return resultFail(signType, 'INVALID_TRANSACTIONID', '无效transaction_id')
}

/** Accepted, not refunded. The empty refund_channel is in real answers too. */
function acceptedMembers(refund: Refund): V2Members {
  return {
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_channel: '',
    refund_fee: refund.refundFen,
    coupon_refund_fee: 0,
    total_fee: refund.totalFen,
    cash_fee: refund.totalFen,
    coupon_refund_count: 0,
    cash_refund_fee: refund.refundFen,
  }
}

function refuse(why: RefundRefusal, signType: SignType): V2Answer {
  switch (why) {
    case 'not-paid':
    case 'numbers-disagree':
      return resultFail(signType, 'ORDERNOTEXIST', '订单不存在或未支付')
    case 'terms-differ':
    case 'total-differs':
      return resultFail(signType, 'REFUND_FEE_MISMATCH', TERMS_DIFFER)
    case 'refunded-already':
      return resultFail(signType, 'ERROR', '订单已全额退款')
    case 'over-total':
      return resultFail(signType, 'ERROR', '累计退款金额大于支付金额')
    case 'too-many-parts':
      return resultFail(signType, 'ERROR', '每个支付订单的部分退款次数不能超过50次')
    case 'too-late':
      return resultFail(signType, 'TRADE_OVERDUE', '订单已经超过退款期限')
    case 'too-soon':
      return resultFail(
        signType,
        'FREQUENCY_LIMITED',
        '同一订单的多次退款至少间隔1分钟，请稍后用原商户退款单号重试',
      )
    case 'not-enough':
      return resultFail(signType, 'NOTENOUGH', '基本账户余额不足，请充值后重新发起')
    case 'account-abnormal':
      return resultFail(signType, 'USER_ACCOUNT_ABNORMAL', '用户账户异常或已注销，请线下退款')
    case 'limited':
      return resultFail(signType, 'FREQUENCY_LIMITED', '频率限制，该笔退款未受理，请降低频率后重试')
    case 'full':
      return resultFail(signType, 'FREQUENCY_LIMITED', '沙箱退款单数已达上限，请更换数据目录')
  }
}

export function refundQuery(core: Core, fields: Fields, signType: SignType): V2Answer {
  const { store } = core
  const text = (name: string): string => fields.get(name) ?? ''
  const named = ['refund_id', 'out_refund_no', 'transaction_id', 'out_trade_no'].some((name) => text(name))
  if (!named) {
    return resultFail(
      signType,
      'PARAM_ERROR',
      'refund_id、out_refund_no、transaction_id、out_trade_no至少填一个',
    )
  }
  const isByTransaction =
    text('refund_id') === '' && text('out_refund_no') === '' && text('transaction_id') !== ''
  if (isByTransaction && !isTransactionId(text('transaction_id'))) return invalidTransactionId(signType)
  const { payment, refunds } = findRefunds(core, text)
  const [first] = refunds
  if (payment === undefined || first === undefined) {
    return resultFail(signType, 'REFUNDNOTEXIST', '退款订单查询失败，退款单不存在或未受理')
  }
  const offset = text('offset') === '' ? undefined : Number(text('offset'))
  const isByOne = text('refund_id') !== '' || text('out_refund_no') !== ''
  const page = isByOne ? refunds : refunds.slice(offset ?? 0, (offset ?? 0) + PAGE)
  // A page past the last one has nothing on it.
  if (page.length === 0)
    return resultFail(signType, 'REFUNDNOTEXIST', '退款订单查询失败，该偏移量后没有退款单')
  const totalCount = isByOne ? undefined : refunds.length
  const trade = store.get('trade', payment.outTradeNo)
  return {
    kind: 'success',
    signType,
    members: {
      ...(trade?.deviceInfo == null ? {} : { device_info: trade.deviceInfo }),
      ...(totalCount !== undefined && (offset !== undefined || totalCount > PAGE)
        ? { total_refund_count: totalCount }
        : {}),
      transaction_id: payment.transactionId,
      out_trade_no: payment.outTradeNo,
      total_fee: payment.paidFen,
      fee_type: payment.currency,
      cash_fee: payment.paidFen,
      refund_count: page.length,
      ...Object.assign({}, ...page.map(partMembers)),
    },
  }
}

/** refund_id, then out_refund_no, then transaction_id, then out_trade_no: the first one given decides alone. */
function findRefunds(
  { store }: Core,
  text: (name: string) => string,
): { payment: Transaction | undefined; refunds: Refund[] } {
  const outRefundNo =
    text('refund_id') === ''
      ? text('out_refund_no')
      : (store.get('refundNumber', text('refund_id'))?.outRefundNo ?? '')
  if (text('refund_id') !== '' || text('out_refund_no') !== '') {
    const refund = store.get('refund', outRefundNo)
    return {
      payment: refund && store.get('transaction', refund.transactionId),
      refunds: refund === undefined ? [] : [refund],
    }
  }
  const trade = store.get('trade', text('out_trade_no'))
  const payment =
    text('transaction_id') === ''
      ? trade && paymentOf(store, trade)
      : store.get('transaction', text('transaction_id'))
  return { payment, refunds: payment === undefined ? [] : refundsOf(store, payment.transactionId) }
}

function partMembers(refund: Refund, n: number): V2Members {
  return {
    [`out_refund_no_${n}`]: refund.outRefundNo,
    [`refund_id_${n}`]: refund.refundId,
    [`refund_channel_${n}`]: refund.receiver.to === 'origin' ? 'ORIGINAL' : 'OTHER_BANKCARD',
    [`refund_fee_${n}`]: refund.refundFen,
    [`coupon_refund_fee_${n}`]: 0,
    [`coupon_refund_count_${n}`]: 0,
    [`refund_status_${n}`]: STATUS[refund.state],
    [`refund_account_${n}`]: accountOf(refund),
    // So misspelt in the document and on the wire.
    [`refund_recv_accout_${n}`]: userReceivedAccount(refund),
    ...(refund.state === 'SUCCESS' && refund.finishedAt !== null
      ? { [`refund_success_time_${n}`]: toSpacedTime(refund.finishedAt) }
      : {}),
  }
}

/** What req_info of a refund notification holds. */
export function refundNoticeMembers(refund: Refund): V2Members {
  const { state, finishedAt } = refund
  return {
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    total_fee: refund.totalFen,
    settlement_total_fee: refund.totalFen,
    refund_fee: refund.refundFen,
    settlement_refund_fee: refund.refundFen,
    refund_status: STATUS[state],
    ...(state === 'SUCCESS' && finishedAt !== null ? { success_time: toSpacedTime(finishedAt) } : {}),
    refund_recv_accout: userReceivedAccount(refund),
    refund_account: accountOf(refund),
    refund_request_source: refund.source,
  }
}

function accountOf(refund: Refund): string {
  return fundsAccountOf(refund.funding) === 'UNSETTLED'
    ? 'REFUND_SOURCE_UNSETTLED_FUNDS'
    : 'REFUND_SOURCE_RECHARGE_FUNDS'
}

function fundsOf(account: string | null, refundFen: number): FundsWish {
  if (account === 'REFUND_SOURCE_UNSETTLED_FUNDS')
    return { kind: 'exact', unsettledFen: refundFen, availableFen: 0 }
  if (account === 'REFUND_SOURCE_RECHARGE_FUNDS')
    return { kind: 'exact', unsettledFen: 0, availableFen: refundFen }
  return { kind: 'any' }
}
