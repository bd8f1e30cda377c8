/**
 * @module What an upload says about the goods of one order: read, checked, and refused by the error codes of its page.
 */
import { isRecord, type JsonRecord } from '../json.ts'
import type { Parcel } from '../state/tables.ts'
import { fromRfc3339 } from '../time.ts'
import { type ApiRefusal, apiError, badFormat, findExtra } from './api-answer.ts'

/** 物流信息列表, of one upload and of an order in all. */
export const MAX_PARCELS = 15
export const EXPRESS = 1
const UNIFIED = 1
const SPLIT = 2
const MAX_TEXT = 128
const MAX_DESCRIPTION = 120

export const GOODS_MEMBERS = [
  'order_key',
  'logistics_type',
  'delivery_mode',
  'is_all_delivered',
  'shipping_list',
] as const

export interface Goods {
  readonly logisticsType: number
  readonly deliveryMode: number
  readonly isAllDelivered: boolean
  readonly parcels: readonly Parcel[]
}

export const tooManyParcels = (): ApiRefusal => apiError(10060024, '物流信息列表太长')

export function readGoods(json: JsonRecord, now: number): Goods | ApiRefusal {
  const { logistics_type: logisticsType, delivery_mode: deliveryMode } = json
  const { is_all_delivered: isAllDelivered } = json
  if (!isOneOf(logisticsType, [1, 2, 3, 4])) return apiError(10060005, '物流类型有误')
  if (!isOneOf(deliveryMode, [UNIFIED, SPLIT])) return apiError(268485224, '发货模式非法')
  if (isAllDelivered !== undefined && typeof isAllDelivered !== 'boolean')
    return badFormat('is_all_delivered must be true or false')
  if (deliveryMode === SPLIT) {
    if (logisticsType !== EXPRESS) return apiError(10060006, '非快递发货时不允许分拆发货')
    if (isAllDelivered === undefined) return apiError(10060007, '分拆发货模式下必须填写 is_all_delivered')
  }
  const parcels = readParcels(json.shipping_list, logisticsType, deliveryMode, now)
  if ('errcode' in parcels) return parcels
  return {
    logisticsType,
    deliveryMode,
    isAllDelivered: deliveryMode !== SPLIT || isAllDelivered === true,
    parcels,
  }
}

/** What is wrong with the time of an upload; undefined when it is good. It only says which upload is the newer one. */
export function refuseUploadTime(time: unknown): ApiRefusal | undefined {
  if (typeof time === 'string' && fromRfc3339(time) !== undefined) return undefined
  return apiError(268485216, '上传时间非法，请按照 RFC 3339 格式填写')
}

export function readPayer(payer: unknown): { readonly openid: string } | ApiRefusal {
  if (!isRecord(payer) || Object.keys(payer).length !== 1) return badFormat('payer must be {openid}')
  const { openid } = payer
  if (typeof openid !== 'string' || openid === '') return badFormat('payer.openid must be a string')
  return { openid }
}

function readParcels(
  list: unknown,
  logisticsType: number,
  deliveryMode: number,
  now: number,
): readonly Parcel[] | ApiRefusal {
  if (!Array.isArray(list)) return badFormat('shipping_list must be a list')
  const items: unknown[] = list
  if (items.length > MAX_PARCELS) return tooManyParcels()
  if (deliveryMode === UNIFIED && items.length !== 1)
    return apiError(268485228, '统一发货模式下，物流信息列表长度必须为 1')
  if (items.length === 0) return badFormat('shipping_list is empty')
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
  if ([...desc].length > MAX_DESCRIPTION) return apiError(10060009, '商品描述 item_desc 字段太长')
  if (logisticsType === EXPRESS) {
    if (no === '') return apiError(268485226, '物流单号不能为空')
    if (company === '') return apiError(268485227, '物流公司编码不能为空')
  }
  if ([...company].length > MAX_TEXT) return apiError(10060025, '物流公司编码太长')
  if ([...no].length > MAX_TEXT) return apiError(10060026, '物流单号太长')
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
