/**
 * @module Runs every SDK through the same scenes and prints, as JSON, what each of them did: the cells of the README's table.
 * Run by tests/wxpay-core/peers.test.ts. A dash is for what a protocol does not have; that an SDK cannot do a thing is
 * found out by trying everything it offers.
 */
import { createHash, privateDecrypt } from 'node:crypto'
import fs from 'node:fs'
import https from 'node:https'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import {
  apiV3Key,
  appid,
  fixture,
  fixtureFile,
  mchid,
  merchant,
  paidNotice,
  platform,
  platformSerial,
  v2Key,
  v3Notice,
} from '../../bench/wxpay-core/subjects.mjs'
import {
  Aes,
  core,
  easy,
  easyApp,
  Formatter,
  merchants,
  NodeV3,
  nodeV3,
  orderNo,
  ours,
  plugin,
  Rsa,
  refundNo,
  ServerRequest,
  Tenpay,
  tenpay,
  transactionId,
  v2Config,
  v3Config,
  Wechatpay,
} from './merchants.mjs'
import {
  certificateList,
  isSignedByMerchant,
  play,
  received,
  secondHost,
  serialA,
  serialB,
  v2Answer,
  v3Answer,
  v3Headers,
} from './stage.mjs'

/** @typedef {import('./stage.mjs').Received} Received */
/** @typedef {import('./stage.mjs').Answer} Answer */

const SDKS = Object.keys(merchants)
const [OURS, TENPAY, NODE_V3, PLUGIN, EASY] = /** @type {[string, string, string, string, string]} */ (SDKS)
const PROTOCOLS = /** @type {const} */ (['v2', 'v3'])

/** @type {Record<string, Record<string, string>>} */
const results = {}

/** @param {() => unknown} ask @returns {Promise<{ took: boolean, told?: unknown, error?: any }>} */
async function tried(ask) {
  try {
    const told = await ask()
    return { took: told !== null && told !== undefined && told !== false, told }
  } catch (error) {
    return { took: false, error }
  }
}

/** Where a row is about calls: the protocols in which an SDK does it. @param {string} row @param {(calls: import('./merchants.mjs').Calls, api: 'v2' | 'v3') => Promise<boolean>} does */
async function inEachProtocol(row, does) {
  for (const sdk of SDKS) {
    const able = []
    for (const api of PROTOCOLS) {
      const calls = merchants[sdk]?.[api]
      if (calls !== undefined && (await does(calls, api))) able.push(api)
    }
    note(row, sdk, able.length === 0 ? 'no' : able.join(', '))
  }
}

/** @param {string} row @param {string} sdk @param {string} cell */
function note(row, sdk, cell) {
  results[row] = { ...results[row], [sdk]: cell }
}

// ---- what WeChat says when nothing is wrong ----

const trade = { out_trade_no: orderNo, trade_state: 'NOTPAY', trade_state_desc: '订单未支付' }
const v2Refunded = {
  transaction_id: transactionId,
  out_trade_no: orderNo,
  out_refund_no: refundNo,
  refund_id: '50000000382019052709732678859',
  refund_fee: '2000',
  total_fee: '6800',
}
const v3Refunded = {
  refund_id: '50000000382019052709732678859',
  out_refund_no: refundNo,
  transaction_id: transactionId,
  out_trade_no: orderNo,
  channel: 'ORIGINAL',
  user_received_account: '招商银行信用卡0403',
  create_time: '2026-11-23T12:00:00+08:00',
  status: 'PROCESSING',
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
}
const unsigned = (/** @type {number} */ status, /** @type {string} */ code) => ({
  status,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ code, message: '说明' }),
})

/** @param {Received} request @returns {Answer} */
function genuine(request) {
  if (!isSignedByMerchant(request)) return unsigned(401, 'SIGN_ERROR')
  const { path: asked } = request
  if (asked === '/pay/unifiedorder') return v2Answer(request, { trade_type: 'JSAPI', prepay_id: 'wx1' })
  if (asked === '/pay/orderquery') return v2Answer(request, trade)
  if (asked === '/secapi/pay/refund') return v2Answer(request, v2Refunded)
  if (asked === '/pay/refundquery')
    return v2Answer(request, {
      ...v2Refunded,
      refund_count: '1',
      out_refund_no_0: refundNo,
      refund_id_0: v2Refunded.refund_id,
      refund_fee_0: '2000',
      refund_status_0: 'PROCESSING',
    })
  if (asked === '/v3/pay/transactions/jsapi') return v3Answer({ prepay_id: 'wx1' })
  if (asked.startsWith('/v3/pay/transactions/')) return v3Answer({ appid, mchid, ...trade })
  if (asked.startsWith('/v3/refund/')) return v3Answer(v3Refunded)
  if (asked.startsWith('/v3/certificates')) return certificateList([serialA])
  return unsigned(404, 'RESOURCE_NOT_EXISTS')
}

