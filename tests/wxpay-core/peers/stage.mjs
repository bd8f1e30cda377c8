/**
 * @module WeChat Pay as other SDKs meet it: under its own host names, with real signatures, answering as it is told to.
 * Whatever this process sends to WeChat arrives here; nothing of an SDK is changed for that.
 */
import { createCipheriv, createHash, createHmac, createVerify, sign } from 'node:crypto'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import {
  apiV3Key,
  appid,
  fixture,
  mchid,
  merchant,
  platform,
  platformSerial,
  v2Key,
} from '../../bench/wxpay-core/subjects.mjs'

export const serialA = '5157F09EFDC096DE15EBE81A47057A72000001'
export const serialB = '5157F09EFDC096DE15EBE81A47057A72000002'
const signingKeys = {
  [platformSerial]: platform.privateKey,
  [serialA]: fixture('platform-a.key.pem'),
  [serialB]: fixture('platform-b.key.pem'),
}

/**
 * @typedef {object} Received
 * @property {string} host
 * @property {string} method
 * @property {string} path
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {string} body
 */

/** @typedef {{ status?: number, headers?: Record<string, string>, body?: string | Uint8Array } | 'cut'} Answer */

// ---- what WeChat signs ----

/** @param {Record<string, unknown>} members @param {string} type */
export function v2Signature(members, type) {
  const text = Object.keys(members)
    .filter((name) => name !== 'sign' && members[name] !== '')
    .sort()
    .map((name) => `${name}=${members[name]}`)
    .join('&')
  const hash = type === 'HMAC-SHA256' ? createHmac('sha256', v2Key) : createHash('md5')
  return hash.update(`${text}&key=${v2Key}`).digest('hex').toUpperCase()
}

