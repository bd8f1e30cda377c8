/** @module The messages and keys that are measured: the same bytes for everybody. */
import { createCipheriv, createHash, createHmac, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const appid = 'wx8888888888888888'
export const mchid = '1900000001'
export const v2Key = '0123456789abcdef0123456789ABCDEF'
export const apiV3Key = 'apiv3KEY0123456789apiv3KEY012345'
export const platformSerial = 'PUB_KEY_ID_0119000000012026112300000000000001'

/** @param {string} name */
export const fixtureFile = (name) =>
  fileURLToPath(new URL(`../../wxpay-core/fixtures/${name}`, import.meta.url))

/** A key or certificate of the tests. @param {string} name */
export const fixture = (name) => readFileSync(fixtureFile(name), 'utf8')
export const merchant = {
  privateKey: fixture('merchant.key.pem'),
  certificate: fixture('merchant.cert.pem'),
  serial: '3775B6A45ACD588826D15E583A95F5DD000001',
}
export const platform = { privateKey: fixture('wxpay.key.pem'), publicKey: fixture('wxpay.pub.pem') }

/** 统一下单, all that a shop sends. */
export const unifiedOrder = {
  appid,
  mch_id: mchid,
  device_info: 'WEB',
  nonce_str: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  sign_type: 'HMAC-SHA256',
  body: '手冲咖啡豆 埃塞俄比亚 耶加雪菲 250 克',
  detail: '{"goods_detail":[{"goods_id":"1001","quantity":1,"price":6800}]}',
  attach: 'shop-1',
  out_trade_no: 'order-20261123-000001',
  fee_type: 'CNY',
  total_fee: 6_800,
  spbill_create_ip: '203.0.113.7',
  time_start: '20261123120000',
  time_expire: '20261123123000',
  goods_tag: 'WXG',
  notify_url: 'https://shop.example.com/wxpay/notify/payment',
  trade_type: 'JSAPI',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
}

const paid = {
  appid,
  attach: 'shop-1',
  bank_type: 'CMC_CREDIT',
  cash_fee: '6300',
  coupon_count: '1',
  coupon_fee: '500',
  coupon_fee_0: '500',
  coupon_id_0: '10000000001',
  device_info: 'WEB',
  fee_type: 'CNY',
  is_subscribe: 'N',
  mch_id: mchid,
  nonce_str: '5d2b6c2a8db53831f7eda20af46e531c',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  out_trade_no: 'order-20261123-000001',
  result_code: 'SUCCESS',
  return_code: 'SUCCESS',
  time_end: '20261123120000',
  total_fee: '6800',
  trade_type: 'JSAPI',
  transaction_id: '4200002026112300000000000001',
}

/** @param {Readonly<Record<string, string>>} members @param {'MD5' | 'HMAC-SHA256'} type */
const signed = (members, type) => {
  const text = Object.keys(members)
    .sort()
    .map((name) => `${name}=${members[name]}`)
    .join('&')
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', v2Key)
  return { ...members, sign: hash.update(`${text}&key=${v2Key}`).digest('hex').toUpperCase() }
}

/** @param {Readonly<Record<string, string>>} members @param {string} [root] */
const xml = (members, root = 'xml') =>
  `<${root}>${Object.entries(members)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>\n`)
    .join('')}</${root}>`

/** 支付结果通知; `sign` stands where WeChat puts it, in the order of the names. */
export const paidNotice = (/** @type {'MD5' | 'HMAC-SHA256'} */ type) => {
  const all = signed(paid, type)
  return Buffer.from(xml(Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))))
}

const refundContent = {
  out_refund_no: 'refund-20261123-1',
  out_trade_no: 'order-20261123-000001',
  refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
  refund_fee: '2000',
  refund_id: '50000000382019052709732678859',
  refund_recv_accout: '招商银行信用卡0403',
  refund_request_source: 'API',
  refund_status: 'SUCCESS',
  settlement_refund_fee: '2000',
  settlement_total_fee: '6800',
  success_time: '2026-11-23 12:00:00',
  total_fee: '6800',
  transaction_id: '4200002026112300000000000001',
}

/** 退款结果通知 of v2. */
export const refundNotice = (() => {
  const key = createHash('md5').update(v2Key).digest('hex')
  const cipher = createCipheriv('aes-256-ecb', key, null)
  const info = Buffer.concat([cipher.update(xml(refundContent, 'root')), cipher.final()]).toString('base64')
  const outside = {
    return_code: 'SUCCESS',
    appid,
    mch_id: mchid,
    nonce_str: 'TeqClE3i0mvn3DrK',
    req_info: info,
  }
  return Buffer.from(xml(outside))
})()

const transaction = {
  mchid,
  appid,
  out_trade_no: 'order-20261123-000001',
  transaction_id: '4200002026112300000000000001',
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'CMC_CREDIT',
  attach: 'shop-1',
  success_time: '2026-11-23T12:00:00+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 6_800, payer_total: 6_300, currency: 'CNY', payer_currency: 'CNY' },
  promotion_detail: [
    {
      coupon_id: '10000000001',
      name: '双十一立减',
      scope: 'GLOBAL',
      type: 'CASH',
      amount: 500,
      stock_id: '931386',
    },
  ],
}

/** 支付成功回调通知 of v3, signed now. */
export const v3Notice = (() => {
  const nonce = 'katvtHDDPxkw'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce, { authTagLength: 16 })
  cipher.setAAD(Buffer.from('transaction'))
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(transaction)),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  const body = JSON.stringify({
    id: 'EV-2018022511223320873',
    create_time: '2026-11-23T12:00:01+08:00',
    resource_type: 'encrypt-resource',
    event_type: 'TRANSACTION.SUCCESS',
    summary: '支付成功',
    resource: {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed.toString('base64'),
      associated_data: 'transaction',
      nonce,
    },
  })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const random = 'c5ac7061fccab6bf3e254dcf98995b8c'
  const signature = sign(
    'sha256',
    Buffer.from(`${timestamp}\n${random}\n${body}\n`),
    platform.privateKey,
  ).toString('base64')
  return {
    body: Buffer.from(body),
    timestamp,
    nonce: random,
    signature,
    headers: {
      'content-type': 'application/json',
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': random,
      'wechatpay-serial': platformSerial,
      'wechatpay-signature': signature,
    },
  }
})()

const notifyUrl = unifiedOrder.notify_url

/** An order in our words, and the same in the words of both protocols, as wxpay-core sends it. */
export const order = {
  outTradeNo: unifiedOrder.out_trade_no,
  description: unifiedOrder.body,
  totalFen: 6_800,
  payerOpenid: unifiedOrder.openid,
  payerClientIp: unifiedOrder.spbill_create_ip,
  notifyUrl,
}

export const v2Order = {
  appid,
  mch_id: mchid,
  sign_type: 'MD5',
  body: order.description,
  out_trade_no: order.outTradeNo,
  fee_type: 'CNY',
  total_fee: 6_800,
  spbill_create_ip: order.payerClientIp,
  notify_url: notifyUrl,
  trade_type: 'JSAPI',
  openid: order.payerOpenid,
}

/** JSAPI下单 of v3. */
export const v3Order = JSON.stringify({
  appid,
  mchid,
  description: order.description,
  out_trade_no: order.outTradeNo,
  notify_url: notifyUrl,
  amount: { total: 6_800, currency: 'CNY' },
  scene_info: { payer_client_ip: order.payerClientIp },
  payer: { openid: order.payerOpenid },
})

/** A refund in our words, and the same as wxpay-core sends it to v2. */
export const refund = {
  outRefundNo: refundContent.out_refund_no,
  transactionId: paid.transaction_id,
  refundFen: 2_000,
  totalFen: 6_800,
  notifyUrl,
}

export const v2Refund = {
  appid,
  mch_id: mchid,
  sign_type: 'MD5',
  transaction_id: refund.transactionId,
  out_refund_no: refund.outRefundNo,
  total_fee: 6_800,
  refund_fee: 2_000,
  notify_url: notifyUrl,
}
