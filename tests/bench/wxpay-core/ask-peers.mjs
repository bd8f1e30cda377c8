/** @module Puts the same questionable messages to every SDK and prints who takes them, as JSON. Run by tests/wxpay-core/peers.test.ts. */
import { createCipheriv, createHash, createHmac, sign } from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { load } from '../lib/bundle.mjs'
import { easywechat, nodeV3, tenpay } from './peers.mjs'
import { apiV3Key, appid, fixture, mchid, platform, platformSerial, v2Key, v3Notice } from './subjects.mjs'

const require = createRequire(import.meta.url)
const { Aes, Decorator, Hash, Transformer } = require('wechatpay-axios-plugin')
const { ServerRequest } = require('node-easywechat')
const EasyValidator = require('node-easywechat/dist/Pay/Validator.js')
/** @type {typeof import('./parts.ts')} */
const core = await load(fileURLToPath(new URL('./parts.ts', import.meta.url)))

const verifier = core.createV3Verifier({
  publicKey: { id: platformSerial, pem: platform.publicKey },
  platformCertificates: [fixture('platform-a.cert.pem')],
})
const reader = core.createNotificationReader({
  appid,
  mchid,
  v2: { key: v2Key },
  v3: { apiV3Key, verifier },
})

/** @typedef {'takes it' | 'refuses'} Verdict */

/** @param {() => unknown} ask @returns {Promise<Verdict>} */
async function verdictOn(ask) {
  try {
    const answer = await ask()
    return answer === null || answer === false || answer === undefined ? 'refuses' : 'takes it'
  } catch {
    return 'refuses'
  }
}

// ---- v2 ----

const paid = {
  appid,
  mch_id: mchid,
  nonce_str: 'n',
  out_trade_no: 'order-1',
  result_code: 'SUCCESS',
  return_code: 'SUCCESS',
  total_fee: '6800',
  transaction_id: '4200002026112300000000000001',
  time_end: '20261123120000',
  trade_type: 'JSAPI',
}

/** @param {Record<string, string>} members @param {'MD5' | 'HMAC-SHA256'} type */
function signature(members, type) {
  const text = Object.keys(members)
    .sort()
    .map((name) => `${name}=${members[name]}`)
    .join('&')
  const hash = type === 'MD5' ? createHash('md5') : createHmac('sha256', v2Key)
  return hash.update(`${text}&key=${v2Key}`).digest('hex').toUpperCase()
}

/** @param {Record<string, string>} members */
const xml = (members) =>
  `<xml>${Object.entries(members)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('')}</xml>`

const downgraded = { ...paid, sign_type: 'MD5' }
const v2Messages = {
  genuine: xml({ ...paid, sign: signature(paid, 'HMAC-SHA256') }),
  unsigned: xml(paid),
  downgraded: xml({ ...downgraded, sign: signature(downgraded, 'MD5') }),
  // The signature fits 6800; a reader that takes the first element reads 1.
  twice: xml({ ...paid, sign: signature(paid, 'HMAC-SHA256') }).replace(
    '<total_fee>',
    '<total_fee>1</total_fee><total_fee>',
  ),
  spliced: xml({ ...paid, sign: signature(paid, 'HMAC-SHA256') }).replace(
    '<![CDATA[6800]]>',
    '68<!-- a comment -->00',
  ),
}

const v2 = {
  'wxpay-core': (/** @type {string} */ text) => reader.openPayment({ headers: {}, body: Buffer.from(text) }),
  // Their merchant uses HMAC-SHA256, too; what they are told about it is what they can be told.
  tenpay: (/** @type {string} */ text) => tenpay.client._parse(text, 'middleware_pay', 'HMAC-SHA256'),
  'wechatpay-axios-plugin': (/** @type {string} */ text) => {
    const [parse, verify] = /** @type {((this: object, data: unknown, ...rest: unknown[]) => unknown)[]} */ (
      new Transformer(mchid, Hash.keyObjectFrom(Buffer.from(v2Key))).response
    )
    const config = { url: '/pay/orderquery' }
    const answer = verify?.call(config, parse?.call(config, text), {}, 200)
    return answer instanceof Error ? null : answer
  },
  'node-easywechat': async (/** @type {string} */ text) => {
    easywechat.app.setRequest(new ServerRequest('POST', '/notify', { 'content-type': 'text/xml' }, text))
    return (await easywechat.app.getServer().getRequestMessage()).transaction_id
  },
}

// ---- v3 ----

const envelope = JSON.parse(v3Notice.body.toString('utf8'))

/** @param {string} body @param {number} [aheadSeconds] */
function signedV3(body, aheadSeconds = 0) {
  const timestamp = String(Math.floor(Date.now() / 1000) + aheadSeconds)
  const nonce = 'c5ac7061fccab6bf3e254dcf98995b8c'
  const text = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
  return {
    body,
    timestamp,
    nonce,
    text,
    signature: sign('sha256', text, platform.privateKey).toString('base64'),
  }
}

