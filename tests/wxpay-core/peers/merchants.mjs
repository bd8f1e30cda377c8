/**
 * @module One merchant five times: the same shop set up with each SDK as its README says, and the calls a shop makes.
 * A protocol that an SDK does not speak is left out; ask-features.mjs tries that it really does not.
 */
import fs from 'node:fs'
import https from 'node:https'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { load } from '../../bench/lib/bundle.mjs'
import {
  apiV3Key,
  appid,
  fixture,
  fixtureFile,
  mchid,
  merchant,
  platform,
  platformSerial,
  v2Key,
} from '../../bench/wxpay-core/subjects.mjs'
import { serialA } from './stage.mjs'

const require = createRequire(import.meta.url)
export const Tenpay = require('tenpay')
export const { Wechatpay, Aes, Formatter, Rsa } = require('wechatpay-axios-plugin')
export const NodeV3 = require('wechatpay-node-v3')
export const { Pay, ServerRequest } = require('node-easywechat')
/** @type {typeof import('../../../packages/wxpay-core/src/index.ts')} */
export const core = await load(
  fileURLToPath(new URL('../../../packages/wxpay-core/src/index.ts', import.meta.url)),
)

const notifyUrl = 'https://shop.example.com/wxpay/notify'
export const orderNo = 'order-20261123-000001'
export const refundNo = 'refund-20261123-1'
export const transactionId = '4200002026112300000000000001'

// ---- the same wishes in three spellings ----

const order = {
  outTradeNo: orderNo,
  description: '手冲咖啡豆 250 克',
  totalFen: 6_800,
  payerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  payerClientIp: '203.0.113.7',
  notifyUrl,
}
const refund = {
  outRefundNo: refundNo,
  transactionId,
  outTradeNo: orderNo,
  refundFen: 2_000,
  totalFen: 6_800,
  notifyUrl,
}
const v2Ids = { appid, mch_id: mchid }
const v2Order = {
  body: order.description,
  out_trade_no: orderNo,
  total_fee: 6_800,
  spbill_create_ip: order.payerClientIp,
  notify_url: notifyUrl,
  trade_type: 'JSAPI',
  openid: order.payerOpenid,
}
const v2Refund = {
  transaction_id: transactionId,
  out_refund_no: refundNo,
  total_fee: 6_800,
  refund_fee: 2_000,
  notify_url: notifyUrl,
}
const v3Order = {
  appid,
  mchid,
  description: order.description,
  out_trade_no: orderNo,
  notify_url: notifyUrl,
  amount: { total: 6_800, currency: 'CNY' },
  payer: { openid: order.payerOpenid },
}
const v3Refund = {
  transaction_id: transactionId,
  out_refund_no: refundNo,
  notify_url: notifyUrl,
  amount: { refund: 2_000, total: 6_800, currency: 'CNY' },
}

/**
 * @typedef {object} Calls
 * @property {() => Promise<unknown>} order
 * @property {() => Promise<unknown>} query
 * @property {() => Promise<unknown>} refund
 */

/** @type {Record<string, { v2?: Calls, v3?: Calls }>} */
export const merchants = {}

// ---- wxpay-core ----

const connection = { ca: fixture('wechat.cert.pem'), refundPaceMs: 1 }
export const v3Config = {
  appid,
  mchid,
  apiV3Key,
  privateKeyPem: merchant.privateKey,
  certificatePem: merchant.certificate,
  publicKey: { id: platformSerial, pem: platform.publicKey },
  ...connection,
}
export const v2Config = {
  appid,
  mchid,
  key: v2Key,
  certPem: merchant.certificate,
  keyPem: merchant.privateKey,
  ...connection,
}
// Made anew each time: a breaker or a pace of one scene is not to be seen in the next.
const callsOf = (
  /** @type {() => import('../../../packages/wxpay-core/src/index.ts').WxpayClient} */ make,
) => ({
  order: () => make().prepay(order),
  query: () => make().queryByOutTradeNo(orderNo),
  refund: () => make().refund(refund),
})
export const ours = { v2: () => core.createWxpayV2(v2Config), v3: () => core.createWxpayV3(v3Config), refund }
merchants['wxpay-core'] = { v2: callsOf(ours.v2), v3: callsOf(ours.v3) }

// ---- tenpay ----

