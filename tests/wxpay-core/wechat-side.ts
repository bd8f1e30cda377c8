/** @module WeChat's side of the protocol, written here a second time: signs answers and notifications, encrypts. */
import { createCipheriv, createHash, createHmac, sign } from 'node:crypto'
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
  transaction_id: '4200002026112300000000000001',
  out_trade_no: 'order-20261123-1',
  attach: '',
  time_end: '20261123120000',
} as const
