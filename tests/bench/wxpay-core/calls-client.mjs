/** @module The client's process: each SDK makes the same calls in turn; its processor time and its handshakes are counted. */
import fs from 'node:fs'
import https from 'node:https'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { load } from '../lib/bundle.mjs'
import { median, missedGoal, spread } from '../lib/compare.mjs'
import * as floors from './floors.mjs'
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
  v3Order,
} from './subjects.mjs'

const require = createRequire(import.meta.url)
const Tenpay = require('tenpay')
const { Wechatpay } = require('wechatpay-axios-plugin')
const NodeV3 = require('wechatpay-node-v3')

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)
const CALLS = 60
const baseUrl = process.argv[2] ?? ''
const { hostname, port } = new URL(baseUrl)
const ca = fixture('authority.cert.pem')

/** @type {typeof import('./parts.ts')} */
const core = await load(fileURLToPath(new URL('./parts.ts', import.meta.url)))

const notifyUrl = 'https://shop.example.com/wxpay/notify/payment'
const order = {
  outTradeNo: 'order-20261123-000001',
  description: '手冲咖啡豆 埃塞俄比亚 耶加雪菲 250 克',
  totalFen: 6_800,
  payerOpenid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  payerClientIp: '203.0.113.7',
  notifyUrl,
}
const refund = {
  outRefundNo: 'refund-20261123-1',
  transactionId: '4200002026112300000000000001',
  refundFen: 2_000,
  totalFen: 6_800,
  notifyUrl,
}
const wireOrder = {
  appid,
  mch_id: mchid,
  body: order.description,
  out_trade_no: order.outTradeNo,
  total_fee: 6_800,
  spbill_create_ip: order.payerClientIp,
  notify_url: notifyUrl,
  trade_type: 'JSAPI',
  openid: order.payerOpenid,
}
const wireRefund = {
  appid,
  mch_id: mchid,
  transaction_id: refund.transactionId,
  out_refund_no: refund.outRefundNo,
  total_fee: 6_800,
  refund_fee: 2_000,
  notify_url: notifyUrl,
}

// ---- the floor: Node's agent with keep-alive, and the codec of floors.mjs ----

const agents = {
  plain: new https.Agent({ keepAlive: true, ca }),
  mutual: new https.Agent({ keepAlive: true, ca, cert: merchant.certificate, key: merchant.privateKey }),
}

