/** @module What must not compile, and what must: checked by `tsc -b`. A line that compiles although it should not is an error there. */
import {
  type AbnormalRefund,
  type createNotificationReader,
  type PrepayOrder,
  type RefundOrder,
  type TradeBill,
  type v2,
  type v3,
  WxpayError,
  type WxpayErrorCode,
  type WxpayErrorCodeOf,
  type WxpayV2Client,
  type WxpayV3Client,
} from 'wxpay-core'
import { anOrder, aRefundOrder } from './fixtures.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <T extends true>(...held: T[]): number => held.length

// ---- a code decides its outcome ----
const timeout = new WxpayError('ERR_WXPAY_TIMEOUT', 'late')
same<Same<typeof timeout.outcome, 'unknown'>>()
// @ts-expect-error a time-out is never a refusal
const refusal: 'rejected' = timeout.outcome
// @ts-expect-error the union of codes is closed
const unknownCode: WxpayErrorCode = 'ERR_WXPAY_SOMETHING'
same<Same<WxpayErrorCodeOf<'rejected'>, 'ERR_WXPAY_REFUSED'>>()

// ---- orders and refunds ----
const order: PrepayOrder = anOrder
// @ts-expect-error the member is called payerOpenid, not open_id
const misspelt: PrepayOrder = { ...anOrder, open_id: 'o' }
// @ts-expect-error amounts are numbers
const textual: PrepayOrder = { ...anOrder, totalFen: '6800' }
// @ts-expect-error no other currency is told in fen
const dollars: PrepayOrder = { ...anOrder, currency: 'USD' }
const { notifyUrl: _, ...unnotified } = aRefundOrder
// @ts-expect-error without notifyUrl whoever is set in the merchant platform would be told
const silent: RefundOrder = unnotified
const { transactionId: _theirs, outTradeNo: _ours, ...unnamed } = aRefundOrder
const byOurs: RefundOrder = { ...unnamed, outTradeNo: 'order-20261123-1' }
// @ts-expect-error a refund is of a trade
const ofNothing: RefundOrder = unnamed
// @ts-expect-error a card needs its holder
const holderless: AbnormalRefund = {
  refundId: '1',
  outRefundNo: '1',
  to: 'userBankCard',
  bankType: 'X',
  bankAccount: '1',
}

// ---- the two clients ----
same<Same<WxpayV2Client['api'], 'v2'>>()
same<Same<WxpayV3Client['api'], 'v3'>>()
// @ts-expect-error v2 has no abnormal refunds
type NoAbnormal = WxpayV2Client['applyAbnormalRefund']
same<Same<ReturnType<WxpayV3Client['forSubMerchant']>, WxpayV3Client>>()

// ---- bills ----
type Row = TradeBill extends AsyncIterable<infer R> ? R : never
same<Same<Row['totalFen'], number | undefined>>()
same<Same<Row['feeYuan'], string | undefined>>()

// ---- messages keep WeChat's spelling ----
same<Same<v2.RefundQueryEntry['refund_recv_accout'], string | undefined>>()
same<Same<v3.RefundNotice['refund_status'], string>>()
// @ts-expect-error the query calls it status, the notification refund_status
type NoStatus = v3.RefundNotice['status']

// ---- the reader ----
type Config = Parameters<typeof createNotificationReader>[0]
// @ts-expect-error an algorithm is one of two
const typingError: Config['v2'] = { key: '', signType: 'HMAC_SHA256' }

test('the types above hold: tsc -b has read them', () => {
  expect([
    order,
    refusal,
    unknownCode,
    misspelt,
    textual,
    dollars,
    silent,
    byOurs,
    ofNothing,
    holderless,
    typingError,
  ]).toHaveLength(11)
})

export type { NoAbnormal, NoStatus }
