/**
 * @module POST /wxa/sec/order/get_order and is_trade_managed: what shipping management knows of an order and the mini-program.
 */
import type { Core } from '../core.ts'
import type { Transaction } from '../state/tables.ts'
import { type ApiAnswer, type ApiRequest, apiError, apiOk, readPost } from './api-answer.ts'
import { orderStateOf } from './order-state.ts'
import { findByNumbers, NUMBER_MEMBERS } from './shipping-key.ts'

/** @see 查询订单发货状态 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_getorder.html (checked 2026-11-23) */
export function getOrder(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, NUMBER_MEMBERS)
  if (!post.ok) return post.answer
  const payment = findByNumbers(core, post.json)
  return 'errcode' in payment ? payment : apiOk({ order: orderBody(core, payment) })
}

/** @see 查询小程序是否已开通发货信息管理服务 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_istrademanaged.html (checked 2026-11-23) */
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
              upload_time: seconds(parcel.uploadedAt),
              contact: {
                consignor_contact: parcel.consignorContact ?? '',
                receiver_contact: parcel.receiverContact ?? '',
              },
            })),
          },
  }
}
