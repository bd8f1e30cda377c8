/** @module Goods on their way, as shipping management (发货信息管理) wants to be told. */
import type { ShippingInfo } from '@yuanlu/shop'
import { chinaRfc3339 } from './message-values.ts'

/** @see 发货信息录入接口 (upload_shipping_info), developers.weixin.qq.com, checked 2026-11 */
export const toShippingUpload = (info: ShippingInfo) => {
  const contact = maskedPhone(info.receiverPhone)
  return {
    order_key: { order_number_type: 2, transaction_id: info.transactionId },
    logistics_type: 1,
    delivery_mode: 1,
    shipping_list: [
      {
        tracking_no: cut(info.trackingNo, 128),
        express_company: companyCode(info.carrier),
        item_desc: cut(info.goods, 120),
        ...(contact === null ? {} : { contact: { receiver_contact: contact } }),
      },
    ],
    upload_time: chinaRfc3339(info.shippedAt),
    payer: { openid: info.payerOpenid },
  }
}

/** The platform's codes (快递公司编码, get_delivery_list) of what staff usually write. */
const COMPANY_CODES: readonly (readonly [name: string, code: string])[] = [
  ['顺丰', 'SF'],
  ['中通', 'ZTO'],
  ['圆通', 'YTO'],
  ['申通', 'STO'],
  ['韵达', 'YD'],
  ['极兔', 'JTSD'],
  ['京东', 'JD'],
  ['德邦', 'DBL'],
  ['EMS', 'EMS'],
  ['邮政', 'YZPY'],
]

/** A code stays as it is; a name that is not known is sent as written, for the platform to judge. */
const companyCode = (carrier: string): string =>
  COMPANY_CODES.find(([name]) => carrier.toUpperCase().includes(name))?.[1] ?? cut(carrier, 128)

/** 189****1234: the last four digits are enough, and no more may be told. */
const maskedPhone = (phone: string | null): string | null => {
  const digits = (phone ?? '').replace(/\D/g, '')
  return digits.length < 5
    ? null
    : `${digits.slice(0, Math.min(3, digits.length - 4))}****${digits.slice(-4)}`
}

const cut = (text: string, max: number): string => [...text].slice(0, max).join('')
