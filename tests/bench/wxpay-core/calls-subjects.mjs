/** @module What makes the calls: a floor, wxpay-core and the others. Each is made in its own process, and loads only itself. */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { load } from '../lib/bundle.mjs'
import {
  apiV3Key,
  appid,
  fixture,
  fixtureFile,
  mchid,
  merchant,
  order,
  platform,
  platformSerial,
  refund,
  v2Key,
  v2Order,
  v2Refund,
  v3Order,
} from './subjects.mjs'

const require = createRequire(import.meta.url)

/** @typedef {() => Promise<unknown>} Call */
/** @typedef {(baseUrl: string) => Call | Promise<Call>} Subject */

const floor = () => import('./calls-floor.mjs')

/** @returns {Promise<typeof import('./parts.ts')>} */
const core = () => load(fileURLToPath(new URL('./parts.ts', import.meta.url)))

const ca = fixture('authority.cert.pem')
const v2 = async (/** @type {string} */ baseUrl) =>
  (await core()).createWxpayV2({
    appid,
    mchid,
    key: v2Key,
    signType: 'MD5',
    baseUrl,
    ca,
    certPem: merchant.certificate,
    keyPem: merchant.privateKey,
  })
const v3 = async (/** @type {string} */ baseUrl) =>
  (await core()).createWxpayV3({
    appid,
    mchid,
    apiV3Key,
    privateKeyPem: merchant.privateKey,
    certificatePem: merchant.certificate,
    publicKey: { id: platformSerial, pem: platform.publicKey },
    baseUrl,
    ca,
  })

/** @param {string} baseUrl */
function tenpay(baseUrl) {
  const Tenpay = require('tenpay')
  const client = new Tenpay({
    appid,
    mchid,
    partnerKey: v2Key,
    notify_url: order.notifyUrl,
    refund_url: order.notifyUrl,
    pfx: fs.readFileSync(fixtureFile('merchant.p12')),
  })
  client.urls = {
    ...client.urls,
    unifiedorder: `${baseUrl}/pay/unifiedorder`,
    refund: `${baseUrl}/secapi/pay/refund`,
  }
  return client
}

/** @param {string} baseUrl */
function plugin(baseUrl) {
  const { Wechatpay } = require('wechatpay-axios-plugin')
  return new Wechatpay({
    mchid,
    serial: merchant.serial,
    privateKey: merchant.privateKey,
    certs: { [platformSerial]: platform.publicKey },
    secret: v2Key,
    merchant: { cert: merchant.certificate, key: merchant.privateKey },
    baseURL: baseUrl,
  })
}

/** @param {string} baseUrl */
function nodeV3(baseUrl) {
  const NodeV3 = require('wechatpay-node-v3')
  const { PayRequest } = require('wechatpay-node-v3/dist/lib/pay-request.js')
  const client = new NodeV3({
    appid,
    mchid,
    publicKey: Buffer.from(merchant.certificate),
    privateKey: Buffer.from(merchant.privateKey),
  })
  // The host is written into it; everything else is its own.
  class Sender extends PayRequest {
    /** @override @type {typeof PayRequest.prototype.post} */
    post(url, ...rest) {
      return super.post(url.replace('https://api.mch.weixin.qq.com', baseUrl), ...rest)
    }
  }
  client.createHttp(new Sender())
  return client
}

const { sign_type: _, ...plainOrder } = v2Order
const { sign_type: __, ...plainRefund } = v2Refund
const v3Members = JSON.parse(v3Order)

/** @type {Readonly<Record<string, { goal: number, subjects: Record<string, Subject> }>>} */
export const scenarios = {
  'v2 order over TLS': {
    goal: 1.25,
    subjects: {
      floor: async (url) => (await floor()).v2Order(url),
      ours: async (url) => {
        const client = await v2(url)
        return () => client.prepay(order)
      },
      tenpay: (url) => {
        const client = tenpay(url)
        return () => client.unifiedOrder({ ...plainOrder })
      },
      'wechatpay-axios-plugin': (url) => {
        const client = plugin(url)
        return () => client.chain('v2/pay/unifiedorder').post({ ...plainOrder })
      },
    },
  },
  'v2 refund over mutual TLS': {
    goal: 1.25,
    subjects: {
      floor: async (url) => (await floor()).v2Refund(url),
      ours: async (url) => {
        const client = await v2(url)
        return () => client.refund(refund)
      },
      tenpay: (url) => {
        const client = tenpay(url)
        return () => client.refund({ ...plainRefund })
      },
      'wechatpay-axios-plugin': (url) => {
        const client = plugin(url)
        return () => client.chain('v2/secapi/pay/refund').post({ ...plainRefund }, { security: true })
      },
    },
  },
  'v3 order over TLS': {
    goal: 1.15,
    subjects: {
      floor: async (url) => (await floor()).v3Order(url),
      ours: async (url) => {
        const client = await v3(url)
        return () => client.prepay(order)
      },
      'wechatpay-node-v3': (url) => {
        const client = nodeV3(url)
        return () => client.transactions_jsapi({ ...v3Members })
      },
      'wechatpay-axios-plugin': (url) => {
        const client = plugin(url)
        return () => client.chain('v3/pay/transactions/jsapi').post({ ...v3Members })
      },
    },
  },
}
