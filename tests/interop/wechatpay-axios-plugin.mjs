/** @module wechatpay-axios-plugin: APIv3 under the public key, and APIv2 beside it. */
import { createHash } from 'node:crypto'
import plugin from 'wechatpay-axios-plugin'
import { info, listen, openid, pay, read, rowsOf, settle, tell, tomorrow } from './story.mjs'

const { Aes, Formatter, Hash, Rsa, Transformer, Wechatpay } = plugin
const { AesGcm, AesEcb } = Aes
const shop = await listen()
const privateKey = read('keyFile')
const publicKey = read('publicKeyFile')
const api = new Wechatpay({
  mchid: info.mchid,
  serial: info.serialNo,
  privateKey,
  certs: { [info.publicKeyId]: publicKey },
  secret: info.v2Key,
  merchant: { cert: read('certFile'), key: privateKey },
  headers: { 'Wechatpay-Serial': info.publicKeyId },
})
const { appid, mchid } = info
const order = (number) => ({
  appid,
  mchid,
  description: '一杯咖啡',
  out_trade_no: number,
  notify_url: shop.notifyUrl,
  amount: { total: 1999, currency: 'CNY' },
  payer: { openid },
})

/** Checks and opens a v3 notice with the plugin's own tools. */
const understand = ({ headers, body }) => {
  const message = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body)
  const isGenuine = Rsa.verify(
    message,
    headers['wechatpay-signature'],
    Rsa.from(publicKey, Rsa.KEY_TYPE_PUBLIC),
  )
  const { event_type: event, resource } = JSON.parse(body)
  const { nonce, ciphertext, associated_data: aad } = resource
  return { isGenuine, event, ...JSON.parse(AesGcm.decrypt(ciphertext, info.v3Key, nonce, aad)) }
}

const payWith = async (prepayId) => {
  const parameters = {
    timeStamp: `${Formatter.timestamp()}`,
    nonceStr: Formatter.nonce(),
    package: `prepay_id=${prepayId}`,
    signType: 'RSA',
  }
  const message = Formatter.joinedByLineFeed(
    appid,
    parameters.timeStamp,
    parameters.nonceStr,
    parameters.package,
  )
  await pay({ ...parameters, paySign: Rsa.sign(message, Rsa.from(privateKey)) })
}

const first = await api.v3.pay.transactions.jsapi.post(order('AXIOS-1'))
await payWith(first.data.prepay_id)
const paidNotice = understand(shop.last())
const paid = await api.v3.pay.transactions.outTradeNo.$out_trade_no$.get({
  params: { mchid },
  out_trade_no: 'AXIOS-1',
})
const byId = await api.v3.pay.transactions.id._transaction_id_.get({
  params: { mchid },
  transaction_id: paid.data.transaction_id,
})

await api.v3.pay.transactions.jsapi.post(order('AXIOS-2'))
const close = await api.v3.pay.transactions.outTradeNo.$out_trade_no$.close.post(
  { mchid },
  { out_trade_no: 'AXIOS-2' },
)

await api.v3.refund.domestic.refunds.post({
  out_trade_no: 'AXIOS-1',
  out_refund_no: 'AXIOS-R1',
  notify_url: shop.refundUrl,
  amount: { refund: 500, total: 1999, currency: 'CNY' },
})
await settle(1_000)
const refundNotice = understand(shop.last())
const refunded = await api.v3.refund.domestic.refunds._out_refund_no_.get({ out_refund_no: 'AXIOS-R1' })
const missing = await api.v3.refund.domestic.refunds._out_refund_no_
  .get({ out_refund_no: 'NOWHERE' })
  .catch(({ response }) => [response.status, response.data.code])

const v2 = { appid, mch_id: mchid, sign_type: 'HMAC-SHA256' }
const ordered = await api.v2.pay.unifiedorder.post({
  ...v2,
  body: '一杯咖啡',
  out_trade_no: 'AXIOS-V2',
  total_fee: 100,
  spbill_create_ip: '127.0.0.1',
  notify_url: shop.notifyUrl,
  trade_type: 'JSAPI',
  openid,
})
const bridge = {
  appId: appid,
  timeStamp: `${Formatter.timestamp()}`,
  nonceStr: Formatter.nonce(),
  package: `prepay_id=${ordered.data.prepay_id}`,
  signType: 'HMAC-SHA256',
}
await pay({ ...bridge, paySign: Hash.sign('HMAC-SHA256', bridge, info.v2Key) })
const v2Notice = Transformer.toObject(shop.last().body)
await api.v2.secapi.pay.refund.post(
  {
    ...v2,
    out_trade_no: 'AXIOS-V2',
    out_refund_no: 'AXIOS-V2R',
    total_fee: 100,
    refund_fee: 100,
    notify_url: shop.refundUrl,
  },
  { security: true },
)
await settle(1_000)
const { req_info: sealed } = Transformer.toObject(shop.last().body)
const v2Refund = Transformer.toObject(
  AesEcb.decrypt(sealed, createHash('md5').update(info.v2Key).digest('hex')),
)
const v2Refunded = await api.v2.pay.refundquery.post({ ...v2, out_refund_no: 'AXIOS-V2R' })

const date = await tomorrow()
const applied = await api.v3.bill.tradebill.get({ params: { bill_date: date, bill_type: 'ALL' } })
const url = new URL(applied.data.download_url)
const bill = await api.v3.billdownload.file.get({
  params: { token: url.searchParams.get('token') },
  responseType: 'arraybuffer',
  transformResponse: [],
})
const v2Bill = await api.v2.pay.downloadbill.post(
  { ...v2, bill_date: date.replaceAll('-', ''), bill_type: 'ALL' },
  { responseType: 'arraybuffer', transformResponse: [] },
)

tell({
  paidNotice: [
    paidNotice.isGenuine,
    paidNotice.event,
    paidNotice.out_trade_no,
    paidNotice.amount.payer_total,
  ],
  paid: [paid.data.trade_state, byId.data.out_trade_no],
  close: close.status,
  refundNotice: [refundNotice.isGenuine, refundNotice.event, refundNotice.refund_status],
  refunded: [refunded.data.status, refunded.data.amount.refund],
  missing,
  v2Notice: [v2Notice.out_trade_no, v2Notice.sign === Hash.sign('HMAC-SHA256', v2Notice, info.v2Key)],
  v2Refund: [v2Refund.root?.refund_status ?? v2Refund.refund_status, v2Refunded.data.refund_status_0],
  bill: rowsOf(bill.data.toString('utf8')),
  hash: createHash('sha1').update(bill.data).digest('hex') === applied.data.hash_value,
  v2Bill: bill.data.equals(v2Bill.data),
})
