/** @module WeChat's side of the protocol, written here a second time: signs answers and notifications, encrypts. */
import { constants, createCipheriv, createHash, createHmac, privateDecrypt, sign } from 'node:crypto'
import type http from 'node:http'
import { apiV3Key, appid, fixture, mchid, noon, publicKeyId, v2Key } from './fixtures.ts'

export type Members = Readonly<Record<string, string | number>>

export function v2Signature(
  members: Members,
  signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
  key = v2Key,
): string {
  const pairs = Object.entries(members).filter(([name, value]) => name !== 'sign' && value !== '')
  const sorted = pairs
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  const text = `${sorted.join('&')}&key=${key}`
  const hash = signType === 'MD5' ? createHash('md5') : createHmac('sha256', key)
  return hash.update(text).digest('hex').toUpperCase()
}

export function v2Xml(members: Members): string {
  const elements = Object.entries(members).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>\n`)
  return `<xml>${elements.join('')}</xml>`
}

export function v2Signed(
  members: Members,
  signType: 'MD5' | 'HMAC-SHA256' = 'HMAC-SHA256',
  key = v2Key,
): string {
  return v2Xml({ ...members, sign: v2Signature(members, signType, key) })
}

export const v2Head = {
  return_code: 'SUCCESS',
  return_msg: 'OK',
  appid,
  mch_id: mchid,
  nonce_str: '5d2b6c2a8db53831f7eda20af46e531c',
  result_code: 'SUCCESS',
} as const

export interface V3SignOptions {
  readonly serial?: string
  readonly key?: string
  /** Seconds. */
  readonly timestamp?: string
  readonly nonce?: string
}

export function v3Headers(body: string, options: V3SignOptions = {}): Readonly<Record<string, string>> {
  const timestamp = options.timestamp ?? String(noon / 1000)
  const nonce = options.nonce ?? 'c5ac7061fccab6bf3e254dcf98995b8c'
  const message = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': options.serial ?? publicKeyId,
    'Wechatpay-Signature': sign('sha256', message, fixture(options.key ?? 'wxpay.key.pem')).toString(
      'base64',
    ),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  }
}

export function answerV3(
  response: http.ServerResponse,
  status: number,
  body: string,
  options?: V3SignOptions,
): void {
  response.writeHead(status, { ...v3Headers(body, options), 'Request-ID': '08ABCDEF-0' }).end(body)
}

export function refuseV3(
  response: http.ServerResponse,
  status: number,
  code: string,
  message = '说明',
): void {
  response.writeHead(status, { 'Request-ID': '08ABCDEF-268443699' }).end(JSON.stringify({ code, message }))
}

export function sealed(plain: string, associatedData = 'transaction', key = apiV3Key) {
  const cipher = createCipheriv('aes-256-gcm', key, 'katvtHDDPxkw', { authTagLength: 16 })
  cipher.setAAD(Buffer.from(associatedData))
  const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    algorithm: 'AEAD_AES_256_GCM',
    associated_data: associatedData,
    nonce: 'katvtHDDPxkw',
    ciphertext: ciphertext.toString('base64'),
  }
}

export const aPaidTransaction = {
  appid,
  mchid,
  out_trade_no: 'order-20261123-1',
  transaction_id: '4200002026112300000000000001',
  trade_type: 'JSAPI',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'OTHERS',
  attach: '',
  success_time: '2026-11-23T12:00:00+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 6_800, payer_total: 6_300, currency: 'CNY', payer_currency: 'CNY' },
  promotion_detail: [{ coupon_id: '10000000001', type: 'CASH', amount: 500 }],
} as const

/** The trade that `aPaidTransaction` and `aPaidMessage` stand for. */
export const thePaidTrade = {
  appid,
  mchid,
  outTradeNo: 'order-20261123-1',
  transactionId: '4200002026112300000000000001',
  tradeType: 'JSAPI',
  tradeState: 'SUCCESS',
  rawTradeState: 'SUCCESS',
  payerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  totalFen: 6_800,
  payerTotalFen: 6_300,
  coupons: [{ couponId: '10000000001', amountFen: 500, type: 'CASH' }],
  currency: 'CNY',
  bankType: 'OTHERS',
  successAt: noon,
} as const

/** A v2 payment notification, unsigned yet; with `trade_state` it is a query's answer. */
export const aPaidMessage = {
  ...v2Head,
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  is_subscribe: 'N',
  trade_type: 'JSAPI',
  bank_type: 'OTHERS',
  total_fee: 6_800,
  cash_fee: 6_300,
  coupon_fee: 500,
  coupon_count: 1,
  coupon_fee_0: 500,
  coupon_id_0: '10000000001',
  coupon_type_0: 'CASH',
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-1',
  attach: '',
  time_end: '20261123120000',
} as const

/** A v2 answer to a refund that was accepted, unsigned yet; `refund_channel` is empty as in real life. */
export const anAcceptedRefund = {
  ...v2Head,
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-1',
  out_refund_no: 'refund-20261123-1',
  refund_id: '50000000382019052709732678859',
  refund_channel: '',
  refund_fee: 2_000,
  coupon_refund_fee: 0,
  coupon_refund_count: 0,
  total_fee: 6_800,
  cash_fee: 6_800,
  cash_refund_fee: 2_000,
} as const

/** A v2 answer to a refund query by our number, unsigned yet. */
export const aQueriedRefund = {
  ...v2Head,
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-1',
  total_fee: 6_800,
  cash_fee: 6_800,
  refund_count: 1,
  out_refund_no_0: 'refund-20261123-1',
  refund_id_0: '50000000382019052709732678859',
  refund_channel_0: 'ORIGINAL',
  refund_fee_0: 2_000,
  settlement_refund_fee_0: 2_000,
  refund_status_0: 'SUCCESS',
  refund_account_0: 'REFUND_SOURCE_UNSETTLED_FUNDS',
  refund_recv_accout_0: '招商银行信用卡0403',
  refund_success_time_0: '2026-11-23 12:00:00',
} as const

/** A v3 refund, as its query answers. */
export const aRefund = {
  refund_id: '50000000382019052709732678859',
  out_refund_no: 'refund-20261123-1',
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-1',
  channel: 'ORIGINAL',
  user_received_account: '招商银行信用卡0403',
  success_time: '2026-11-23T12:00:00+08:00',
  create_time: '2026-11-23T11:59:00+08:00',
  status: 'SUCCESS',
  funds_account: 'UNSETTLED',
  amount: {
    total: 6_800,
    refund: 2_000,
    payer_total: 6_800,
    payer_refund: 2_000,
    settlement_refund: 2_000,
    settlement_total: 6_800,
    discount_refund: 0,
    currency: 'CNY',
  },
} as const

/** The refund that `aRefund` and `aQueriedRefund` stand for. */
export const theRefund = {
  outRefundNo: 'refund-20261123-1',
  refundId: '50000000382019052709732678859',
  outTradeNo: 'order-20261123-1',
  transactionId: '4200002026112300000000000001',
  status: 'SUCCESS',
  rawStatus: 'SUCCESS',
  refundFen: 2_000,
  totalFen: 6_800,
  settlementRefundFen: 2_000,
  successAt: noon,
  receivedAccount: '招商银行信用卡0403',
  channel: 'ORIGINAL',
} as const

/** Content of a v2 refund notification. */
export const aRefundContent = {
  out_refund_no: 'refund-20261123-1',
  out_trade_no: 'order-20261123-1',
  refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
  refund_fee: 2_000,
  refund_id: '50000000382019052709732678859',
  refund_recv_accout: '招商银行信用卡0403',
  refund_request_source: 'API',
  refund_status: 'SUCCESS',
  settlement_refund_fee: 2_000,
  settlement_total_fee: 6_800,
  success_time: '2026-11-23 12:00:00',
  total_fee: 6_800,
  transaction_id: '4200002026112300000000000001',
} as const

export function reqInfoOf(plain: string | Buffer, key = v2Key): Buffer {
  const cipher = createCipheriv('aes-256-ecb', createHash('md5').update(key).digest('hex'), null)
  return Buffer.concat([cipher.update(plain), cipher.final()])
}

export function rootXml(members: Members): string {
  return v2Xml(members).replace('<xml>', '<root>').replace('</xml>', '</root>')
}

/** A v2 refund notification: encrypted, and not signed. */
export function v2RefundNotice(
  content: Members | Buffer = aRefundContent,
  change: Members = {},
  key = v2Key,
): string {
  const sealed = Buffer.isBuffer(content) ? content : reqInfoOf(rootXml(content), key)
  return v2Xml({
    return_code: 'SUCCESS',
    appid,
    mch_id: mchid,
    nonce_str: 'TeqClE3i0mvn3DrK',
    req_info: sealed.toString('base64'),
    ...change,
  })
}

/** Reads a sensitive field as WeChat does; `tests/vectors/v3-oaep.test.ts` holds the same call to the official vectors. */
export function openField(sealed: string, keyFile = 'wxpay.key.pem'): string {
  const key = { key: fixture(keyFile), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }
  return privateDecrypt(key, Buffer.from(sealed, 'base64')).toString('utf8')
}
