/** @module What one message costs: signing, preparing, verifying, opening. */
import { fileURLToPath } from 'node:url'
import { load } from '../lib/bundle.mjs'
import { compare, missedIn } from '../lib/compare.mjs'
import { hasFreeCore } from '../lib/cores.mjs'
import { ratioTable } from '../lib/print.mjs'
import * as floors from './floors.mjs'
import { easywechat, nodeV3, plugin, tenpay } from './peers.mjs'
import {
  apiV3Key,
  appid,
  mchid,
  merchant,
  paidNotice,
  platform,
  platformSerial,
  refundNotice,
  unifiedOrder,
  v2Key,
  v3Notice,
  v3Order,
} from './subjects.mjs'

/** @type {typeof import('./parts.ts')} */
const core = await load(fileURLToPath(new URL('./parts.ts', import.meta.url)))

const { sign_type: _, ...md5Order } = unifiedOrder
const md5 = core.createV2Signer(v2Key, 'MD5')
const hmac = core.createV2Signer(v2Key, 'HMAC-SHA256')
const md5Notice = paidNotice('MD5')
const hmacNotice = paidNotice('HMAC-SHA256')
const reqInfoKey = core.readReqInfoKey(v2Key)
const text = core.payMessage({
  appId: appid,
  timeStamp: '1795406400',
  nonceStr: core.nonce(),
  package: 'prepay_id=wx1',
})
// A run may take longer than the 300 seconds for which the notice's signature is believed.
const lastMs = Date.now() + 200_000
const verifier = core.createV3Verifier({
  publicKey: { id: platformSerial, pem: platform.publicKey },
  clock: () => Math.min(Date.now(), lastMs),
})
const reader = core.createNotificationReader({
  appid,
  mchid,
  v2: { key: v2Key, acceptMd5Notifications: true },
  v3: { apiV3Key, verifier },
})

function ourAuthorization() {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = core.nonce()
  const message = core.requestMessage({
    method: 'POST',
    path: '/v3/pay/transactions/jsapi',
    timestamp,
    nonce,
    body: v3Order,
  })
  const signature = core.signRsaSha256(message, floors.privateKey)
  return core.authorization({ mchid, serialNo: merchant.serial, timestamp, nonce, signature })
}

