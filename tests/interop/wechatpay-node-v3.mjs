/** @module wechatpay-node-v3: APIv3 under platform certificates that it fetches itself. */
import { createHash } from 'node:crypto'
import Pay from 'wechatpay-node-v3'
import { info, listen, openid, pay, read, rowsOf, settle, tell, tomorrow } from './story.mjs'

const shop = await listen()
const api = new (Pay.default ?? Pay)({
  appid: info.appid,
  mchid: info.mchid,
  publicKey: read('certFile'),
  privateKey: read('keyFile'),
  key: info.v3Key,
})
const order = (number) => ({
  description: '一杯咖啡',
  out_trade_no: number,
  notify_url: shop.notifyUrl,
  amount: { total: 1999, currency: 'CNY' },
  payer: { openid },
})

const understand = async ({ headers, body }) => {
  const isGenuine = await api.verifySign({
    timestamp: headers['wechatpay-timestamp'],
    nonce: headers['wechatpay-nonce'],
    serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'],
    body,
    apiSecret: info.v3Key,
  })
  const { ciphertext, associated_data: aad, nonce } = JSON.parse(body).resource
  return { isGenuine, ...api.decipher_gcm(ciphertext, aad, nonce, info.v3Key) }
}

const first = await api.transactions_jsapi(order('NODEV3-1'))
await pay(first.data)
const notice = shop.last()
const paidNotice = await understand(notice)
const tampered = await understand({ ...notice, body: `${notice.body} ` })
const paid = await api.query({ out_trade_no: 'NODEV3-1' })
const byId = await api.query({ transaction_id: paid.data.transaction_id })

await api.transactions_jsapi(order('NODEV3-2'))
const close = await api.close('NODEV3-2')
const closed = await api.query({ out_trade_no: 'NODEV3-2' })

const accepted = await api.refunds({
  out_trade_no: 'NODEV3-1',
  out_refund_no: 'NODEV3-R1',
  notify_url: shop.refundUrl,
  amount: { refund: 500, total: 1999, currency: 'CNY' },
})
await settle(1_000)
const refundNotice = await understand(shop.last())
const refunded = await api.find_refunds('NODEV3-R1')
const missing = await api.find_refunds('NOWHERE')

const date = await tomorrow()
const applied = await api.tradebill({ bill_date: date, bill_type: 'ALL' })
const bill = await api.downloadBill(applied.data.download_url)
const flow = await api.fundflowbill({ bill_date: date, account_type: 'BASIC' })
const certificates = await api.get_certificates(info.v3Key)

tell({
  paidNotice: [paidNotice.isGenuine, paidNotice.out_trade_no, paidNotice.amount.total],
  tampered: tampered.isGenuine,
  paid: [paid.data.trade_state, byId.data.out_trade_no],
  closed: [close.status, closed.data.trade_state],
  accepted: accepted.data.status,
  refundNotice: [refundNotice.isGenuine, refundNotice.refund_status],
  refunded: [refunded.data.status, refunded.data.amount.refund],
  missing: [missing.status, JSON.parse(missing.error).code],
  bill: rowsOf(bill.data),
  hash: createHash('sha1').update(bill.data).digest('hex') === applied.data.hash_value,
  flow: flow.status,
  certificate: certificates.map(({ serial_no: serial }) => serial === info.platformSerialNo),
})
