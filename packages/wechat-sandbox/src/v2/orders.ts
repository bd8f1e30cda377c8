/**
 * @module APIv2 orders: unifiedorder (统一下单), orderquery (查单) and closeorder (关单).
 */
import type { Core } from '../core.ts'
import { canonicalJson } from '../json.ts'
import { isNotifyUrl } from '../notify-url.ts'
import type { SignType, Trade, Transaction } from '../state/tables.ts'
import { fromCompactTime, toCompactTime } from '../time.ts'
import { close, order, paymentOf, STATE_TEXT, stateOf } from '../trades.ts'
import { resultFail, returnFail, type V2Answer, type V2Members } from './answer.ts'
import type { Fields } from './xml.ts'

const MIN_TIME_TO_PAY_MS = 60_000

// What may differ when the same order is placed again. The times count on the first call only.
const NOT_TERMS = new Set(['nonce_str', 'sign', 'sign_type', 'version', 'time_start', 'time_expire'])

export function unifiedOrder(core: Core, fields: Fields, signType: SignType): V2Answer {
  const { clock } = core
  const text = (name: string): string => fields.get(name) ?? ''
  if (text('trade_type') !== 'JSAPI') return resultFail(signType, 'NOAUTH', '商户无此接口权限')
  if (text('openid') === '') return resultFail(signType, 'LACK_PARAMS', 'JSAPI支付必须传openid')
  if (!isNotifyUrl(text('notify_url'))) return returnFail('notify_url参数格式有误')
  const outTradeNo = text('out_trade_no')
  const isNew = core.store.get('trade', outTradeNo) === undefined
  const startsAt = text('time_start') === '' ? clock.now() : fromCompactTime(text('time_start'))
  const expiresAt = text('time_expire') === '' ? null : fromCompactTime(text('time_expire'))
  if (startsAt === undefined) return returnFail('time_start参数格式有误')
  if (expiresAt === undefined) return returnFail('time_expire参数格式有误')
  if (
    isNew &&
    expiresAt !== null &&
    (expiresAt < startsAt + MIN_TIME_TO_PAY_MS || expiresAt <= clock.now())
  ) {
    return resultFail(signType, 'INVALID_REQUEST', 'time_expire时间过短，最短失效时间间隔需大于1分钟')
  }
  const terms = [...fields].filter(([name, value]) => !NOT_TERMS.has(name) && value !== '')
  const ordered = order(core, {
    outTradeNo,
    protocol: 'v2',
    signType,
    terms: canonicalJson({ ...Object.fromEntries(terms), fee_type: 'CNY', sign_type: signType }),
    appid: text('appid'),
    openid: text('openid'),
    description: text('body'),
    amountFen: Number(text('total_fee')),
    currency: 'CNY',
    attach: text('attach') === '' ? null : text('attach'),
    deviceInfo: text('device_info') === '' ? null : text('device_info'),
    notifyUrl: text('notify_url'),
    signer: 'certificate',
    expiresAt,
  })
  switch (ordered.kind) {
    case 'ordered': {
      const deviceInfo = text('device_info')
      return {
        kind: 'success',
        signType,
        members: {
          ...(deviceInfo === '' ? {} : { device_info: deviceInfo }),
          trade_type: 'JSAPI',
          prepay_id: ordered.prepayId,
        },
      }
    }
    case 'paid':
      return resultFail(signType, 'ORDERPAID', '该订单已支付')
    case 'closed':
      return resultFail(signType, 'ORDERCLOSED', '该订单已关闭，请更换商户订单号重新下单')
    case 'expired':
      return resultFail(signType, 'ORDERCLOSED', '该订单已过期，请更换商户订单号重新下单')
    case 'number-used':
      return resultFail(signType, 'OUT_TRADE_NO_USED', '商户订单号重复')
    case 'terms-differ':
      return resultFail(signType, 'INVALID_REQUEST', '请求重入时，参数与首次请求时不一致')
    case 'full':
      return resultFail(signType, 'FREQUENCY_LIMITED', '沙箱订单数已达上限，请更换数据目录')
    case 'too-often':
      return resultFail(signType, 'FREQUENCY_LIMITED', '该订单下单过于频繁，请使用已获得的prepay_id')
  }
}

export function orderQuery(core: Core, fields: Fields, signType: SignType): V2Answer {
  const { store } = core
  const transactionId = fields.get('transaction_id') ?? ''
  const outTradeNo = fields.get('out_trade_no') ?? ''
  if (transactionId === '' && outTradeNo === '') {
    return resultFail(signType, 'LACK_PARAMS', '缺少参数：transaction_id和out_trade_no至少填一个')
  }
  // WeChat's own number wins when both are given.
  const named = transactionId === '' ? undefined : store.get('transaction', transactionId)
  const trade = store.get('trade', transactionId === '' ? outTradeNo : (named?.outTradeNo ?? ''))
  if (trade === undefined) return resultFail(signType, 'ORDERNOTEXIST', '此交易订单号不存在')
  const payment = named ?? paymentOf(store, trade)
  const state = stateOf(store, trade, core.clock.now(), payment)
  if (payment !== undefined) {
    // Old pages promise the other members for SUCCESS only; real answers have them after a refund (转入退款) too.
    const members = {
      ...paymentMembers(trade, payment),
      trade_state: state,
      trade_state_desc: STATE_TEXT[state],
    }
    return { kind: 'success', signType, members }
  }
  return {
    kind: 'success',
    signType,
    members: {
      out_trade_no: trade.outTradeNo,
      ...(trade.attach === null ? {} : { attach: trade.attach }),
      trade_state: state,
      trade_state_desc: STATE_TEXT[state],
    },
  }
}

export function closeOrder(core: Core, fields: Fields, signType: SignType): V2Answer {
  const trade = core.store.get('trade', fields.get('out_trade_no') ?? '')
  const isOpen = trade !== undefined && stateOf(core.store, trade, core.clock.now()) === 'NOTPAY'
  if (isOpen && core.clock.now() < trade.createdAt + core.closableAfterMs)
    return resultFail(signType, 'TRADE_STATE_ERROR', '订单创建后时间过短，暂不能关闭')
  switch (close(core, fields.get('out_trade_no') ?? '')) {
    case 'closed':
      return { kind: 'success', signType, members: { result_msg: 'OK' } }
    case 'was-closed':
      return resultFail(signType, 'ORDERCLOSED', '订单已关闭')
    case 'paid':
      return resultFail(signType, 'ORDERPAID', '订单已支付')
    case 'not-found':
      return resultFail(signType, 'ORDERNOTEXIST', '订单不存在')
  }
}

/** A paid order as orderquery and the notification state it. */
export function paymentMembers(trade: Trade, payment: Transaction): V2Members {
  return {
    ...(trade.deviceInfo === null ? {} : { device_info: trade.deviceInfo }),
    openid: payment.openid,
    is_subscribe: 'N',
    trade_type: 'JSAPI',
    bank_type: payment.bankType,
    total_fee: payment.paidFen,
    fee_type: payment.currency,
    cash_fee: payment.paidFen,
    cash_fee_type: payment.currency,
    transaction_id: payment.transactionId,
    out_trade_no: trade.outTradeNo,
    ...(trade.attach === null ? {} : { attach: trade.attach }),
    time_end: toCompactTime(payment.paidAt),
  }
}