/** @type {import('../lib/compare.mjs').Comparison[]} */
const comparisons = [
  {
    title: 'v2 sign, MD5, 17 members',
    floor: () => floors.signMd5(md5Order),
    ours: () => md5.sign(core.joinSorted(md5Order)),
    peers: {
      tenpay: () => tenpay.sign(md5Order, 'MD5'),
      'wechatpay-axios-plugin': () => plugin.sign(md5Order, 'MD5'),
      'node-easywechat': () => easywechat.sign(md5Order),
    },
    goal: 1.25,
    ahead: 'tenpay',
  },
  {
    title: 'v2 sign, HMAC-SHA256, 18 members',
    floor: () => floors.signHmac(unifiedOrder),
    ours: () => hmac.sign(core.joinSorted(unifiedOrder)),
    peers: {
      tenpay: () => tenpay.sign(unifiedOrder, 'HMAC-SHA256'),
      'wechatpay-axios-plugin': () => plugin.sign(unifiedOrder, 'HMAC-SHA256'),
      'node-easywechat': () => easywechat.sign(unifiedOrder),
    },
    goal: 1.25,
    ahead: 'tenpay',
  },
  {
    title: 'v2 request: nonce, sign, XML',
    floor: () => floors.requestBody(md5Order),
    ours: () =>
      Buffer.from(core.signedDocument(Object.assign({}, md5Order, { nonce_str: core.nonce() }), md5)),
    peers: {
      tenpay: () => tenpay.requestBody(md5Order),
      'wechatpay-axios-plugin': () => plugin.requestBody(md5Order),
      'node-easywechat': () => easywechat.requestBody(md5Order),
    },
    goal: 1.5,
  },
  {
    title: 'v2 payment notice: parse, verify (MD5)',
    floor: () => floors.openPaidMd5(md5Notice),
    ours: () => core.isSignedBy(core.readFlatXml(md5Notice), md5),
    peers: {
      tenpay: () => tenpay.openPaid(md5Notice, 'MD5'),
      'wechatpay-axios-plugin': () => plugin.openPaid(md5Notice, 'MD5'),
      'node-easywechat': () => easywechat.openPaid(md5Notice),
    },
    goal: 1.6,
  },
  {
    title: 'v2 payment notice: parse, verify (HMAC)',
    floor: () => floors.openPaidHmac(hmacNotice),
    ours: () => core.isSignedBy(core.readFlatXml(hmacNotice), hmac),
    peers: {
      tenpay: () => tenpay.openPaid(hmacNotice, 'HMAC-SHA256'),
      'wechatpay-axios-plugin': () => plugin.openPaid(hmacNotice, 'HMAC-SHA256'),
    },
    goal: 1.6,
  },
  {
    title: 'v2 payment notice: all of openPayment',
    floor: () => floors.openPaidHmac(hmacNotice),
    ours: () => reader.openPayment({ headers: {}, body: hmacNotice }),
    peers: {},
  },
  {
    title: 'v2 refund notice: parse, decrypt, parse',
    floor: () => floors.openRefund(refundNotice),
    ours: () => core.openRefundNotification(refundNotice, { appid, mchid }, reqInfoKey),
    peers: {
      tenpay: () => tenpay.openRefund(refundNotice),
      'wechatpay-axios-plugin': () => plugin.openRefund(refundNotice),
      'node-easywechat': () => easywechat.openRefund(refundNotice),
    },
    goal: 1.5,
  },
  {
    title: 'v3 Authorization',
    floor: () => floors.authorization(v3Order),
    ours: ourAuthorization,
    peers: {
      'wechatpay-node-v3': () => nodeV3.authorization(v3Order),
      'wechatpay-axios-plugin': () => plugin.authorization(v3Order),
      'node-easywechat': () => easywechat.authorization(v3Order),
    },
    goal: 1.05,
  },
  {
    title: 'v3 paySign',
    floor: () => floors.rsa(text),
    ours: () => core.signRsaSha256(text, floors.privateKey),
    peers: {
      'wechatpay-node-v3': () => nodeV3.paySign(text),
      'wechatpay-axios-plugin': () => plugin.paySign(text),
      'node-easywechat': () => easywechat.paySign(text),
    },
    goal: 1.05,
  },
  {
    title: 'v3 payment notice: all of openPayment',
    floor: () => floors.openV3(v3Notice),
    ours: () => reader.openPayment({ headers: v3Notice.headers, body: v3Notice.body }),
    peers: {
      'wechatpay-node-v3': () => nodeV3.openV3(),
      'wechatpay-axios-plugin': () => plugin.openV3(),
    },
    goal: 1.1,
  },
  {
    title: 'v3 signing, 8 at once',
    floor: () => floors.rsa(text),
    ours: () => core.signRsaSha256Async(text, floors.privateKey),
    peers: {},
    batch: 8,
    // 1.4 times the throughput, where a second core is free for it.
    goal: 0.71,
  },
]

/** @returns {Promise<{ text: string, missed: string[] }>} */
export async function measure() {
  const results = []
  const notes = []
  for (const comparison of comparisons) {
    const needsCore = comparison.batch !== undefined
    const wasFree = !needsCore || (await hasFreeCore())
    const result = await compare(comparison)
    const isFree = wasFree && (!needsCore || (await hasFreeCore()))
    results.push(isFree ? result : { ...result, goal: undefined, missed: undefined })
    if (!isFree) notes.push(`${result.title}: not judged, for no second core was free.`)
  }
  return { text: [ratioTable(results), ...notes].join('\n\n'), missed: missedIn(results) }
}
