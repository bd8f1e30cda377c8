/**
 * @module APIv3 orders: jsapi prepay (下单), query (查单) and close (关单).
 */
import type { Core } from '../core.ts'
import { canonicalJson, isRecord, parseJson, withoutNulls } from '../json.ts'
import { isNotifyUrl } from '../notify-url.ts'
import type { Signer, Trade, Transaction } from '../state/tables.ts'
import { fromRfc3339, toRfc3339 } from '../time.ts'
import { close, order, paymentOf, STATE_TEXT, stateOf } from '../trades.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'
import { CLOSE_FIELDS, JSAPI_FIELDS, OUT_TRADE_NO } from './jsapi-fields.ts'
import { checkBody } from './schema.ts'

const PAID_NUMBER = 268498689
const TERMS_DIFFER_NUMBER = 268498688
const NOT_FOUND_NUMBER = 268512771
const EXPIRED_NUMBER = 268447914
const OPENID_MISSING_NUMBER = 268501013
const MIN_TIME_TO_PAY_MS = 60_000

export function prepay(core: Core, body: Buffer, signer: Signer): V3Answer {
  const { identity, clock } = core
  const json = parseJson(body)
  const refusal = checkBody(JSAPI_FIELDS, json)
  if (refusal !== undefined) return withOpenidNumber(refusal)
  const wish = readOrder(json)
  if (wish === undefined) return errorAnswer(400, 'PARAM_ERROR', '参数错误')
  if (wish.mchid !== identity.mchid) return errorAnswer(400, 'MCH_NOT_EXISTS', '商户号不存在')
  if (wish.appid !== identity.appid)
    return errorAnswer(400, 'APPID_MCHID_NOT_MATCH', 'appid和mchid不匹配，请检查后再试')
  if (!isNotifyUrl(wish.notifyUrl)) {
    return parameterError({
      location: 'body',
      field: '/notify_url',
      value: wish.notifyUrl,
      issue: 'invalid url',
      message:
        '输入源“/body/notify_url”映射到值字段“通知地址”规则校验失败，必须为可访问的https地址，且不能携带参数',
    })
  }
  const expiresAt = wish.timeExpire === undefined ? null : fromRfc3339(wish.timeExpire)
  if (expiresAt === undefined) {
    return parameterError({
      location: 'body',
      field: '/time_expire',
      value: wish.timeExpire,
      issue: 'invalid time',
      message: '输入源“/body/time_expire”映射到值字段“交易结束时间”规则校验失败，格式不是rfc3339',
    })
  }
  const known = core.store.get('trade', wish.outTradeNo)
  if (known === undefined && expiresAt !== null && expiresAt < clock.now() + MIN_TIME_TO_PAY_MS) {
    return errorAnswer(400, 'INVALID_REQUEST', '订单失效时间必须晚于当前时间一分钟以上', {
      number: EXPIRED_NUMBER,
    })
  }
  const ordered = order(core, {
    outTradeNo: wish.outTradeNo,
    protocol: 'v3',
    signType: null,
    terms: wish.terms,
    appid: wish.appid,
    openid: wish.openid,
    description: wish.description,
    amountFen: wish.totalFen,
    currency: 'CNY',
    attach: wish.attach,
    deviceInfo: wish.deviceId,
    notifyUrl: wish.notifyUrl,
    signer,
    expiresAt,
  })
  switch (ordered.kind) {
    case 'ordered':
      return { kind: 'json', status: 200, body: { prepay_id: ordered.prepayId } }
    case 'paid':
      return errorAnswer(400, 'ORDERPAID', '该订单已支付', { number: PAID_NUMBER })
    case 'closed':
      return errorAnswer(400, 'ORDER_CLOSED', '该订单已关闭，请更换商户订单号重新下单')
    case 'expired':
      return errorAnswer(400, 'INVALID_REQUEST', '订单已过期，请更换商户订单号重新下单', {
        number: EXPIRED_NUMBER,
      })
    case 'number-used':
      return errorAnswer(403, 'OUT_TRADE_NO_USED', '商户订单号重复')
    case 'terms-differ':
      return errorAnswer(400, 'INVALID_REQUEST', '请求重入时，参数与首次请求时不一致', {
        number: TERMS_DIFFER_NUMBER,
      })
    case 'full':
      return errorAnswer(429, 'FREQUENCY_LIMITED', '沙箱订单数已达上限，请更换数据目录')
    case 'too-often':
      return errorAnswer(429, 'FREQUENCY_LIMITED', '该订单下单过于频繁，请使用已获得的prepay_id')
  }
}

export function queryByOutTradeNo(core: Core, outTradeNo: string, mchids: readonly string[]): V3Answer {
  const refusal = checkOutTradeNo(outTradeNo) ?? checkMchid(core, mchids)
  if (refusal !== undefined) return refusal
  const trade = core.store.get('trade', outTradeNo)
  if (trade === undefined)
    return errorAnswer(404, 'ORDER_NOT_EXIST', '订单不存在', { number: NOT_FOUND_NUMBER })
  return { kind: 'json', status: 200, body: tradeBody(core, trade, paymentOf(core.store, trade)) }
}

export function queryByTransactionId(core: Core, transactionId: string, mchids: readonly string[]): V3Answer {
  if (transactionId.length > 32) return urlError('/transaction_id', transactionId, '微信支付订单号')
  const refusal = checkMchid(core, mchids)
  if (refusal !== undefined) return refusal
  const transaction = core.store.get('transaction', transactionId)
  const trade = transaction && core.store.get('trade', transaction.outTradeNo)
  if (trade === undefined)
    return errorAnswer(404, 'ORDER_NOT_EXIST', '订单不存在', { number: NOT_FOUND_NUMBER })
  return { kind: 'json', status: 200, body: tradeBody(core, trade, transaction) }
}