export const tenpay = new Tenpay({
  appid,
  mchid,
  partnerKey: v2Key,
  pfx: fs.readFileSync(fixtureFile('merchant.p12')),
  notify_url: notifyUrl,
})
merchants.tenpay = {
  v2: {
    order: () => tenpay.unifiedOrder({ ...v2Order }),
    query: () => tenpay.orderQuery({ out_trade_no: orderNo }),
    refund: () => tenpay.refund({ ...v2Refund }),
  },
}

// ---- wechatpay-node-v3 ----

export const nodeV3 = new NodeV3({
  appid,
  mchid,
  publicKey: Buffer.from(merchant.certificate),
  privateKey: Buffer.from(merchant.privateKey),
  key: apiV3Key,
})
/** It resolves with what went wrong instead of throwing it. @param {Promise<{ status?: number }>} call */
const orThrow = async (call) => {
  const answer = await call
  if (answer.status !== 200) throw answer
  return answer
}
merchants['wechatpay-node-v3'] = {
  v3: {
    order: () => orThrow(nodeV3.transactions_jsapi(structuredClone(v3Order))),
    query: () => orThrow(nodeV3.query({ out_trade_no: orderNo })),
    refund: () => orThrow(nodeV3.refunds(structuredClone(v3Refund))),
  },
}

// ---- wechatpay-axios-plugin ----

export const plugin = new Wechatpay({
  mchid,
  serial: merchant.serial,
  privateKey: merchant.privateKey,
  certs: {
    [platformSerial]: platform.publicKey,
    [serialA]: fs.readFileSync(fixtureFile('platform-a.cert.pem')),
  },
  secret: v2Key,
  merchant: { cert: merchant.certificate, key: merchant.privateKey },
})
merchants['wechatpay-axios-plugin'] = {
  v2: {
    order: () => plugin.v2.pay.unifiedorder.post({ ...v2Ids, ...v2Order }),
    query: () => plugin.v2.pay.orderquery.post({ ...v2Ids, out_trade_no: orderNo }),
    refund: () => plugin.v2.secapi.pay.refund.post({ ...v2Ids, ...v2Refund }, { security: true }),
  },
  v3: {
    order: () => plugin.v3.pay.transactions.jsapi.post(structuredClone(v3Order)),
    query: () =>
      plugin.v3.pay.transactions.outTradeNo.$out_trade_no$.get({ params: { mchid }, out_trade_no: orderNo }),
    refund: () => plugin.v3.refund.domestic.refunds.post(structuredClone(v3Refund)),
  },
}

// ---- node-easywechat ----

/** @param {Record<string, unknown>} [more] */
export function easyApp(more = {}) {
  const app = new Pay({
    app_id: appid,
    mch_id: mchid,
    private_key: fixtureFile('merchant.key.pem'),
    certificate: fixtureFile('merchant.cert.pem'),
    secret_key: apiV3Key,
    v2_secret_key: v2Key,
    ...more,
  })
  // Its own cache is a file that would outlive this process.
  const kept = new Map()
  return app.setCache({
    get: async (/** @type {string} */ key) => kept.get(key) ?? null,
    set: async (/** @type {string} */ key, /** @type {unknown} */ value) => kept.set(key, value) && true,
    has: async (/** @type {string} */ key) => kept.has(key),
    delete: async (/** @type {string} */ key) => kept.delete(key),
  })
}
export const easy = easyApp({
  platform_certs: {
    [platformSerial]: fixtureFile('wxpay.pub.pem'),
    [serialA]: fixtureFile('platform-a.cert.pem'),
  },
})
const client = easy.getClient()
const withCertificate = () => ({
  httpsAgent: new https.Agent({ cert: merchant.certificate, key: merchant.privateKey }),
})
merchants['node-easywechat'] = {
  v2: {
    order: () => client.post('/pay/unifiedorder', { xml: { ...v2Ids, nonce_str: 'n', ...v2Order } }),
    query: () => client.post('/pay/orderquery', { xml: { ...v2Ids, nonce_str: 'n', out_trade_no: orderNo } }),
    refund: () =>
      client.post('/secapi/pay/refund', {
        xml: { ...v2Ids, nonce_str: 'n', ...v2Refund },
        ...withCertificate(),
      }),
  },
  v3: {
    order: () => client.post('/v3/pay/transactions/jsapi', { data: structuredClone(v3Order) }),
    query: () => client.get(`/v3/pay/transactions/out-trade-no/${orderNo}`, { params: { mchid } }),
    refund: () => client.post('/v3/refund/domestic/refunds', { data: structuredClone(v3Refund) }),
  },
}
