/**
 * @module APIv3 refunds: request (申请退款) and query (查询单笔退款), and how a refund is told.
 */
import type { Core } from '../core.ts'
import { isRecord, parseJson } from '../json.ts'
import { isNotifyUrl } from '../notify-url.ts'
import { type FundsWish, fundsAccountOf } from '../refunds/funding.ts'
import { userReceivedAccount } from '../refunds/receiver.ts'
import type { RefundDesk, RefundRefusal, RefundWish } from '../refunds/refund-desk.ts'
import type { Refund, Signer } from '../state/tables.ts'
import { toRfc3339 } from '../time.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'
import { OUT_REFUND_NO, REFUND_FIELDS } from './refund-fields.ts'
import { checkBody } from './schema.ts'

export const REFUNDS_PATH = '/v3/refund/domestic/refunds'
const TERMS_DIFFER = '订单金额或退款金额与之前请求不一致，请核实后再试'

export function requestRefund(desk: RefundDesk, body: Buffer, signer: Signer): V3Answer {
  const json = parseJson(body)
  const refusal = checkBody(REFUND_FIELDS, json)
  if (refusal !== undefined) return refusal
  const wish = readWish(json, signer)
  if (wish === undefined) return errorAnswer(400, 'PARAM_ERROR', '参数错误')
  if ('kind' in wish) return wish
  const requested = desk.request(wish)
  return requested.kind === 'accepted'
    ? { kind: 'json', status: 200, body: refundBody(requested.refund) }
    : refuse(requested.why)
}

export function queryRefund(core: Core, outRefundNo: string): V3Answer {
  if (outRefundNo.length > 64 || !OUT_REFUND_NO.test(outRefundNo)) {
    return parameterError({
      location: 'url',
      field: '/out_refund_no',
      value: outRefundNo.slice(0, 64),
      issue: 'invalid value',
      message: '输入源“/uri_template/out_refund_no”映射到值字段“商户退款单号”字符串规则校验失败',
    })
  }
  const refund = core.store.get('refund', outRefundNo)
  return refund === undefined
    ? errorAnswer(404, 'RESOURCE_NOT_EXISTS', '退款单不存在')
    : { kind: 'json', status: 200, body: refundBody(refund) }
}

/** A refund as the three refund calls state it. There are no coupons here: the payer gets all of it. */
export function refundBody(refund: Refund): Readonly<Record<string, unknown>> {
  const { totalFen, refundFen, state, finishedAt, funding } = refund
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    channel: refund.receiver.to === 'origin' ? 'ORIGINAL' : 'OTHER_BANKCARD',
    user_received_account: userReceivedAccount(refund),
    ...(state === 'SUCCESS' && finishedAt !== null ? { success_time: toRfc3339(finishedAt) } : {}),
    create_time: toRfc3339(refund.createdAt),
    status: state,
    funds_account: fundsAccountOf(funding),
    amount: {
      total: totalFen,
      refund: refundFen,
      from: refund.from,
      payer_total: totalFen,
      payer_refund: refundFen,
      settlement_refund: refundFen,
      settlement_total: totalFen,
      discount_refund: 0,
      currency: refund.currency,
      ...(funding !== null && funding.feeFen > 0 ? { refund_fee: funding.feeFen } : {}),
    },
    promotion_detail: [],
  }
}

/** The resource of a refund notification: what the query calls `status` is `refund_status` here. */
export function refundNoticeBody(core: Core, refund: Refund): Readonly<Record<string, unknown>> {
  const { totalFen, refundFen, state, finishedAt } = refund
  return {
    mchid: core.identity.mchid,
    out_trade_no: refund.outTradeNo,
    transaction_id: refund.transactionId,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_status: state,
    ...(state === 'SUCCESS' && finishedAt !== null ? { success_time: toRfc3339(finishedAt) } : {}),
    user_received_account: userReceivedAccount(refund),
    amount: { total: totalFen, refund: refundFen, payer_total: totalFen, payer_refund: refundFen },
  }
}

