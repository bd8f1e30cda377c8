/**
 * @module How the shipping calls name an order: by WeChat's number or the merchant's; and whether they know it yet.
 */
import type { Core } from '../core.ts'
import { isRecord, type JsonRecord } from '../json.ts'
import type { Transaction } from '../state/tables.ts'
import { paymentOf } from '../trades.ts'
import { type ApiRefusal, apiError, badFormat, findExtra } from './api-answer.ts'

/** An order_key whose form is right, whether or not there is such an order. */
export type OrderKey =
  | { readonly type: 1; readonly mchid: string; readonly outTradeNo: string }
  | { readonly type: 2; readonly transactionId: string }

export function readOrderKey(key: unknown): OrderKey | ApiRefusal {
  if (!isRecord(key)) return badFormat('order_key must be an object')
  const { order_number_type: type, mchid, out_trade_no: outTradeNo, transaction_id: transactionId } = key
  if (type !== 1 && type !== 2) return apiError(268485194, '订单单号类型非法')
  const members =
    type === 1 ? ['order_number_type', 'mchid', 'out_trade_no'] : ['order_number_type', 'transaction_id']
  const extra = findExtra(key, members)
  if (extra !== undefined) return badFormat(`unknown member order_key.${extra}`)
  if (type === 2) {
    return isText(transactionId)
      ? { type, transactionId }
      : apiError(268485195, '微信支付单号形式下 transaction_id 字段不能为空')
  }
  if (!isText(mchid)) return apiError(268485196, '商户侧单号形式下 mchid 字段不能为空')
  if (!isText(outTradeNo)) return apiError(268485197, '商户侧单号形式下 out_trade_no 字段不能为空')
  return { type, mchid, outTradeNo }
}

/** The payment a key names, once this platform has learnt of it: a little later than the merchant. */
export function findPaid(core: Core, key: OrderKey): Transaction | ApiRefusal {
  const { store, clock, identity, orderIngestMs } = core
  const trade =
    key.type === 1 && key.mchid === identity.mchid ? store.get('trade', key.outTradeNo) : undefined
  const payment =
    key.type === 2 ? store.get('transaction', key.transactionId) : trade && paymentOf(store, trade)
  return payment !== undefined && clock.now() >= payment.paidAt + orderIngestMs
    ? payment
    : apiError(10060001, '支付单不存在')
}

export const NUMBER_MEMBERS = [
  'transaction_id',
  'merchant_id',
  'sub_merchant_id',
  'merchant_trade_no',
] as const

/** As get_order and notify_confirm_receive name it: `transaction_id`, or `merchant_id` and `merchant_trade_no`. */
export function findByNumbers(core: Core, json: JsonRecord): Transaction | ApiRefusal {
  const { transaction_id: transactionId, merchant_id: mchid, merchant_trade_no: outTradeNo } = json
  if (transactionId !== undefined) {
    return typeof transactionId === 'string'
      ? findPaid(core, { type: 2, transactionId })
      : badFormat('transaction_id must be a string')
  }
  return typeof mchid === 'string' && typeof outTradeNo === 'string'
    ? findPaid(core, { type: 1, mchid, outTradeNo })
    : badFormat('give transaction_id, or merchant_id and merchant_trade_no')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
