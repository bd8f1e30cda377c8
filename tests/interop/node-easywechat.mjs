/** @module node-easywechat: APIv3 under platform certificates that it fetches itself, and APIv2 over XML. */
import { createHash } from 'node:crypto'
import https from 'node:https'
import easywechat from 'node-easywechat'
import { info, listen, openid, pay, read, rowsOf, settle, tell, tomorrow } from './story.mjs'

const { Pay, ServerRequest } = easywechat
const shop = await listen()
const app = new Pay({
  app_id: info.appid,
  mch_id: info.mchid,
  private_key: info.keyFile,
  certificate: info.certFile,
  secret_key: info.v3Key,
  v2_secret_key: info.v2Key,
})
const client = app.getClient()
const { appid, mchid } = info

const understand = async ({ headers, body, url }) => {
  const request = new ServerRequest('POST', url, headers, Buffer.from(body))
  app.setRequest(request)
  const message = await app.getServer().getRequestMessage()
  const isGenuine = body.startsWith('<xml>')
    ? null
    : await app
        .getValidator()
        .validate(request)
        .catch((error) => error.message)
  return { isGenuine, message, ...message.toObject() }
}

const ordered = await client.post('/v3/pay/transactions/jsapi', {
  data: {
    appid,
    mchid,
    description: '一杯咖啡',
    out_trade_no: 'EASY-1',
    notify_url: shop.notifyUrl,
    amount: { total: 1999, currency: 'CNY' },
    payer: { openid },
  },
})
const utils = app.getUtils()
await pay(utils.buildMiniAppConfig(ordered.toObject().prepay_id, appid))
const notice = shop.last()
const paidNotice = await understand(notice)
const stale = await understand({
  ...notice,
  headers: { ...notice.headers, 'wechatpay-timestamp': '1700000000' },
})
const paid = await client.get('/v3/pay/transactions/out-trade-no/EASY-1', { params: { mchid } })

await client.post('/v3/refund/domestic/refunds', {
  data: {
    out_trade_no: 'EASY-1',
    out_refund_no: 'EASY-R1',
    notify_url: shop.refundUrl,
    amount: { refund: 500, total: 1999, currency: 'CNY' },
  },
})
await settle(1_000)
const refundNotice = await understand(shop.last())
const refunded = await client.get('/v3/refund/domestic/refunds/EASY-R1')

const v2 = (more) => ({ appid, mch_id: mchid, nonce_str: 'interop', sign_type: 'MD5', ...more })
const v2Ordered = await client.post('/pay/unifiedorder', {
  xml: v2({
    body: '一杯咖啡',
    out_trade_no: 'EASY-V2',
    total_fee: 100,
    spbill_create_ip: '127.0.0.1',
    notify_url: shop.notifyUrl,
    trade_type: 'JSAPI',
    openid,
  }),
})
await pay(utils.buildMiniAppConfig(v2Ordered.toObject().prepay_id, appid, 'MD5'))
const v2Notice = await understand(shop.last())
const v2Genuine = app.getValidator().validateV2(v2Notice.message)
const v2Refund = await client.post('/secapi/pay/refund', {
  xml: v2({
    out_trade_no: 'EASY-V2',
    out_refund_no: 'EASY-V2R',
    total_fee: 100,
    refund_fee: 100,
    notify_url: shop.refundUrl,
  }),
  httpsAgent: new https.Agent({ cert: read('certFile'), key: read('keyFile') }),
})
await settle(1_000)
const v2RefundNotice = await understand(shop.last())
const v2Refunded = await client.post('/pay/refundquery', { xml: v2({ out_refund_no: 'EASY-V2R' }) })
await client.post('/pay/unifiedorder', {
  xml: v2({
    body: '一杯茶',
    out_trade_no: 'EASY-V2C',
    total_fee: 100,
    spbill_create_ip: '127.0.0.1',
    notify_url: shop.notifyUrl,
    trade_type: 'JSAPI',
    openid,
  }),
})
const v2Closed = await client.post('/pay/closeorder', { xml: v2({ out_trade_no: 'EASY-V2C' }) })

const date = await tomorrow()
const applied = await client.get('/v3/bill/tradebill', { params: { bill_date: date } })
const { download_url: url, hash_value: hash } = applied.toObject()
const bill = await client.get(url.slice('https://api.mch.weixin.qq.com'.length), {
  responseType: 'arraybuffer',
})
const bytes = Buffer.from(bill.getContent())

tell({
  paidNotice: [paidNotice.isGenuine, paidNotice.out_trade_no, paidNotice.amount.total],
  stale: stale.isGenuine,
  paid: paid.toObject().trade_state,
  refundNotice: [refundNotice.isGenuine, refundNotice.refund_status],
  refunded: refunded.toObject().status,
  v2Notice: [v2Genuine, v2Notice.out_trade_no],
  v2Refund: v2Refund.toObject().result_code,
  v2RefundNotice: v2RefundNotice.refund_status ?? v2RefundNotice.root?.refund_status,
  v2Refunded: v2Refunded.toObject().refund_status_0,
  v2Closed: v2Closed.toObject().result_code,
  bill: rowsOf(bytes.toString('utf8')),
  hash: createHash('sha1').update(bytes).digest('hex') === hash,
})
