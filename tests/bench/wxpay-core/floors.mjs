/** @module The floors: the same work by hand, with nothing checked. Nobody should use them for anything else. */
import crypto, {
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  createVerify,
} from 'node:crypto'
import { apiV3Key, mchid, merchant, platform, v2Key } from './subjects.mjs'

const suffix = `&key=${v2Key}`
const hmacKey = createSecretKey(v2Key, 'utf8')
const md5 = (/** @type {string} */ text) => crypto.hash('md5', text, 'hex')

/**
 * Members that are there and known, in the order of the signature: one string, one hash.
 *
 * @param {Readonly<Record<string, unknown>>} members
 */
export function joined(members) {
  let text = ''
  for (const name of Object.keys(members).sort()) text += `${text === '' ? '' : '&'}${name}=${members[name]}`
  return text
}

/** @param {Readonly<Record<string, unknown>>} members */
export const signMd5 = (members) => md5(joined(members) + suffix).toUpperCase()

/** @param {Readonly<Record<string, unknown>>} members */
export const signHmac = (members) =>
  crypto
    .createHmac('sha256', hmacKey)
    .update(joined(members) + suffix)
    .digest('hex')
    .toUpperCase()

/**
 * One pass over the sorted names: text to sign and XML.
 *
 * @param {Readonly<Record<string, unknown>>} members
 */
export function requestText(members) {
  const all = Object.assign({}, members, { nonce_str: crypto.randomBytes(16).toString('hex') })
  let text = ''
  let xml = '<xml>'
  for (const name of Object.keys(all).sort()) {
    const value = /** @type {Record<string, unknown>} */ (all)[name]
    text += `${text === '' ? '' : '&'}${name}=${value}`
    xml += `<${name}><![CDATA[${value}]]></${name}>`
  }
  return `${xml}<sign><![CDATA[${md5(text + suffix).toUpperCase()}]]></sign></xml>`
}

/** @param {Readonly<Record<string, unknown>>} members */
export const requestBody = (members) => Buffer.from(requestText(members))

/**
 * A flat scanner in one pass: every element must open, hold one CDATA section and close under its own name. It asks nothing
 * about encoding, characters, names or duplicates.
 *
 * @param {Uint8Array} bytes
 */
export function scan(bytes) {
  const text = /** @type {Buffer} */ (bytes).toString('utf8')
  /** @type {Map<string, string>} */
  const members = new Map()
  let at = text.indexOf('<', 1)
  while (text.charCodeAt(at + 1) !== 0x2f) {
    const nameEnd = text.indexOf('>', at)
    const name = text.slice(at + 1, nameEnd)
    const valueEnd = text.indexOf(']]>', nameEnd)
    if (!text.startsWith('<![CDATA[', nameEnd + 1) || !text.startsWith(`</${name}>`, valueEnd + 3))
      return null
    members.set(name, text.slice(nameEnd + 10, valueEnd))
    at = text.indexOf('<', valueEnd + name.length + 6)
  }
  return members
}

/** @param {Uint8Array} bytes @param {(text: string) => string} hash */
function verified(bytes, hash) {
  const members = scan(bytes)
  if (members === null) return null
  let text = ''
  // As it is written, `sign` left out: WeChat sends its members in order.
  for (const [name, value] of members)
    if (name !== 'sign') text += `${text === '' ? '' : '&'}${name}=${value}`
  return hash(text + suffix).toUpperCase() === members.get('sign') ? members : null
}

/** @param {Uint8Array} bytes */
export const openPaidMd5 = (bytes) => verified(bytes, md5)

/** @param {Uint8Array} bytes */
export const openPaidHmac = (bytes) =>
  verified(bytes, (text) => crypto.createHmac('sha256', hmacKey).update(text).digest('hex'))

/**
 * Answers to calls are not in order, unlike notifications.
 *
 * @param {Uint8Array} bytes
 */
export function openAnswerMd5(bytes) {
  const { sign, ...members } = Object.fromEntries(scan(bytes) ?? [])
  return signMd5(members) === sign ? members : null
}

const reqInfoKey = createSecretKey(md5(v2Key), 'utf8')

/** @param {Uint8Array} bytes */
export function openRefund(bytes) {
  const decipher = createDecipheriv('aes-256-ecb', reqInfoKey, null)
  const sealed = Buffer.from(scan(bytes)?.get('req_info') ?? '', 'base64')
  return scan(Buffer.concat([decipher.update(sealed), decipher.final()]))
}

const privateKey = createPrivateKey(merchant.privateKey)
const publicKey = createPublicKey(platform.publicKey)
const gcmKey = createSecretKey(apiV3Key, 'utf8')
const { serial } = merchant

/** @param {string} text */
export const rsa = (text) => crypto.sign('sha256', Buffer.from(text), privateKey).toString('base64')

/** @param {string} body */
export function authorization(body) {
  const time = Math.floor(Date.now() / 1000)
  const nonce = crypto.randomBytes(16).toString('hex')
  const signature = rsa(`POST\n/v3/pay/transactions/jsapi\n${time}\n${nonce}\n${body}\n`)
  return `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}",nonce_str="${nonce}",signature="${signature}",timestamp="${time}",serial_no="${serial}"`
}

/**
 * Verified, decrypted, parsed, and put into the shop's words.
 *
 * @param {{ body: Buffer, timestamp: string, nonce: string, signature: string }} notice
 */
export function openV3(notice) {
  const verify = createVerify('RSA-SHA256')
    .update(`${notice.timestamp}\n${notice.nonce}\n`)
    .update(notice.body)
  if (!verify.update('\n').verify(publicKey, notice.signature, 'base64')) return null
  const { id, event_type, resource } = JSON.parse(notice.body.toString('utf8'))
  const sealed = Buffer.from(resource.ciphertext, 'base64')
  const decipher = createDecipheriv('aes-256-gcm', gcmKey, resource.nonce)
  decipher.setAuthTag(sealed.subarray(-16)).setAAD(Buffer.from(resource.associated_data))
  const told = JSON.parse(
    decipher.update(sealed.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8'),
  )
  const trade = {
    appid: told.appid,
    mchid: told.mchid,
    outTradeNo: told.out_trade_no,
    transactionId: told.transaction_id,
    tradeType: told.trade_type,
    tradeState: told.trade_state,
    payerOpenid: told.payer.openid,
    totalFen: told.amount.total,
    payerTotalFen: told.amount.payer_total,
    currency: told.amount.currency,
    attach: told.attach,
    bankType: told.bank_type,
    successAt: Date.parse(told.success_time),
    coupons: told.promotion_detail.map((/** @type {Record<string, unknown>} */ coupon) => ({
      couponId: coupon.coupon_id,
      amountFen: coupon.amount,
      name: coupon.name,
      scope: coupon.scope,
      type: coupon.type,
      stockId: coupon.stock_id,
    })),
  }
  return { id, paid: event_type === 'TRANSACTION.SUCCESS' && trade.tradeState === 'SUCCESS', trade }
}

/** @param {{ headers: import('node:http').IncomingHttpHeaders, body: Buffer }} answer */
export function verifyAnswer({ headers, body }) {
  const head = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n`
  const verify = createVerify('RSA-SHA256').update(head).update(body).update('\n')
  if (!verify.verify(publicKey, String(headers['wechatpay-signature']), 'base64')) return null
  return JSON.parse(body.toString('utf8'))
}

export { privateKey, publicKey }