// ---- protocols ----

await inEachProtocol('protocols', async (calls) => {
  await play(genuine)
  const all = [await tried(calls.order), await tried(calls.query), await tried(calls.refund)]
  return all.every(({ took }) => took) && received.length === 3
})

/** Everything an SDK has a name for, called with anything: which paths does it ever ask? @param {any} sdk */
async function pathsOf(sdk) {
  const seen = new Set()
  await play((request) => {
    seen.add(request.path)
    return unsigned(400, 'PARAM_ERROR')
  })
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(sdk))) {
    if (name === 'constructor' || name === 'createHttp' || name.startsWith('_')) continue
    for (const given of [{}, 'x', []]) await tried(() => sdk[name](given, given))
  }
  return [...seen]
}
const tenpayPaths = await pathsOf(tenpay)
const nodeV3Paths = await pathsOf(nodeV3)
if (tenpayPaths.length < 10 || nodeV3Paths.length < 10) throw new Error('the SDKs were not tried out')
if (tenpayPaths.some((asked) => asked.startsWith('/v3/'))) note('protocols', TENPAY, 'v2, v3')
if (nodeV3Paths.some((asked) => !asked.startsWith('/v3/'))) note('protocols', NODE_V3, 'v2, v3')

// ---- what an error says ----

/** @type {readonly { outcome: string, api?: 'closed' | 'cut', answer?: (request: Received) => Answer }[]} */
const misfortunes = [
  { outcome: 'not-sent', api: 'closed' },
  { outcome: 'not-sent', api: 'cut' },
  { outcome: 'unknown', answer: () => 'cut' },
  { outcome: 'unknown', answer: () => ({ status: 500, body: '<html>500</html>' }) },
  {
    outcome: 'unknown',
    answer: (request) =>
      request.path.startsWith('/v3/')
        ? unsigned(429, 'FREQUENCY_LIMITED')
        : v2Answer(request, { result_code: 'FAIL', err_code: 'FREQUENCY_LIMITED', err_code_des: '说明' }),
  },
  {
    outcome: 'rejected',
    answer: (request) =>
      request.path.startsWith('/v3/')
        ? unsigned(403, 'NOT_ENOUGH')
        : v2Answer(request, { result_code: 'FAIL', err_code: 'NOTENOUGH', err_code_des: '说明' }),
  },
]

/** What a program can look at: codes, names and numbers, three levels deep; sentences are for people. @param {any} error */
function membersOf(error, depth = 3, at = '') {
  /** @type {Map<string, unknown>} */
  const found = new Map()
  for (const name of Object.keys(error ?? {})) {
    const value = error[name]
    const isCode = typeof value === 'string' && /^[\w.-]{1,60}$/.test(value)
    if (isCode || typeof value === 'number') found.set(at + name, value)
    else if (
      depth > 1 &&
      typeof value === 'object' &&
      value !== null &&
      name !== 'config' &&
      name !== 'request'
    )
      for (const [inner, one] of membersOf(value, depth - 1, `${at}${name}.`)) found.set(inner, one)
  }
  return found
}

/** Whether one member never has the same value for two outcomes. @param {{ outcome: string, error: unknown }[]} cases */
function isTold(cases) {
  const seen = cases.map(({ outcome, error }) => ({ outcome, members: membersOf(error) }))
  const names = new Set(seen.flatMap(({ members }) => [...members.keys()]))
  // Where we met it is different each time by chance.
  for (const chance of ['port', 'errRaw.port']) names.delete(chance)
  return [...names].some((name) =>
    seen.every((one) =>
      seen.every(
        (other) => one.outcome === other.outcome || one.members.get(name) !== other.members.get(name),
      ),
    ),
  )
}

