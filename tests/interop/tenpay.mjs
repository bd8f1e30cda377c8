/** @module tenpay 2: APIv2 over XML, the refund with apiclient_cert.p12. */
import Tenpay from 'tenpay'
import { info, listen, openid, p12, pay, rowsOf, settle, tell, tomorrow } from './story.mjs'

const shop = await listen()
const api = new Tenpay({
  appid: info.appid,
  mchid: info.mchid,
  partnerKey: info.v2Key,
  pfx: p12,
  notify_url: shop.notifyUrl,
  refund_url: shop.refundUrl,
})
const order = (number) => ({ out_trade_no: number, body: '一杯咖啡', total_fee: 1999, openid })

/** What the merchant's Express middleware makes of a notice: the members, or why it is refused. */
const understand = async (type, { body }) => {
  const request = { body }
  let refusal = null
  const response = { header: () => {}, send: (xml) => (refusal = xml) }
  await api.middlewareForExpress(type)(request, response, () => {})
  return { ...request.weixin, refusal }
}

await pay(await api.getPayParams(order('TENPAY-1')))
const paidNotice = await understand('pay', shop.last())
const forged = await understand('pay', { body: shop.last().body.replace('1999', '1998') })
const paid = await api.orderQuery({ out_trade_no: 'TENPAY-1' })

await api.unifiedOrder({ ...order('TENPAY-2'), sign_type: 'HMAC-SHA256' })
await api.closeOrder({ out_trade_no: 'TENPAY-2', sign_type: 'HMAC-SHA256' })
const closed = await api.orderQuery({ out_trade_no: 'TENPAY-2' })

const refund = { out_trade_no: 'TENPAY-1', out_refund_no: 'TENPAY-R1', total_fee: 1999, refund_fee: 500 }
const accepted = await api.refund(refund)
await settle(1_000)
const refundNotice = await understand('refund', shop.last())
const refunded = await api.refundQuery({ out_refund_no: 'TENPAY-R1' })
const again = await api
  .refund({ ...refund, out_refund_no: 'TENPAY-R2', refund_fee: 1999 })
  .catch((error) => error.message)

const date = (await tomorrow()).replaceAll('-', '')
const bill = await api.downloadBill({ bill_date: date })
const flow = await api.downloadFundflow({ bill_date: date }, true)
const none = await api.downloadBill({ bill_date: '20260101' }).catch((error) => error.message)

tell({
  paidNotice: [paidNotice.out_trade_no, paidNotice.total_fee, paidNotice.refusal],
  forged: /sign签名错误/.test(forged.refusal),
  paid: [paid.trade_state, paid.total_fee, paid.openid],
  closed: closed.trade_state,
  accepted: [accepted.out_refund_no, accepted.refund_fee],
  refundNotice: [refundNotice.req_info.out_refund_no, refundNotice.req_info.refund_status],
  refunded: [refunded.refund_status_0, refunded.refund_fee_0],
  again,
  bill: rowsOf(bill),
  flow: flow.list_data.map((row) => [row[3], row[6]]),
  none,
})