/** @param {'plain' | 'mutual'} agent @param {string} path @param {string | Buffer} body @param {Record<string, string>} headers */
function post(agent, path, body, headers) {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'Content-Length': Buffer.byteLength(body) }
    const request = https.request(
      { method: 'POST', hostname, port, path, agent: agents[agent], headers: all },
      (response) => {
        /** @type {Buffer[]} */
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const xml = { 'Content-Type': 'text/xml' }
const floorV2 = async () =>
  floors.openPaidMd5((await post('plain', '/pay/unifiedorder', floors.requestBody(wireOrder), xml)).body)
const floorRefund = async () =>
  floors.openPaidMd5((await post('mutual', '/secapi/pay/refund', floors.requestBody(wireRefund), xml)).body)
const floorV3 = async () => {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': 'floor' }
  const answer = await post('plain', '/v3/pay/transactions/jsapi', v3Order, {
    ...headers,
    Authorization: floors.authorization(v3Order),
  })
  return floors.verifyAnswer(answer)
}

// ---- ours ----

const v2 = core.createWxpayV2({
  appid,
  mchid,
  key: v2Key,
  signType: 'MD5',
  baseUrl,
  ca,
  certPem: merchant.certificate,
  keyPem: merchant.privateKey,
})
const v3 = core.createWxpayV3({
  appid,
  mchid,
  apiV3Key,
  privateKeyPem: merchant.privateKey,
  certificatePem: merchant.certificate,
  publicKey: { id: platformSerial, pem: platform.publicKey },
  baseUrl,
  ca,
})

// ---- theirs ----

const tenpay = new Tenpay({
  appid,
  mchid,
  partnerKey: v2Key,
  notify_url: notifyUrl,
  refund_url: notifyUrl,
  pfx: fs.readFileSync(fixtureFile('merchant.p12')),
})
tenpay.urls = {
  ...tenpay.urls,
  unifiedorder: `${baseUrl}/pay/unifiedorder`,
  refund: `${baseUrl}/secapi/pay/refund`,
}
const plugin = new Wechatpay({
  mchid,
  serial: merchant.serial,
  privateKey: merchant.privateKey,
  certs: { [platformSerial]: platform.publicKey },
  secret: v2Key,
  merchant: { cert: merchant.certificate, key: merchant.privateKey },
  baseURL: baseUrl,
})
const nodeV3 = new NodeV3({
  appid,
  mchid,
  publicKey: Buffer.from(merchant.certificate),
  privateKey: Buffer.from(merchant.privateKey),
})
const { PayRequest } = require('wechatpay-node-v3/dist/lib/pay-request.js')
const sender = new PayRequest()
nodeV3.createHttp({
  /** The host is written into it; everything else is its own. @param {string} url @param {unknown[]} rest */
  post: (url, ...rest) => sender.post(url.replace('https://api.mch.weixin.qq.com', baseUrl), ...rest),
})
const v3Members = JSON.parse(v3Order)

const groups = [
  {
    title: 'v2 order over TLS, client processor time',
    goal: 1.25,
    cases: {
      floor: floorV2,
      ours: () => v2.prepay(order),
      tenpay: () => tenpay.unifiedOrder({ ...wireOrder }),
      'wechatpay-axios-plugin': () => plugin.chain('v2/pay/unifiedorder').post({ ...wireOrder }),
    },
  },
  {
    title: 'v2 refund over mutual TLS, client processor time',
    goal: 1.25,
    cases: {
      floor: floorRefund,
      ours: () => v2.refund(refund),
      tenpay: () => tenpay.refund({ ...wireRefund }),
      'wechatpay-axios-plugin': () =>
        plugin.chain('v2/secapi/pay/refund').post({ ...wireRefund }, { security: true }),
    },
  },
  {
    title: 'v3 order over TLS, client processor time',
    goal: 1.15,
    cases: {
      floor: floorV3,
      ours: () => v3.prepay(order),
      'wechatpay-node-v3': () => nodeV3.transactions_jsapi({ ...v3Members }),
      'wechatpay-axios-plugin': () => plugin.chain('v3/pay/transactions/jsapi').post({ ...v3Members }),
    },
  },
]

/** @param {() => Promise<unknown>} call */
async function cpuOf(call) {
  const from = process.cpuUsage()
  for (let index = 0; index < CALLS; index += 1) await call()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / CALLS
}

async function handshakes() {
  return Number((await fetchText('/handshakes')).trim())
}

/** @param {string} path */
function fetchText(path) {
  return new Promise((resolve, reject) => {
    const request = https.get({ hostname, port, path, agent: agents.plain }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part) => {
        text += part
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
  })
}

const results = []
for (const { title, goal, cases } of groups) {
  /** @type {[string, () => Promise<unknown>][]} */
  const all = [...Object.entries(cases), ['again', cases.floor]]
  const perCall = new Map()
  for (const [name, call] of all) {
    await call()
    const before = await handshakes()
    for (let index = 0; index < 20; index += 1) await call()
    perCall.set(name, ((await handshakes()) - before) / 20)
  }
  const rounds = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = new Map()
    for (const [name, call] of all.sort(() => Math.random() - 0.5)) times.set(name, await cpuOf(call))
    rounds.push(times)
  }
  const ratio = (/** @type {string} */ name) => rounds.map((times) => times.get(name) / times.get('floor'))
  const names = Object.keys(cases).filter((name) => name !== 'floor' && name !== 'ours')
  const result = {
    title,
    floorUs: median(rounds.map((times) => times.get('floor'))),
    ours: median(ratio('ours')),
    peers: Object.fromEntries(names.map((name) => [name, median(ratio(name))])),
    handshakesPerCall: Object.fromEntries(perCall),
    noise: spread(ratio('again')),
    goal,
  }
  const shaken = perCall.get('ours') > 0 ? 'a handshake after the first call' : undefined
  results.push({ ...result, missed: shaken ?? missedGoal(result) })
}
v2.destroy()
v3.destroy()
process.send?.(results, () => process.exit(0))