await inEachProtocol('outcome', async (calls) => {
  const cases = []
  for (const { outcome, api, answer = genuine } of misfortunes) {
    await play(answer, api && { api })
    const { error, told } = await tried(calls.refund)
    cases.push({ outcome, error: error ?? told })
  }
  return isTold(cases)
})

// ---- answers ----

/** An answer whose signature is of other words, and one that has none. @param {Answer} answer @returns {Answer[]} */
function forgeries(answer) {
  if (answer === 'cut') throw new Error('no answer to forge')
  const body = String(answer.body)
  const other = body.includes('<xml>')
    ? body.replace('wx1', 'wx2')
    : body.replace('"prepay_id":"wx1"', '"prepay_id":"wx2"')
  const bare = { 'Content-Type': answer.headers?.['Content-Type'] ?? '' }
  return [
    { ...answer, body: other },
    { headers: bare, body: body.replace(/<sign>.*<\/sign>/, '') },
  ]
}

await inEachProtocol('answers verified', async (calls) => {
  for (const which of [0, 1]) {
    await play((request) => forgeries(genuine(request))[which] ?? 'cut')
    if ((await tried(calls.order)).took) return false
  }
  return true
})

await inEachProtocol('another order', async (calls) => {
  await play((request) => {
    const other = { ...trade, out_trade_no: 'order-20261123-000002' }
    return request.path.startsWith('/v3/') ? v3Answer({ appid, mchid, ...other }) : v2Answer(request, other)
  })
  return !(await tried(calls.query)).took
})

for (const sdk of SDKS) {
  const calls = merchants[sdk]?.v3
  await play(() => v3Answer(`{"prepay_id":"wx1","prepay_id":"wx2"}`))
  note('member twice', sdk, calls === undefined ? '–' : (await tried(calls.order)).took ? 'no' : 'yes')
}

// ---- notifications, in one call ----

const noticeHeaders = v3Notice.headers
const v2Body = paidNotice('MD5')
const forgedV2 = Buffer.from(v2Body.toString('utf8').replace('<![CDATA[6800]]>', '<![CDATA[1]]>'))
/** Sealed with the right key, and signed by nobody: what somebody who has the key alone can make. */
const forgedV3 = { ...noticeHeaders, 'wechatpay-signature': Buffer.alloc(256).toString('base64') }
const v2Reader = core.createNotificationReader({
  appid,
  mchid,
  v2: { key: v2Key, signType: 'MD5' },
  v3: { apiV3Key, verifier: ours.v3().verifier },
})

/** What each has that takes a notification; it is to give the order's number, and nothing for a forged one. */
const openers = {
  v2: {
    [OURS]: [(body) => v2Reader.openPayment({ headers: {}, body }).then(({ trade }) => trade.outTradeNo)],
    [TENPAY]: [
      async (body) => {
        const [req, res] = [{ body: body.toString('utf8') }, { header() {}, send() {} }]
        await tenpay.middlewareForExpress('pay')(req, res, () => {})
        return Object(Object(req).weixin).out_trade_no
      },
    ],
    [PLUGIN]: [
      (body) => plugin.client.v2.defaults.transformResponse[0].call({}, body.toString('utf8')).out_trade_no,
    ],
    [EASY]: [
      async (body) => {
        easy.setRequest(new ServerRequest('POST', '/notify', {}, body))
        return (await easy.getServer().getRequestMessage()).out_trade_no
      },
    ],
  },
  v3: {
    [OURS]: [
      (headers) =>
        v2Reader.openPayment({ headers, body: v3Notice.body }).then(({ trade }) => trade.outTradeNo),
    ],
    [NODE_V3]: [
      () => {
        const { resource } = JSON.parse(v3Notice.body.toString('utf8'))
        return nodeV3.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce).out_trade_no
      },
    ],
    [PLUGIN]: [
      () => {
        const { resource } = JSON.parse(v3Notice.body.toString('utf8'))
        const { ciphertext, nonce, associated_data: aad } = resource
        return JSON.parse(Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, aad)).out_trade_no
      },
    ],
    [EASY]: [
      async (headers) => {
        easy.setRequest(new ServerRequest('POST', '/notify', headers, v3Notice.body))
        return (await easy.getServer().getRequestMessage()).out_trade_no
      },
    ],
  },
}
await play(genuine)
for (const sdk of SDKS) {
  const able = []
  for (const [api, right, wrong] of /** @type {const} */ ([
    ['v2', v2Body, forgedV2],
    ['v3', noticeHeaders, forgedV3],
  ])) {
    for (const open of openers[api][sdk] ?? []) {
      const reads = (await tried(() => open(right))).told === orderNo
      if (!reads) throw new Error(`${sdk} does not read a genuine ${api} notification`)
      if (!(await tried(() => open(wrong))).took) able.push(api)
    }
  }
  note('notification in one call', sdk, able.length === 0 ? 'no' : able.join(', '))
}

