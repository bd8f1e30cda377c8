/**
 * @module Shipping information (发货信息录入): what may be told about the goods of a paid order, and how often.
 */
import type { Core } from '../core.ts'
import { canonicalJson, isRecord, type JsonRecord } from '../json.ts'
import type { Parcel, Shipment, Transaction } from '../state/tables.ts'
import { fromRfc3339 } from '../time.ts'
import { paymentOf } from '../trades.ts'
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

const MAX_PARCELS = 10
const EXPRESS = 1
const SPLIT = 2

const MEMBERS = [
  'order_key',
  'logistics_type',
  'delivery_mode',
  'is_all_delivered',
  'shipping_list',
  'upload_time',
  'payer',
]

interface Upload {
  readonly logisticsType: number
  readonly deliveryMode: number
  readonly isAllDelivered: boolean
  readonly parcels: readonly Parcel[]
  readonly openid: string
  readonly terms: string
}

export function uploadShippingInfo(core: Core, request: ApiRequest): ApiAnswer {
  const post = readPost(request, MEMBERS)
  if (!post.ok) return post.answer
  const upload = readUpload(post.json, core.clock.now())
  if ('errcode' in upload) return upload
  const payment = findPaid(core, post.json.order_key)
  if (payment === undefined) return apiError(10060001, '支付单不存在')
  if ('errcode' in payment) return payment
  if (payment.openid !== upload.openid) return apiError(10060031, '该笔支付单不属于 openid 所指定的用户')
  return record(core, payment, upload)
}

/** Once finished, the same again is no news, something else may be told once more, and after receipt nothing. */
function record(core: Core, payment: Transaction, upload: Upload): ApiAnswer {
  const { store, clock } = core
  const { transactionId, outTradeNo } = payment
  const known = store.get('shipment', transactionId)
  if (known?.terms === upload.terms) return apiError(10060023, '发货信息未更新')
  if (moneyRefundedFen(core, payment) >= payment.paidFen)
    return apiError(10060004, '支付单处于不可发货的状态')
  if (known?.isFinished === true) {
    if (orderStateOf(core, payment) >= 3) return apiError(10060002, '支付单已完成发货，无法继续发货')
    if (known.finishCount >= 2) return apiError(10060003, '支付单已使用重新发货机会')
  }
  const isFirstOrAgain = known === undefined || known.isFinished
  const parcels = isFirstOrAgain ? upload.parcels : mergeParcels(known.parcels, upload.parcels)
  if (parcels.length > MAX_PARCELS) return badFormat(`shipping_list holds at most ${MAX_PARCELS} parcels`)
  const shipment: Shipment = {
    transactionId,
    outTradeNo,
    logisticsType: upload.logisticsType,
    deliveryMode: upload.deliveryMode,
    isFinished: upload.isAllDelivered,
    finishCount: (known?.finishCount ?? 0) + (upload.isAllDelivered ? 1 : 0),
    finishedAt: upload.isAllDelivered ? clock.now() : (known?.finishedAt ?? null),
    parcels,
    terms: upload.terms,
  }
  store.commit([{ table: 'shipment', id: transactionId, value: shipment }])
  return apiOk()
}

/** Parcels of a split delivery come in one by one; the same parcel again replaces itself. */
function mergeParcels(known: readonly Parcel[], added: readonly Parcel[]): Parcel[] {
  const keyOf = ({ trackingNo, expressCompany }: Parcel): string => `${expressCompany} ${trackingNo}`
  const byKey = new Map(known.map((parcel) => [keyOf(parcel), parcel]))
  for (const parcel of added) byKey.set(keyOf(parcel), parcel)
  return [...byKey.values()]
}

/** The payment an order_key names, once this platform has learnt of it; an answer when the key is malformed. */
function findPaid(core: Core, key: unknown): Transaction | ApiRefusal | undefined {
  const { store, clock, identity, orderIngestMs } = core
  if (!isRecord(key)) return badFormat('order_key must be an object')
  const byTrade = key.order_number_type === 1
  if (!byTrade && key.order_number_type !== 2) return badFormat('order_key.order_number_type is 1 or 2')
  const members = byTrade
    ? ['order_number_type', 'mchid', 'out_trade_no']
    : ['order_number_type', 'transaction_id']
  const extra = findExtra(key, members)
  if (extra !== undefined) return badFormat(`unknown member order_key.${extra}`)
  const { mchid, out_trade_no: outTradeNo, transaction_id: transactionId } = key
  if (byTrade && (typeof mchid !== 'string' || typeof outTradeNo !== 'string'))
    return badFormat('order_key needs mchid and out_trade_no')
  if (!byTrade && typeof transactionId !== 'string') return badFormat('order_key needs transaction_id')
  if (byTrade && mchid !== identity.mchid) return undefined
  const trade = store.get('trade', String(outTradeNo))
  const payment = byTrade ? trade && paymentOf(store, trade) : store.get('transaction', String(transactionId))
  // Payments reach this platform a little later than the merchant.
  return payment !== undefined && clock.now() >= payment.paidAt + orderIngestMs ? payment : undefined
}