export function closeOrder(core: Core, outTradeNo: string, body: Buffer): V3Answer {
  const json = parseJson(body)
  const refusal = checkOutTradeNo(outTradeNo) ?? checkBody(CLOSE_FIELDS, json)
  if (refusal !== undefined) return refusal
  if (!isRecord(json) || json.mchid !== core.identity.mchid) {
    return errorAnswer(400, 'MCH_NOT_EXISTS', '商户号不存在')
  }
  switch (close(core, outTradeNo)) {
    case 'closed':
    case 'was-closed':
      return { kind: 'done', status: 204 }
    case 'paid':
      return errorAnswer(400, 'ORDERPAID', '该订单已支付，不能关闭', { number: 268449538 })
    case 'not-found':
      return errorAnswer(404, 'ORDER_NOT_EXIST', '订单不存在', { number: NOT_FOUND_NUMBER })
  }
}

/** An order as the query and the notification state it; an unpaid one has no transaction, payer or time. */
export function tradeBody(
  core: Core,
  trade: Trade,
  payment: Transaction | undefined,
): Readonly<Record<string, unknown>> {
  const common = {
    mchid: core.identity.mchid,
    appid: trade.appid,
    out_trade_no: trade.outTradeNo,
    attach: trade.attach ?? '',
    promotion_detail: [],
    ...(trade.deviceInfo === null ? {} : { scene_info: { device_id: trade.deviceInfo } }),
  }
  if (payment === undefined) {
    const state = stateOf(core.store, trade, core.clock.now())
    return {
      ...common,
      trade_state: state,
      trade_state_desc: STATE_TEXT[state],
      amount: { total: trade.amountFen, currency: trade.currency },
    }
  }
  const state = stateOf(core.store, trade, core.clock.now(), payment)
  return {
    ...common,
    transaction_id: payment.transactionId,
    trade_type: 'JSAPI',
    trade_state: state,
    trade_state_desc: STATE_TEXT[state],
    bank_type: payment.bankType,
    success_time: toRfc3339(payment.paidAt),
    payer: { openid: payment.openid },
    amount: {
      total: payment.paidFen,
      payer_total: payment.paidFen,
      currency: payment.currency,
      payer_currency: payment.currency,
    },
  }
}

interface OrderWish {
  readonly appid: string
  readonly mchid: string
  readonly outTradeNo: string
  readonly description: string
  readonly notifyUrl: string
  readonly totalFen: number
  readonly openid: string
  readonly attach: string | null
  readonly deviceId: string | null
  readonly timeExpire: string | undefined
  readonly terms: string
}

// After the schema check this can't miss; it turns `unknown` into types without trusting that.
function readOrder(json: unknown): OrderWish | undefined {
  if (!isRecord(json) || !isRecord(json.amount) || !isRecord(json.payer)) return undefined
  const { appid, mchid, description, out_trade_no: outTradeNo, notify_url: notifyUrl } = json
  const { attach, time_expire: timeExpire, scene_info: scene } = json
  const totalFen = json.amount.total
  const openid = json.payer.openid
  const deviceId = isRecord(scene) ? scene.device_id : undefined
  if (typeof appid !== 'string' || typeof mchid !== 'string' || typeof description !== 'string')
    return undefined
  if (typeof outTradeNo !== 'string' || typeof notifyUrl !== 'string') return undefined
  if (typeof totalFen !== 'number' || typeof openid !== 'string') return undefined
  return {
    appid,
    mchid,
    outTradeNo,
    description,
    notifyUrl,
    totalFen,
    openid,
    attach: typeof attach === 'string' ? attach : null,
    deviceId: typeof deviceId === 'string' ? deviceId : null,
    timeExpire: typeof timeExpire === 'string' ? timeExpire : undefined,
    // The currency is CNY whether it is said or not; what is null isn't said.
    terms: canonicalJson(withoutNulls({ ...json, amount: { total: totalFen, currency: 'CNY' } })),
  }
}

function checkOutTradeNo(outTradeNo: string): V3Answer | undefined {
  const good = outTradeNo.length >= 6 && outTradeNo.length <= 32 && OUT_TRADE_NO.test(outTradeNo)
  return good ? undefined : urlError('/out_trade_no', outTradeNo, '商户订单号')
}

function urlError(field: string, value: string, label: string): V3Answer {
  return parameterError({
    location: 'url',
    field,
    value: value.slice(0, 64),
    issue: 'invalid value',
    message: `输入源“/uri_template${field}”映射到值字段“${label}”字符串规则校验失败`,
  })
}

function checkMchid(core: Core, mchids: readonly string[]): V3Answer | undefined {
  const [mchid] = mchids
  if (mchids.length !== 1 || !mchid) {
    return parameterError({
      location: 'query',
      field: '/mchid',
      value: undefined,
      issue: 'required',
      message: '输入源“/query/mchid”映射到字段“直连商户号”必填性规则校验失败，此字段为必填项',
    })
  }
  return mchid === core.identity.mchid ? undefined : errorAnswer(400, 'MCH_NOT_EXISTS', '商户号不存在')
}

function withOpenidNumber(refusal: V3Answer): V3Answer {
  if (refusal.kind !== 'error') return refusal
  const isMissing = refusal.detail?.issue === 'required'
  const field = refusal.detail?.field
  return isMissing && (field === '/payer' || field === '/payer/openid')
    ? { ...refusal, number: OPENID_MISSING_NUMBER }
    : refusal
}