// ---- abnormal refunds ----

const abnormalPath = '/v3/refund/domestic/refunds/50000000382019052709732678859/apply-abnormal-refund'
const cardNumber = '6222020000000000000'
const openField = (/** @type {string} */ text) =>
  privateDecrypt({ key: platform.privateKey, oaepHash: 'sha1' }, Buffer.from(text, 'base64')).toString('utf8')
const abnormal = (/** @type {string} */ account, /** @type {string} */ name) => ({
  out_refund_no: refundNo,
  type: 'USER_BANK_CARD',
  bank_type: 'ICBC_DEBIT',
  bank_account: account,
  real_name: name,
})
const sealingHeader = { 'Wechatpay-Serial': platformSerial }
/** How each asks for one: a name of its own, any path there is, or a request signed with it and sent by the caller. */
const abnormalCalls = {
  [OURS]: [
    'yes',
    () =>
      ours.v3().applyAbnormalRefund({
        refundId: '50000000382019052709732678859',
        outRefundNo: refundNo,
        to: 'userBankCard',
        bankType: 'ICBC_DEBIT',
        bankAccount: cardNumber,
        realName: '张三',
      }),
  ],
  [NODE_V3]: [
    nodeV3Paths.some((asked) => asked.includes('abnormal')) ? 'yes' : 'signed by it, sent by you',
    () => {
      const key = platform.publicKey
      const members = abnormal(nodeV3.publicEncrypt(cardNumber, key), nodeV3.publicEncrypt('张三', key))
      const time = String(Math.floor(Date.now() / 1000))
      const signature = nodeV3.getSignature('POST', 'n', time, abnormalPath, members)
      const Authorization = nodeV3.getAuthorization('n', time, signature)
      const headers = {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        ...sealingHeader,
        Authorization,
      }
      const request = https.request(`https://api.mch.weixin.qq.com${abnormalPath}`, {
        method: 'POST',
        headers,
      })
      request.on('error', () => {}).end(JSON.stringify(members))
      return new Promise((resolve) =>
        request.on('response', (response) => resolve(response.statusCode === 200)),
      )
    },
  ],
  [PLUGIN]: [
    'by its path',
    () => {
      const seal = (/** @type {string} */ text) => Rsa.encrypt(text, Rsa.from(platform.publicKey, 'public'))
      return plugin
        .chain(abnormalPath.slice(1))
        .post(abnormal(seal(cardNumber), seal('张三')), { headers: sealingHeader })
    },
  ],
  [EASY]: [
    'by its path',
    async () => {
      const encryptor = await easy.getUtils().getEncryptor()
      const seal = (/** @type {string} */ text) => encryptor.encrypt(text).toString()
      const data = abnormal(seal(cardNumber), seal('张三'))
      return easy.getClient().post(abnormalPath, { data, headers: { ...sealingHeader } })
    },
  ],
}
for (const sdk of SDKS) {
  const [cell, call] = abnormalCalls[sdk] ?? []
  await play(genuine)
  if (call === undefined) {
    if (tenpayPaths.some((asked) => asked.includes('abnormal'))) throw new Error('tenpay has it after all')
    note('abnormal refund', sdk, '–')
    continue
  }
  const { took } = await tried(call)
  const [asked] = received
  const arrived = asked?.path === abnormalPath && isSignedByMerchant(asked)
  const opens = arrived && openField(JSON.parse(asked.body).bank_account) === cardNumber
  note('abnormal refund', sdk, took && opens ? cell : 'no')
}

// ---- bills ----

