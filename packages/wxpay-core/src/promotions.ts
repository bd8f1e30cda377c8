/** @module The list in which WeChat Pay names coupons (优惠功能, 营销详情), read for both protocols. */
import { fenOf, optionalFenOf, optionalTextOf, readablesOf, textOf } from './json.ts'
import { presentOf } from './present.ts'
import type { Coupon } from './trade.ts'

/** The names that the protocols do not share. */
export interface PromotionNames {
  readonly id: string
  readonly stock: string
  readonly wechatpay: string
}

/** What cannot be read is left out: a payment is not lost over its coupons. */
export function couponsIn(list: unknown, names: PromotionNames): readonly Coupon[] | undefined {
  return readablesOf(list, (entry) =>
    presentOf({
      couponId: textOf(entry, names.id),
      amountFen: fenOf(entry, 'amount'),
      name: optionalTextOf(entry, 'name'),
      scope: optionalTextOf(entry, 'scope'),
      type: optionalTextOf(entry, 'type'),
      stockId: optionalTextOf(entry, names.stock),
      wechatpayFen: optionalFenOf(entry, names.wechatpay),
      merchantFen: optionalFenOf(entry, 'merchant_contribute'),
      otherFen: optionalFenOf(entry, 'other_contribute'),
    }),
  )
}
