/**
 * @module Shipping information (发货信息录入): what may be told about the goods of paid orders, and how often.
 */
import type { Core } from '../core.ts'
import { canonicalJson, isRecord, type JsonRecord } from '../json.ts'
import type { Write } from '../state/store.ts'
import type { Parcel, Shipment, Transaction } from '../state/tables.ts'
import {
  type ApiAnswer,
  type ApiRefusal,
  type ApiRequest,
  apiError,
  apiOk,
  badFormat,
  findExtra,
  readPost,
} from './api-answer.ts'
import { moneyRefundedFen, orderStateOf } from './order-state.ts'
import {
  GOODS_MEMBERS,
  type Goods,
  MAX_PARCELS,
  readGoods,
  readPayer,
  refuseUploadTime,
  tooManyParcels,
} from './shipping-form.ts'
import { findPaid, type OrderKey, readOrderKey } from './shipping-key.ts'

const UNCHANGED = 10060023

interface Upload extends Goods {
  readonly key: OrderKey
  readonly openid: string
  /** What was said, in canonical form, whichever number it was said of. */
  readonly terms: string
}

/**
 * POST upload_shipping_info.
 * @see 发货信息录入 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_uploadshippinginfo.html (checked 2026-11-23)
 */
export function uploadShippingInfo(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, [...GOODS_MEMBERS, 'upload_time', 'payer'])
  if (!post.ok) return post.answer
  const { upload_time: time, payer, ...goods } = post.json
  const upload = readUpload(core, goods, time, payer)
  if ('errcode' in upload) return upload
  const write = decide(core, upload)
  if ('errcode' in write) return write
  core.store.commit([write])
  return apiOk()
}

/**
 * POST upload_combined_shipping_info: several orders at once, all of them or none. There are no combined payments (合单支付)
 * here, so the key of the whole is looked at for its form alone, and each part is a payment of its own. That a refused part
 * keeps the others from being written is this sandbox's choice: the page does not say.
 * @see 发货信息合单录入 https://developers.weixin.qq.com/miniprogram/dev/server/API/order_shipping/api_uploadcombinedshippinginfo.html (checked 2026-11-23)
 */
export function uploadCombinedShippingInfo(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, ['order_key', 'sub_orders', 'upload_time', 'payer'])
  if (!post.ok) return post.answer
  const { order_key: wholeKey, sub_orders: list, upload_time: time, payer } = post.json
  const whole = readOrderKey(wholeKey)
  if ('errcode' in whole) return whole
  if (!Array.isArray(list)) return badFormat('sub_orders must be a list')
  const parts: unknown[] = list
  if (parts.length === 0) return apiError(10060014, '参数错误: sub_orders is empty')
  const writes = new Map<string, Write>()
  let refusal: ApiRefusal | undefined
  for (const part of parts) {
    if (!isRecord(part)) return badFormat('sub_orders holds objects')
    const extra = findExtra(part, GOODS_MEMBERS)
    if (extra !== undefined) return badFormat(`unknown member sub_orders.${extra}`)
    const upload = readUpload(core, part, time, payer)
    if ('errcode' in upload) return upload
    if (upload.key.type !== whole.type)
      return apiError(10060014, '参数错误: sub_orders.order_key must be of the type of order_key')
    const write = decide(core, upload)
    if ('errcode' in write) {
      if (write.errcode !== UNCHANGED) return write
      refusal = write
      continue
    }
    if (writes.has(write.id)) return apiError(10060014, '参数错误: sub_orders names an order twice')
    writes.set(write.id, write)
  }
  if (writes.size === 0 && refusal !== undefined) return refusal
  core.store.commit([...writes.values()])
  return apiOk()
}

function readUpload(core: Core, json: JsonRecord, time: unknown, payer: unknown): Upload | ApiRefusal {
  const goods = readGoods(json, core.clock.now())
  if ('errcode' in goods) return goods
  const refusal = refuseUploadTime(time)
  if (refusal !== undefined) return refusal
  const by = readPayer(payer)
  if ('errcode' in by) return by
  const key = readOrderKey(json.order_key)
  if ('errcode' in key) return key
  return { ...goods, key, openid: by.openid, terms: canonicalJson({ ...json, order_key: null, payer: by }) }
}

/** Once finished, the same again is no news, something else may be told once more, and after receipt nothing. */
function decide(core: Core, upload: Upload): (Write & { readonly table: 'shipment' }) | ApiRefusal {
  const { store, clock } = core
  const payment = findPaid(core, upload.key)
  if ('errcode' in payment) return payment
  if (payment.openid !== upload.openid) return apiError(10060031, '该笔支付单不属于 openid 所指定的用户')
  const { transactionId, outTradeNo } = payment
  const known = store.get('shipment', transactionId)
  if (known?.terms === upload.terms) return apiError(UNCHANGED, '发货信息未更新')
  const refusal = refuseAgain(core, payment, known)
  if (refusal !== undefined) return refusal
  const isFirstOrAgain = known === undefined || known.isFinished
  const parcels = isFirstOrAgain ? upload.parcels : mergeParcels(known.parcels, upload.parcels)
  if (parcels.length > MAX_PARCELS) return tooManyParcels()
  const shipment: Shipment = {
    transactionId,
    outTradeNo,
    logisticsType: upload.logisticsType,
    deliveryMode: upload.deliveryMode,
    isFinished: upload.isAllDelivered,
    finishCount: (known?.finishCount ?? 0) + (upload.isAllDelivered ? 1 : 0),
    finishedAt: upload.isAllDelivered ? clock.now() : (known?.finishedAt ?? null),
    parcels,
    ...(known?.isReminded === true ? { isReminded: true } : {}),
    terms: upload.terms,
  }
  return { table: 'shipment', id: transactionId, value: shipment }
}

function refuseAgain(core: Core, payment: Transaction, known: Shipment | undefined): ApiRefusal | undefined {
  if (moneyRefundedFen(core, payment) >= payment.paidFen)
    return apiError(10060004, '支付单处于不可发货的状态')
  if (known?.isFinished !== true) return undefined
  if (orderStateOf(core, payment) >= 3) return apiError(10060002, '支付单已完成发货，无法继续发货')
  return known.finishCount >= 2 ? apiError(10060003, '支付单已使用重新发货机会') : undefined
}

/** Parcels of a split delivery come in one by one; the same parcel again replaces itself. */
function mergeParcels(known: readonly Parcel[], added: readonly Parcel[]): Parcel[] {
  const keyOf = ({ trackingNo, expressCompany }: Parcel): string => `${expressCompany} ${trackingNo}`
  const byKey = new Map(known.map((parcel) => [keyOf(parcel), parcel]))
  for (const parcel of added) byKey.set(keyOf(parcel), parcel)
  return [...byKey.values()]
}