const bill = fs.readFileSync(new URL('../../vectors/data/bill.ALL.csv', import.meta.url))
const billHash = createHash('sha1').update(bill).digest('hex')
const billUrl = 'https://api.mch.weixin.qq.com/v3/billdownload/file?token=T0ken-1'
/** @param {Buffer} file @param {string} hash @returns {(request: Received) => Answer} */
const serveBill = (file, hash) => (request) => {
  if (request.path === '/pay/downloadbill')
    return { headers: { 'Content-Type': 'text/plain' }, body: packed(request, file) }
  if (request.path.startsWith('/v3/bill/'))
    return v3Answer({ hash_type: 'SHA1', hash_value: hash, download_url: billUrl })
  return { headers: { 'Content-Type': 'text/plain' }, body: packed(lastAsked(), file) }
}
const lastAsked = () =>
  received.find(({ path: asked }) => asked.startsWith('/v3/bill/')) ?? raise('no bill was asked for')
/** WeChat packs what was asked for packed. @param {Received} request @param {Buffer} file */
const packed = (request, file) => (/GZIP/.test(request.path + request.body) ? gzipSync(file) : file)
const all = async (/** @type {AsyncIterable<unknown> | null} */ rows) => {
  const read = []
  for await (const row of rows ?? []) read.push(row)
  return read
}
const billDate = '2026-11-22'
const raw = { responseType: 'arraybuffer', transformResponse: [] }
/** A bill with each protocol, as far as the SDK takes it by itself. */
const billCalls = {
  [OURS]: {
    v2: async () => all(await ours.v2().tradeBill({ date: billDate })),
    v3: async () => all(await ours.v3().tradeBill({ date: billDate })),
  },
  [TENPAY]: { v2: async () => (await tenpay.downloadBill({ bill_date: '20261122' }, true)).list_data },
  [NODE_V3]: {
    v3: async () => {
      const asked = await nodeV3.tradebill({ bill_date: billDate })
      const { status, data } = await nodeV3.downloadBill(asked.data.download_url)
      return status === 200 ? data : null
    },
  },
  [PLUGIN]: {
    v2: async () => {
      const asked = { appid, mch_id: mchid, bill_date: '20261122', bill_type: 'ALL' }
      return Formatter.castCsvBill((await plugin.v2.pay.downloadbill.post(asked, raw)).data).rows
    },
    v3: async () => {
      const asked = await plugin.v3.bill.tradebill.get({ params: { bill_date: billDate } })
      const token = new URL(asked.data.download_url).searchParams.get('token')
      return Formatter.castCsvBill(
        (await plugin.v3.billdownload.file.get({ params: { token }, ...raw })).data,
      ).rows
    },
  },
  [EASY]: {
    v2: async () => {
      const xml = { appid, mch_id: mchid, nonce_str: 'n', bill_date: '20261122', bill_type: 'ALL' }
      return (await easy.getClient().post('/pay/downloadbill', { xml })).getContent()
    },
    v3: async () => {
      const asked = await easy.getClient().get('/v3/bill/tradebill', { params: { bill_date: billDate } })
      const { pathname, search } = new URL(asked.toObject().download_url)
      return (await easy.getClient().get(`${pathname}${search}`)).getContent()
    },
  },
}
const cutOff = bill.subarray(0, bill.length >> 1)
const cutHash = createHash('sha1').update(cutOff).digest('hex')
for (const sdk of SDKS) {
  const kinds = new Set()
  const [hashChecked, endChecked] = [new Set(), new Set()]
  for (const [api, call] of Object.entries(billCalls[sdk] ?? {})) {
    await play(serveBill(bill, billHash))
    const { took, told, error } = await tried(call)
    if (!took) throw new Error(`${sdk} cannot get a bill over ${api}`, { cause: error })
    const first = Array.isArray(told) ? told[0] : undefined
    kinds.add(
      first === undefined ? 'one text' : Number.isInteger(first.totalFen) ? 'rows in fen' : 'rows of text',
    )
    await play(serveBill(bill, '0'.repeat(40)))
    hashChecked.add(api === 'v2' ? '–' : (await tried(call)).took ? 'no' : 'yes')
    await play(serveBill(cutOff, cutHash))
    endChecked.add((await tried(call)).took ? 'no' : 'yes')
  }
  const only = (/** @type {Set<string>} */ cells) =>
    [...cells].filter((cell) => cell !== '–' || cells.size === 1).join(', ')
  note('bills', sdk, only(kinds))
  note('bill hash', sdk, only(hashChecked))
  note('bill cut off', sdk, only(endChecked))
}

// ---- WeChat Pay's keys ----

