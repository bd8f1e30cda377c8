/**
 * @module POST /wxa/sec/order/get_order and is_trade_managed: what shipping management knows of an order and the mini-program.
 */
import type { Core } from '../core.ts'
import type { Transaction } from '../state/tables.ts'
import { toRfc3339 } from '../time.ts'
import { paymentOf } from '../trades.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, badFormat, readPost } from './api-answer.ts'
import { orderStateOf } from './order-state.ts'

export function getOrder(core: Core, request: ApiRequest): ApiAnswer {
  const { store, identity, clock, orderIngestMs } = core
  const post = readPost(request, ['transaction_id', 'merchant_id', 'sub_merchant_id', 'merchant_trade_no'])
  if (!post.ok) return post.answer
  const { transaction_id: id, merchant_id: mchid, merchant_trade_no: outTradeNo } = post.json
  const isByTrade = id === undefined
  if (isByTrade && (typeof mchid !== 'string' || typeof outTradeNo !== 'string'))
    return badFormat('give transaction_id, or merchant_id and merchant_trade_no')
  if (!isByTrade && typeof id !== 'string') return badFormat('transaction_id must be a string')
  const trade = mchid === identity.mchid ? store.get('trade', String(outTradeNo)) : undefined
  const payment = isByTrade ? trade && paymentOf(store, trade) : store.get('transaction', String(id))
  if (payment === undefined || clock.now() < payment.paidAt + orderIngestMs)
    return apiError(10060001, '支付单不存在')
  return apiOk({ order: orderBody(core, payment) })
}

export function isTradeManaged({ identity }: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['appid'])
  if (!post.ok) return post.answer
  if (typeof post.json.appid !== 'string' || post.json.appid === '')
    return apiError(40097, 'invalid args: appid missing')
  if (post.json.appid !== identity.appid) return apiError(40013, 'invalid appid')
  return apiOk({ is_trade_managed: true })
}

/** An order as get_order and get_order_list state it. */
export function orderBody(core: Core, payment: Transaction): ApiAnswer {
  const { store, identity } = core
  const trade = store.get('trade', payment.outTradeNo)
  const shipment = store.get('shipment', payment.transactionId)
  const seconds = (ms: number): number => Math.floor(ms / 1_000)
  return {
    transaction_id: payment.transactionId,
    merchant_id: identity.mchid,
    sub_merchant_id: '',
    merchant_trade_no: payment.outTradeNo,
    description: trade?.description ?? '',
    paid_amount: payment.paidFen,
    openid: payment.openid,
    trade_create_time: seconds(trade?.createdAt ?? payment.paidAt),
    pay_time: seconds(payment.paidAt),
    order_state: orderStateOf(core, payment),
    in_complaint: false,
    shipping:
      shipment === undefined
        ? { finish_shipping: false, finish_shipping_count: 0, shipping_list: [] }
        : {
            delivery_mode: shipment.deliveryMode,
            logistics_type: shipment.logisticsType,
            finish_shipping: shipment.isFinished,
            goods_desc: shipment.parcels[0]?.itemDesc ?? '',
            finish_shipping_count: shipment.finishCount,
            shipping_list: shipment.parcels.map((parcel) => ({
              tracking_no: parcel.trackingNo,
              express_company: parcel.expressCompany,
              goods_desc: parcel.itemDesc,
              upload_time: toRfc3339(parcel.uploadedAt),
              contact: {
                consignor_contact: parcel.consignorContact ?? '',
                receiver_contact: parcel.receiverContact ?? '',
              },
            })),
          },
  }
}