/** @param {Record<string, unknown>} members */
export const xmlOf = (members) =>
  `<xml>${Object.entries(members)
    .map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`)
    .join('\n')}</xml>`

/** @param {string} xml @returns {Record<string, string>} */
export const membersOf = (xml) =>
  Object.fromEntries(
    [...xml.matchAll(/<(\w+)>(?:<!\[CDATA\[([\s\S]*?)\]\]>|([^<]*))<\/\1>/g)].map(
      ([, name, inCdata, plain]) => [name, inCdata ?? plain],
    ),
  )

const v2Head = {
  return_code: 'SUCCESS',
  return_msg: 'OK',
  appid,
  mch_id: mchid,
  nonce_str: 'n',
  result_code: 'SUCCESS',
}

/** An answer of v2, signed with the algorithm that the request was signed with. @param {Received} request @param {Record<string, unknown>} members */
export function v2Answer(request, members) {
  const all = { ...v2Head, ...members }
  const type = membersOf(request.body).sign?.length === 64 ? 'HMAC-SHA256' : 'MD5'
  return { headers: { 'Content-Type': 'text/plain' }, body: xmlOf({ ...all, sign: v2Signature(all, type) }) }
}

/** The four headers over a body. @param {string} body @param {string} [serial] */
export function v3Headers(body, serial = platformSerial) {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = 'c5ac7061fccab6bf3e254dcf98995b8c'
  const text = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': serial,
    'Wechatpay-Signature': sign('sha256', text, signingKeys[serial] ?? '').toString('base64'),
  }
}

/** @param {unknown} json text is taken as it is @param {string} [serial] */
export function v3Answer(json, serial) {
  const body = typeof json === 'string' ? json : JSON.stringify(json)
  return { headers: { 'Content-Type': 'application/json', ...v3Headers(body, serial) }, body }
}

/** @param {string} plain @param {string} aad */
export function sealed(plain, aad) {
  const nonce = 'katvtHDDPxkw'
  const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce, { authTagLength: 16 }).setAAD(
    Buffer.from(aad),
  )
  const bytes = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return { algorithm: 'AEAD_AES_256_GCM', associated_data: aad, nonce, ciphertext: bytes.toString('base64') }
}

/** GET /v3/certificates. @param {readonly string[]} serials */
export function certificateList(serials) {
  const file = { [serialA]: 'platform-a.cert.pem', [serialB]: 'platform-b.cert.pem' }
  const data = serials.map((serial) => ({
    serial_no: serial,
    effective_time: '2026-01-01T00:00:00+08:00',
    expire_time: '2099-01-01T00:00:00+08:00',
    encrypt_certificate: sealed(fixture(file[serial] ?? ''), 'certificate'),
  }))
  return v3Answer({ data }, serials[0])
}

// ---- whether a request may be believed ----

/** @param {Received} request */
export function isSignedByMerchant(request) {
  if (!request.path.startsWith('/v3/')) {
    const members = membersOf(request.body)
    return members.sign === v2Signature(members, members.sign?.length === 64 ? 'HMAC-SHA256' : 'MD5')
  }
  const said = Object.fromEntries(
    [...(request.headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]),
  )
  const text = `${request.method}\n${request.path}\n${said.timestamp}\n${said.nonce_str}\n${request.body}\n`
  return (
    said.mchid === mchid &&
    said.serial_no?.toUpperCase() === merchant.serial &&
    createVerify('RSA-SHA256')
      .update(text)
      .verify(merchant.certificate, said.signature ?? '', 'base64')
  )
}

// ---- the place ----

/** @type {Received[]} */
export const received = []
/** @type {(request: Received) => Answer} */
let answerer = () => ({})
/** @type {Map<string, 'open' | 'closed' | 'cut'>} */
const doors = new Map()

const server = https.createServer(
  {
    cert: fixture('wechat.cert.pem'),
    key: fixture('wechat.key.pem'),
    // Asked for, and not insisted on: one server is enough for calls with and without it.
    requestCert: true,
    rejectUnauthorized: false,
    ca: fixture('merchant.cert.pem'),
  },
  (request, response) => {
    /** @type {Buffer[]} */
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      const one = {
        host: headers.host ?? '',
        method,
        path,
        headers,
        body: Buffer.concat(chunks).toString('utf8'),
      }
      received.push(one)
      const answer = answerer(one)
      if (answer === 'cut') return request.socket.destroy()
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body)
    })
  },
)
/** Lets nobody finish a handshake. */
const rude = net.createServer((socket) =>
  socket.on('error', () => {}).once('data', () => socket.resetAndDestroy()),
)

const listen = (/** @type {net.Server} */ one) =>
  new Promise((resolve) => one.listen(0, '127.0.0.1', () => resolve(Object(one.address()).port)))
const vacant = net.createServer()
const ports = { open: await listen(server), cut: await listen(rude), closed: await listen(vacant) }
await new Promise((resolve) => vacant.close(resolve))

const { connect } = tls
// Like a hosts file, as in wechat-sandbox/redirect: the certificate is still checked against the name that was asked for.
tls.connect = /** @type {any} */ (
  (/** @type {any} */ options, /** @type {any[]} */ ...more) => {
    const host = options?.host ?? options?.hostname
    if (!/^api2?\.mch\.weixin\.qq\.com$/.test(host)) throw new Error(`${host} is not on this stage`)
    const { host: _, hostname: _too, servername, ca, ...rest } = options
    const port = ports[doors.get(host) ?? 'open']
    const trusted = ca ?? fixture('wechat.cert.pem')
    return connect({ ...rest, host: '127.0.0.1', port, servername: servername || host, ca: trusted }, ...more)
  }
)

/**
 * Plays one scene: what WeChat answers from now on, and whether its hosts can be reached.
 *
 * @param {(request: Received) => Answer} answer
 * @param {{ api?: 'open' | 'closed' | 'cut' }} [state]
 */
export async function play(answer, state = {}) {
  // A connection that was kept would not notice that the door is shut.
  https.globalAgent.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => setTimeout(resolve, 5))
  received.length = 0
  answerer = answer
  doors.set('api.mch.weixin.qq.com', state.api ?? 'open')
  // While the first host is away, the second is as well, unless a scene is about that.
  doors.set('api2.mch.weixin.qq.com', state.api ?? 'open')
}

/** @param {'open' | 'closed'} state */
export function secondHost(state) {
  doors.set('api2.mch.weixin.qq.com', state)
}