/** What signs is believed or not; the notice itself is the same. @param {string} serial */
const noticeBy = (serial) => v3Headers('{"id":"EV-1"}', serial)
const lower = (/** @type {Record<string, string>} */ headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
/** Each with WeChat Pay's public key and certificate A where its settings have a place for them; B was never given to anybody. */
function verifiers() {
  NodeV3.certificates = {}
  const { verifier } = ours.v3()
  return {
    [OURS]: async (/** @type {Record<string, string>} */ headers) => {
      const h = lower(headers)
      const told = await verifier.verify({
        timestamp: h['wechatpay-timestamp'],
        nonce: h['wechatpay-nonce'],
        serial: h['wechatpay-serial'],
        signature: h['wechatpay-signature'],
        body: Buffer.from('{"id":"EV-1"}'),
      })
      return told.genuine
    },
    [NODE_V3]: (/** @type {Record<string, string>} */ headers) => {
      const h = lower(headers)
      return nodeV3.verifySign({
        timestamp: h['wechatpay-timestamp'],
        nonce: h['wechatpay-nonce'],
        serial: h['wechatpay-serial'],
        signature: h['wechatpay-signature'],
        body: '{"id":"EV-1"}',
      })
    },
    [PLUGIN]: (/** @type {Record<string, string>} */ headers) => {
      const [verify] = plugin.client.v3.defaults.transformResponse
      return !(verify.call({ url: '/v3/x' }, '{"id":"EV-1"}', headers, 200) instanceof Error)
    },
    [EASY]: (/** @type {Record<string, string>} */ headers) =>
      easy.getValidator().validate(new ServerRequest('POST', '/notify', headers, '{"id":"EV-1"}')),
  }
}
for (const sdk of SDKS) {
  const verify = verifiers()[sdk]
  if (verify === undefined) {
    note('keys', sdk, '–')
    note('fetches', sdk, '–')
    continue
  }
  const scene = () =>
    play((request) =>
      request.path.startsWith('/v3/certificates') ? certificateList([serialA, serialB]) : genuine(request),
    )
  await scene()
  const publicKey = (await tried(() => verify(noticeBy(platformSerial)))).took
  const certificate = (await tried(() => verify(noticeBy(serialA)))).took
  // A minute must have passed for who fetches once a minute, so another of its kind meets B first.
  await scene()
  const fresh = (await tried(() => verifiers()[sdk]?.(noticeBy(serialB)))).took
  const known = publicKey && certificate ? 'both' : certificate ? 'certificates' : 'public key'
  note('keys', sdk, fresh ? `${known}, new ones fetched` : `${known}, by hand${await orFetched(sdk)}`)

  const again = fetching(sdk) ?? verifiers()[sdk]
  await scene()
  for (let index = 0; index < 5; index += 1) {
    const unknown = {
      ...noticeBy(serialA),
      'Wechatpay-Serial': `5157F09EFDC096DE15EBE81A47057A720000010${index}`,
    }
    await tried(() => again?.(unknown))
  }
  const fetches = received.filter(({ path: asked }) => asked.startsWith('/v3/certificates')).length
  note('fetches', sdk, fetches === 0 ? 'fetches none' : String(fetches))
}

/** node-easywechat fetches where it was given no certificates. @param {string} sdk */
function fetching(sdk) {
  if (sdk !== EASY) return undefined
  const validator = easyApp().getValidator()
  return (/** @type {Record<string, string>} */ headers) =>
    validator.validate(new ServerRequest('POST', '/notify', headers, '{"id":"EV-1"}'))
}

/** @param {string} sdk */
async function orFetched(sdk) {
  const verify = fetching(sdk)
  return verify && (await tried(() => verify(noticeBy(serialA)))).took ? '; or certificates, fetched' : ''
}

// ---- refunds that went wrong ----

/** Its first refund is lost after WeChat has it; then all is well. @returns {(request: Received) => Answer} */
const loseFirst = () => {
  let lost = 0
  return (request) =>
    request.method === 'POST' && /refund/.test(request.path) && lost++ === 0 ? 'cut' : genuine(request)
}
const repeating = {
  [OURS]: () =>
    core.withRetries(ours.v3(), { attempts: 3, firstWaitMs: 1, longestWaitMs: 2 }).refund(ours.refund),
  // The way its README gives: settings of axios, `retry` among them.
  [EASY]: () =>
    easyApp({ http: { retry: { retries: 3, retryDelay: () => 1 } } })
      .getClient()
      .post('/v3/refund/domestic/refunds', { data: { out_refund_no: refundNo } }),
}
for (const sdk of SDKS) {
  const calls = merchants[sdk]?.v3 ?? merchants[sdk]?.v2
  await play(loseFirst())
  await tried(repeating[sdk] ?? (() => calls?.refund()))
  const story = received.map(({ method, path: asked }) =>
    /refund/.test(asked) ? (method === 'GET' ? 'asks' : 'sends') : asked,
  )
  const cells = { sends: 'does not repeat', 'sends, sends': 'sends again', 'sends, asks': 'asks first' }
  note(
    'refund repeated',
    sdk,
    cells[/** @type {keyof typeof cells} */ (story.join(', '))] ?? story.join(', '),
  )
}

for (const sdk of SDKS) {
  const calls = merchants[sdk]?.v3 ?? merchants[sdk]?.v2
  const one = sdk === OURS ? ours.v3() : undefined
  await play(() => unsigned(403, 'NOT_ENOUGH'))
  await Promise.all(
    Array.from({ length: 12 }, () => tried(() => (one ? one.refund(ours.refund) : calls?.refund()))),
  )
  note('failing refunds', sdk, received.length < 12 ? 'held back' : 'all sent')
}

// ---- the second host ----

for (const sdk of SDKS) {
  const calls = merchants[sdk]?.v3 ?? merchants[sdk]?.v2
  await play(genuine, { api: 'closed' })
  secondHost('open')
  await tried(() => calls?.refund())
  const [asked] = received
  const kept = asked?.host === 'api2.mch.weixin.qq.com' && asked.body.includes(refundNo)
  note('api2', sdk, kept ? 'yes' : received.length === 0 ? 'no' : 'with another number')
}

// ---- wrong keys ----

const ecKey = fixture('ec.key.pem')
const p12 = fs.readFileSync(fixtureFile('merchant.p12'))
const short = 'x'.repeat(31)
const nodeV3With = (/** @type {object} */ more) =>
  new NodeV3({
    appid,
    mchid,
    publicKey: Buffer.from(merchant.certificate),
    privateKey: Buffer.from(merchant.privateKey),
    key: apiV3Key,
    ...more,
  })
// Not handed out: whoever awaits it calls its `then`, which is an address like any other to it.
const pluginWith = (/** @type {object} */ more) =>
  new Wechatpay({
    mchid,
    serial: merchant.serial,
    privateKey: merchant.privateKey,
    certs: { [platformSerial]: platform.publicKey },
    secret: v2Key,
    merchant: { cert: merchant.certificate, key: merchant.privateKey },
    ...more,
  }) instanceof Object
const easyWith = (/** @type {object} */ more) => easyApp(more).getMerchant()
/** The mistakes that an SDK's settings leave room for. */
const mistakes = {
  'a v2 key of 31 characters': {
    [OURS]: () => core.createWxpayV2({ ...v2Config, key: short }),
    [TENPAY]: () => new Tenpay({ appid, mchid, partnerKey: short }),
    [PLUGIN]: () => pluginWith({ secret: short }),
    [EASY]: () => easyWith({ v2_secret_key: short }),
  },
  'a v3 key of 31 characters': {
    [OURS]: () => core.createWxpayV3({ ...v3Config, apiV3Key: short }),
    [NODE_V3]: () => nodeV3With({ key: short }),
    [EASY]: () => easyWith({ secret_key: short }),
  },
  'a key that is not the certificate’s': {
    [OURS]: () => core.createWxpayV3({ ...v3Config, privateKeyPem: platform.privateKey }),
    [NODE_V3]: () => nodeV3With({ privateKey: Buffer.from(platform.privateKey) }),
    [PLUGIN]: () => pluginWith({ merchant: { cert: merchant.certificate, key: platform.privateKey } }),
    [EASY]: () => easyWith({ private_key: fixtureFile('wxpay.key.pem') }),
  },
  'a merchant key that is not RSA': {
    [OURS]: () =>
      core.createWxpayV3({ ...v3Config, privateKeyPem: ecKey, certificatePem: fixture('ec.cert.pem') }),
    [NODE_V3]: () =>
      nodeV3With({ privateKey: Buffer.from(ecKey), publicKey: Buffer.from(fixture('ec.cert.pem')) }),
    [PLUGIN]: () => pluginWith({ privateKey: ecKey }),
    [EASY]: () =>
      easyWith({ private_key: fixtureFile('ec.key.pem'), certificate: fixtureFile('ec.cert.pem') }),
  },
  'a p12 where PEM belongs': {
    [OURS]: () => core.createWxpayV3({ ...v3Config, privateKeyPem: p12.toString('latin1') }),
    [NODE_V3]: () => nodeV3With({ privateKey: p12 }),
    [PLUGIN]: () => pluginWith({ privateKey: p12 }),
    [EASY]: () => easyWith({ private_key: fixtureFile('merchant.p12') }),
  },
  'the merchant’s own certificate as WeChat Pay’s': {
    [OURS]: () =>
      core.createV3Verifier({ platformCertificates: [merchant.certificate], serialNo: merchant.serial }),
    [PLUGIN]: () => pluginWith({ certs: { [merchant.serial]: merchant.certificate } }),
    [EASY]: () => easyWith({ platform_certs: [fixtureFile('merchant.cert.pem')] }),
  },
}
for (const sdk of SDKS) {
  const asked = Object.entries(mistakes).flatMap(([what, makers]) =>
    makers[sdk] ? [[what, makers[sdk]]] : [],
  )
  let refused = 0
  for (const [, make] of asked) if (!(await tried(make)).took) refused += 1
  note('wrong keys', sdk, `${refused} of ${asked.length}`)
}

// ---- what an error gives away ----

const secrets = {
  'v2 key': v2Key,
  'v3 key': apiV3Key,
  // A line of it is the key: with the others it is the whole.
  'private key': merchant.privateKey.split('\n')[4] ?? raise('no key'),
}
for (const sdk of SDKS) {
  const found = new Set()
  for (const calls of Object.values(merchants[sdk] ?? {})) {
    for (const { api, answer = genuine } of misfortunes) {
      await play(answer, api && { api })
      for (const call of [calls.order, calls.refund]) {
        const { error, told } = await tried(call)
        const texts = textsIn(error ?? told)
        for (const [name, secret] of Object.entries(secrets))
          if (texts.some((text) => text.includes(secret))) found.add(name)
      }
    }
  }
  note('secrets', sdk, found.size === 0 ? 'none' : `the ${[...found].join(', the ')}`)
}

/** Every text that whoever prints a value in full would print. @param {unknown} value */
function textsIn(value) {
  const seen = new Set()
  const texts = []
  const waiting = [value]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if (typeof one === 'string') texts.push(one)
    if (typeof one !== 'object' || one === null || seen.has(one) || ArrayBuffer.isView(one)) continue
    seen.add(one)
    if (one instanceof Map || one instanceof Set) waiting.push(...[...one].flat())
    for (const { value: inner } of Object.values(Object.getOwnPropertyDescriptors(one))) waiting.push(inner)
    for (const symbol of Object.getOwnPropertySymbols(one)) waiting.push(Reflect.get(one, symbol))
  }
  return texts
}