/** Signed by the certificate that easywechat was given: it knows no public key by an id. @param {number} ahead */
function certificateSigned(ahead) {
  const { body, timestamp, nonce, text } = signedV3('{"id":"EV-1"}', ahead)
  const signature = sign('sha256', text, fixture('platform-a.key.pem')).toString('base64')
  return {
    body,
    headers: {
      'Wechatpay-Timestamp': timestamp,
      'Wechatpay-Nonce': nonce,
      'Wechatpay-Serial': '5157F09EFDC096DE15EBE81A47057A72000001',
      'Wechatpay-Signature': signature,
    },
  }
}

/** @type {Record<string, (message: ReturnType<typeof signedV3>) => unknown>} */
const verifyV3 = {
  'wxpay-core': async (message) =>
    (
      await verifier.verify({
        timestamp: message.timestamp,
        nonce: message.nonce,
        serial: platformSerial,
        signature: message.signature,
        body: Buffer.from(message.body),
      })
    ).genuine,
  'wechatpay-node-v3': (message) =>
    nodeV3.client.verifySign({
      timestamp: message.timestamp,
      nonce: message.nonce,
      body: message.body,
      serial: platformSerial,
      signature: message.signature,
    }),
  'wechatpay-axios-plugin': (message) => {
    const headers = {
      'wechatpay-timestamp': message.timestamp,
      'wechatpay-nonce': message.nonce,
      'wechatpay-serial': platformSerial,
      'wechatpay-signature': message.signature,
    }
    const verify = Decorator.responseVerifier({ [platformSerial]: platform.publicKey })
    return !(verify.call({ url: '/v3/pay/transactions/jsapi' }, message.body, headers, 200) instanceof Error)
  },
}

/** @param {number} ahead @param {string} [signature] */
const easyVerify = async (ahead, signature) => {
  const { body, headers } = certificateSigned(ahead)
  if (signature !== undefined) headers['Wechatpay-Signature'] = signature
  const validator = new EasyValidator(easywechat.app.getMerchant())
  return (await validator.validate(new ServerRequest('POST', '/notify', headers, body))) !== false
}

const tampered = (() => {
  const bytes = Buffer.from(envelope.resource.ciphertext, 'base64')
  bytes[20] = (bytes[20] ?? 0) ^ 1
  return { ...envelope.resource, ciphertext: bytes.toString('base64') }
})()
/** Nothing, sealed, with four bytes of its tag: one guess in four thousand million is right, instead of one in 2¹²⁸. */
const shortTag = (() => {
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, 'katvtHDDPxkw').setAAD(Buffer.from('transaction'))
  cipher.final()
  const ciphertext = cipher.getAuthTag().subarray(0, 4).toString('base64')
  return { ...envelope.resource, nonce: 'katvtHDDPxkw', associated_data: 'transaction', ciphertext }
})()
/** @type {Record<string, (resource: typeof envelope.resource) => unknown>} */
const open = {
  'wxpay-core': (resource) => core.decryptResource(resource, core.readApiV3Key(apiV3Key)),
  'wechatpay-node-v3': (resource) =>
    nodeV3.client.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, apiV3Key),
  'wechatpay-axios-plugin': (resource) =>
    Aes.AesGcm.decrypt(resource.ciphertext, apiV3Key, resource.nonce, resource.associated_data),
  'node-easywechat': (resource) =>
    require('node-easywechat/dist/Core/Support/AES.js').AES_GCM.decrypt(
      resource.ciphertext,
      apiV3Key,
      resource.nonce,
      resource.associated_data,
    ),
}

/** @type {Record<string, Record<string, Verdict>>} */
const results = {}
const record = async (/** @type {string} */ what, /** @type {Record<string, () => unknown>} */ asks) => {
  results[what] = {}
  for (const [name, ask] of Object.entries(asks)) results[what][name] = await verdictOn(ask)
}
/** @template T @param {Record<string, (message: T) => unknown>} sdks @param {T} message */
const all = (sdks, message) =>
  Object.fromEntries(Object.entries(sdks).map(([name, ask]) => [name, () => ask(message)]))

for (const [name, text] of Object.entries(v2Messages)) await record(`v2 ${name}`, all(v2, text))
for (const [name, ahead] of /** @type {const} */ ([
  ['genuine', 0],
  ['old', -3_600],
  ['from the future', 3_600],
])) {
  const message = signedV3('{"id":"EV-1"}', ahead)
  await record(`v3 ${name}`, { ...all(verifyV3, message), 'node-easywechat': () => easyVerify(ahead) })
}
const probe = { ...signedV3('{"id":"EV-1"}'), signature: `WECHATPAY/SIGNTEST/${signedV3('{}').signature}` }
await record('v3 probe', {
  ...all(verifyV3, probe),
  'node-easywechat': () => easyVerify(0, probe.signature),
})
await record('v3 sealed', all(open, envelope.resource))
await record('v3 tampered', all(open, tampered))
await record('v3 short tag', all(open, shortTag))
process.stdout.write(JSON.stringify(results))
process.exit(0)