function readUpload(json: JsonRecord, now: number): Upload | ApiRefusal {
  const { logistics_type: logisticsType, delivery_mode: deliveryMode, payer } = json
  const { is_all_delivered: isAllDelivered, upload_time: uploadTime } = json
  if (!isOneOf(logisticsType, [1, 2, 3, 4])) return apiError(10060005, '物流类型有误')
  if (!isOneOf(deliveryMode, [1, 2])) return badFormat('delivery_mode is 1 or 2')
  if (isAllDelivered !== undefined && typeof isAllDelivered !== 'boolean')
    return badFormat('is_all_delivered must be true or false')
  if (deliveryMode === SPLIT) {
    if (logisticsType !== EXPRESS) return apiError(10060006, '非快递发货时不允许分拆发货')
    if (isAllDelivered === undefined) return apiError(10060007, '分拆发货模式下必须填写 is_all_delivered')
  }
  if (typeof uploadTime !== 'string' || fromRfc3339(uploadTime) === undefined)
    return badFormat('upload_time must be RFC 3339, such as 2022-12-15T13:29:35.120+08:00')
  if (!isRecord(payer) || Object.keys(payer).length !== 1) return badFormat('payer must be {openid}')
  const { openid } = payer
  if (typeof openid !== 'string' || openid === '') return badFormat('payer.openid must be a string')
  const parcels = readParcels(json.shipping_list, logisticsType, deliveryMode, now)
  if ('errcode' in parcels) return parcels
  const { upload_time: _time, ...terms } = json
  return {
    logisticsType,
    deliveryMode,
    isAllDelivered: deliveryMode !== SPLIT || isAllDelivered === true,
    parcels,
    openid,
    terms: canonicalJson({ ...terms, order_key: null }),
  }
}

function readParcels(
  list: unknown,
  logisticsType: number,
  deliveryMode: number,
  now: number,
): readonly Parcel[] | ApiRefusal {
  if (!Array.isArray(list)) return badFormat('shipping_list must be a list')
  const items: unknown[] = list
  const max = deliveryMode === SPLIT ? MAX_PARCELS : 1
  if (items.length < 1 || items.length > max) return badFormat(`shipping_list holds 1 to ${max} parcels`)
  const parcels: Parcel[] = []
  for (const item of items) {
    const parcel = readParcel(item, logisticsType, now)
    if ('errcode' in parcel) return parcel
    parcels.push(parcel)
  }
  return parcels
}

function readParcel(item: unknown, logisticsType: number, now: number): Parcel | ApiRefusal {
  if (!isRecord(item)) return badFormat('shipping_list holds objects')
  const extra = findExtra(item, ['tracking_no', 'express_company', 'item_desc', 'contact'])
  if (extra !== undefined) return badFormat(`unknown member shipping_list.${extra}`)
  const { tracking_no: no = '', express_company: company = '', item_desc: desc = '', contact = {} } = item
  if (typeof no !== 'string' || typeof company !== 'string' || typeof desc !== 'string')
    return badFormat('tracking_no, express_company and item_desc are strings')
  if (desc.trim() === '') return apiError(10060008, '商品描述 item_desc 字段不能为空')
  if ([...desc].length > 120) return apiError(10060009, '商品描述 item_desc 字段太长')
  if (logisticsType === EXPRESS) {
    if (no === '') return apiError(268485226, '快递单号不能为空')
    if (company === '') return apiError(268485227, '快递公司编码不能为空')
  }
  if ([...no].length > 128 || [...company].length > 128)
    return badFormat('tracking_no and express_company have at most 128 characters')
  const contacts = readContact(contact)
  if (contacts === undefined)
    return badFormat('contact needs consignor_contact or receiver_contact, masked up to the last four digits')
  const hasContact = contacts.consignor !== null || contacts.receiver !== null
  if (logisticsType === EXPRESS && company === 'SF' && !hasContact)
    return badFormat('SF needs contact.consignor_contact or contact.receiver_contact')
  return {
    trackingNo: no,
    expressCompany: company,
    itemDesc: desc,
    consignorContact: contacts.consignor,
    receiverContact: contacts.receiver,
    uploadedAt: now,
  }
}

// 189****1234: the last four digits are shown, what is before them is masked.
const MASKED = /^[0-9+\- ]*\*[0-9*+\- ]*\d{4}$/

function readContact(contact: unknown): { consignor: string | null; receiver: string | null } | undefined {
  if (!isRecord(contact) || findExtra(contact, ['consignor_contact', 'receiver_contact']) !== undefined)
    return undefined
  const { consignor_contact: consignor = null, receiver_contact: receiver = null } = contact
  const isGood = (value: unknown): value is string | null =>
    value === null || (typeof value === 'string' && value.length <= 1024 && MASKED.test(value))
  return isGood(consignor) && isGood(receiver) ? { consignor, receiver } : undefined
}

function isOneOf(value: unknown, values: readonly number[]): value is number {
  return typeof value === 'number' && values.includes(value)
}