// ---- what comes along ----

/** Every package that is installed with one, itself included. @param {string} folder @param {Set<string>} seen */
function packagesFrom(folder, seen = new Set()) {
  const real = fs.realpathSync(folder)
  if (seen.has(real)) return seen
  seen.add(real)
  const {
    dependencies,
    peerDependencies,
    optionalDependencies = {},
    peerDependenciesMeta = {},
  } = JSON.parse(fs.readFileSync(path.join(real, 'package.json'), 'utf8'))
  // npm brings peers along as well.
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
    if (peerDependenciesMeta[name]?.optional === true) continue
    const found = nearest(real, name)
    if (found === undefined && !(name in optionalDependencies))
      throw new Error(`${name} of ${real} is not installed`)
    if (found !== undefined) packagesFrom(found, seen)
  }
  return seen
}
/** @param {string} from @param {string} name @returns {string | undefined} */
function nearest(from, name) {
  for (let at = from; ; at = path.dirname(at)) {
    const candidate = path.join(at, 'node_modules', name)
    if (fs.existsSync(candidate)) return candidate
    if (path.dirname(at) === at) return undefined
  }
}
for (const sdk of SDKS) {
  const folder = new URL(`../../node_modules/${sdk}`, import.meta.url)
  note('packages', sdk, String(packagesFrom(fileURLToPath(folder)).size))
}

/** @param {string} why @returns {never} */
function raise(why) {
  throw new Error(why)
}

process.stdout.write(JSON.stringify(results), () => process.exit(0))