function refuse(why: RefundRefusal): V3Answer {
  switch (why) {
    case 'not-paid':
      return errorAnswer(404, 'RESOURCE_NOT_EXISTS', '订单不存在或未支付')
    case 'numbers-disagree':
      return errorAnswer(400, 'INVALID_REQUEST', '微信支付订单号与商户订单号不是同一笔订单')
    case 'terms-differ':
    case 'total-differs':
      return errorAnswer(400, 'INVALID_REQUEST', TERMS_DIFFER)
    case 'refunded-already':
      return errorAnswer(400, 'INVALID_REQUEST', '订单已全额退款')
    case 'over-total':
      return errorAnswer(400, 'INVALID_REQUEST', '累计退款金额大于支付金额')
    case 'too-many-parts':
      return errorAnswer(400, 'INVALID_REQUEST', '每个支付订单的部分退款次数不能超过50次')
    case 'too-late':
      return errorAnswer(400, 'INVALID_REQUEST', '订单已经超过退款期限')
    case 'too-soon':
      return errorAnswer(
        429,
        'FREQUENCY_LIMITED',
        '同一订单的多次退款至少间隔1分钟，请稍后用原商户退款单号重试',
      )
    case 'not-enough':
      return errorAnswer(403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起')
    case 'account-abnormal':
      return errorAnswer(403, 'USER_ACCOUNT_ABNORMAL', '用户账户异常或已注销，请线下退款')
    case 'limited':
      return errorAnswer(429, 'FREQUENCY_LIMITED', '频率超限，请降低请求接口频率')
    case 'full':
      return errorAnswer(429, 'FREQUENCY_LIMITED', '沙箱退款单数已达上限，请更换数据目录')
  }
}

// After the schema check the casts of a looser language would do; here `unknown` becomes types once more.
function readWish(json: unknown, signer: Signer): RefundWish | V3Answer | undefined {
  if (!isRecord(json) || !isRecord(json.amount)) return undefined
  const { out_refund_no: outRefundNo, notify_url: notifyUrl, funds_account: account } = json
  const { refund: refundFen, total: totalFen } = json.amount
  if (typeof outRefundNo !== 'string' || typeof refundFen !== 'number' || typeof totalFen !== 'number')
    return undefined
  const transactionId = textOrNull(json.transaction_id)
  const outTradeNo = textOrNull(json.out_trade_no)
  if (transactionId === null && outTradeNo === null) {
    return parameterError({
      location: 'body',
      field: '/transaction_id',
      value: undefined,
      issue: 'required',
      message: '输入源“/body/transaction_id”与“/body/out_trade_no”必须二选一',
    })
  }
  if (typeof notifyUrl === 'string' && !isNotifyUrl(notifyUrl)) {
    return parameterError({
      location: 'body',
      field: '/notify_url',
      value: notifyUrl,
      issue: 'invalid url',
      message:
        '输入源“/body/notify_url”映射到值字段“退款结果回调url”规则校验失败，必须为可访问的https地址，且不能携带参数',
    })
  }
  const from = readFrom(json.amount.from)
  const fromFen = from.reduce((sum, { amount }) => sum + amount, 0)
  if (from.length > 0 && fromFen !== refundFen) {
    return errorAnswer(400, 'INVALID_REQUEST', '出资金额之和必须等于退款金额')
  }
  return {
    outRefundNo,
    transactionId,
    outTradeNo,
    totalFen,
    refundFen,
    from,
    funds: fundsOf(account, from, refundFen),
    reason: textOrNull(json.reason),
    notifyUrl: textOrNull(notifyUrl),
    protocol: 'v3',
    source: 'API',
    signer,
    path: REFUNDS_PATH,
  }
}

function readFrom(from: unknown): { account: string; amount: number }[] {
  if (!Array.isArray(from)) return []
  const items: unknown[] = from
  return items.flatMap((item) =>
    isRecord(item) && typeof item.account === 'string' && typeof item.amount === 'number'
      ? [{ account: item.account, amount: item.amount }]
      : [],
  )
}

// UNAVAILABLE (不可用余额) is money that isn't settled yet.
function fundsOf(
  account: unknown,
  from: readonly { account: string; amount: number }[],
  refundFen: number,
): FundsWish {
  if (from.length > 0) {
    const availableFen = from
      .filter((item) => item.account === 'AVAILABLE')
      .reduce((sum, { amount }) => sum + amount, 0)
    return { kind: 'exact', availableFen, unsettledFen: refundFen - availableFen }
  }
  if (account === 'AVAILABLE') return { kind: 'exact', availableFen: refundFen, unsettledFen: 0 }
  if (account === 'UNSETTLED') return { kind: 'exact', availableFen: 0, unsettledFen: refundFen }
  return { kind: 'any' }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
