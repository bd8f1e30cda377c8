/** @module What may leave us: the rules for configuration and input, checked before anything is sent. */
import type * as Net from 'node:net'
import { fromRfc3339 } from './china-time.ts'
import type { PrepayOrder, SubMerchant } from './client.ts'
import { WxpayError } from './errors.ts'
import type { AbnormalRefund, RefundOrder } from './refund.ts'

type Refuse = (member: string, expected: string) => WxpayError

/** Names the member and what is expected; never repeats the value, which may be a secret or personal. */
export const badInput: Refuse = (member, expected) =>
  new WxpayError('ERR_WXPAY_INPUT', `${member} must be ${expected}`, { member })

/** Like `badInput`, for what is given once at construction. */
export const badConfig: Refuse = (member, expected) =>
  new WxpayError('ERR_WXPAY_CONFIG', `${member} must be ${expected}`, { member })

// Lengths and characters: JSAPI/小程序下单 (https://pay.weixin.qq.com/doc/v3/merchant/4012791897), v2 统一下单, checked
// 2026-11. Where the pages disagree (`@`, minimum length), what both accept. Refunds: 申请退款
// (https://pay.weixin.qq.com/doc/v3/merchant/4013071036), 发起异常退款 (…/4013071193), checked 2026-11.
const patterns = {
  outTradeNo: [/^[0-9A-Za-z_\-|*]{6,32}$/, '6 to 32 characters of 0-9 A-Z a-z _ - | *'],
  transactionId: [/^[0-9A-Za-z_-]{1,32}$/, '1 to 32 letters or digits'],
  outRefundNo: [/^[0-9A-Za-z_\-|*@]{1,64}$/, '1 to 64 characters of 0-9 A-Z a-z _ - | * @'],
  refundId: [/^[0-9A-Za-z_-]{1,32}$/, '1 to 32 letters or digits, as refund() or queryRefund() returned it'],
  bankType: [/^[0-9A-Z_]{1,16}$/, "WeChat's name of a bank, such as ICBC_DEBIT"],
  bankAccount: [/^[0-9]{8,32}$/, '8 to 32 digits without blanks'],
  payerOpenid: [/^[0-9A-Za-z_-]{1,128}$/, '1 to 128 characters of 0-9 A-Z a-z _ -'],
  attach: [/^[A-Za-z0-9_-]{0,64}$/, 'at most 64 characters of 0-9 A-Z a-z _ - (made by the server)'],
  goodsTag: [/^[0-9A-Za-z_-]{0,32}$/, 'at most 32 characters of 0-9 A-Z a-z _ -'],
  prepayId: [/^[!-%'-~]{1,64}$/, '1 to 64 printable ASCII characters, as prepay() returned it'],
} as const

function assertPattern(member: keyof typeof patterns, value: unknown): void {
  const [pattern, expected] = patterns[member]
  if (typeof value !== 'string' || !pattern.test(value)) throw badInput(member, expected)
}

/** @throws WxpayError `ERR_WXPAY_INPUT` */
export function assertOutTradeNo(value: unknown): void {
  assertPattern('outTradeNo', value)
}

/** @throws WxpayError `ERR_WXPAY_INPUT` */
export function assertTransactionId(value: unknown): void {
  assertPattern('transactionId', value)
}

/** @throws WxpayError `ERR_WXPAY_INPUT` */
export function assertPrepayId(value: unknown): void {
  assertPattern('prepayId', value)
}

/** @throws WxpayError `ERR_WXPAY_INPUT` */
export function assertOutRefundNo(value: unknown): void {
  assertPattern('outRefundNo', value)
}

/** Checks every member of an order; the first that breaks a rule is named. */
export function assertPrepayOrder(order: PrepayOrder): void {
  assertPattern('outTradeNo', order.outTradeNo)
  assertText('description', order.description, 127)
  assertTotalFen(order.totalFen)
  if (order.currency !== undefined && order.currency !== 'CNY') throw badInput('currency', "'CNY'")
  assertPattern('payerOpenid', order.payerOpenid)
  assertNotifyUrl(order.notifyUrl)
  if (order.timeExpire !== undefined) instantOf('timeExpire', order.timeExpire)
  if (order.timeStart !== undefined) instantOf('timeStart', order.timeStart)
  if (order.attach !== undefined) assertPattern('attach', order.attach)
  if (order.goodsTag !== undefined) assertPattern('goodsTag', order.goodsTag)
  if (
    typeof order.payerClientIp !== 'string' ||
    !isIp(order.payerClientIp) ||
    order.payerClientIp.length > 45
  ) {
    throw badInput('payerClientIp', 'an IPv4 or IPv6 address')
  }
}

let net: Pick<typeof Net, 'isIP'> | undefined

function isIp(value: string): boolean {
  // Loaded by the first order.
  net ??= process.getBuiltinModule('node:net')
  return net.isIP(value) !== 0
}

/** Checks every member of a refund; the first that breaks a rule is named. */
export function assertRefundOrder(order: RefundOrder): void {
  assertPattern('outRefundNo', order.outRefundNo)
  assertPattern('transactionId', order.transactionId)
  if (order.outTradeNo !== undefined) assertPattern('outTradeNo', order.outTradeNo)
  assertTotalFen(order.totalFen)
  const { refundFen } = order
  if (!Number.isSafeInteger(refundFen) || refundFen < 1 || refundFen > order.totalFen) {
    throw badInput('refundFen', 'a positive integer of fen, not above totalFen')
  }
  if (order.reason !== undefined) assertText('reason', order.reason, 80)
  if (order.fundsAccount !== undefined && !['AVAILABLE', 'UNSETTLED'].includes(order.fundsAccount)) {
    throw badInput('fundsAccount', "'AVAILABLE' or 'UNSETTLED'")
  }
  assertNotifyUrl(order.notifyUrl)
}

/** Checks where an abnormal refund is to go. The values are personal and are never repeated. */
export function assertAbnormalRefund(input: AbnormalRefund): void {
  assertPattern('refundId', input.refundId)
  assertPattern('outRefundNo', input.outRefundNo)
  if (input.to === 'merchantBankCard') return
  if (input.to !== 'userBankCard') throw badInput('to', "'merchantBankCard' or 'userBankCard'")
  assertPattern('bankType', input.bankType)
  assertPattern('bankAccount', input.bankAccount)
  // What a key of 2048 bits can carry is 214 bytes.
  assertText('realName', input.realName, 200)
}

function assertTotalFen(value: unknown): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw badInput('totalFen', 'a positive integer of fen')
  }
}

/** Epoch milliseconds of a Date or number between 2000 and 9999 (seconds given by mistake fall outside). */
export function instantOf(member: string, value: Date | number): number {
  const epochMs = value instanceof Date ? value.getTime() : value
  if (!Number.isSafeInteger(epochMs) || epochMs < 946_684_800_000 || epochMs > 253_370_736_000_000) {
    throw badInput(member, 'a Date or whole milliseconds since the epoch')
  }
  return epochMs
}

function assertText(member: string, value: unknown, maxBytes: number): void {
  if (
    typeof value !== 'string' ||
    value === '' ||
    Buffer.byteLength(value, 'utf8') > maxBytes ||
    !value.isWellFormed() ||
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /[\u0000-\u001f\u007f\ufffe\uffff]/.test(value)
  ) {
    throw badInput(member, `1 to ${maxBytes} bytes of UTF-8 text without control characters (see cutUtf8)`)
  }
}

// A shop has one or two addresses and many orders.
let lastNotifyUrl: unknown

function assertNotifyUrl(value: unknown): void {
  if (value !== undefined && value === lastNotifyUrl) return
  const url = typeof value === 'string' && /^[!-~]{1,255}$/.test(value) ? parseUrl(value) : undefined
  if (
    url === undefined ||
    !isSafeOrigin(url) ||
    url.username !== '' ||
    url.password !== '' ||
    /[?#]/.test(String(value))
  ) {
    throw badInput('notifyUrl', 'an https address of at most 255 characters, without query or user name')
  }
  lastNotifyUrl = value
}

/** Reads an origin such as `https://api.mch.weixin.qq.com`; http is taken for loopback hosts only. */
export function readOrigin(member: string, value: string): URL {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  if (
    url === undefined ||
    !isSafeOrigin(url) ||
    url.username !== '' ||
    url.password !== '' ||
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw badConfig(member, 'an https origin without path, such as https://api.mch.weixin.qq.com')
  }
  return url
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` when the ids of app and merchant cannot be right */
export function assertIdentity(config: { readonly appid: string; readonly mchid: string }): void {
  if (typeof config.appid !== 'string' || !/^[0-9A-Za-z_-]{1,32}$/.test(config.appid)) {
    throw badConfig('appid', 'the id of the mini-program, such as wx8888888888888888')
  }
  if (typeof config.mchid !== 'string' || !/^[0-9]{1,32}$/.test(config.mchid)) {
    throw badConfig('mchid', 'the merchant id, digits only')
  }
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` when the ids of a sub-merchant cannot be right */
export function assertSubMerchant(sub: SubMerchant): void {
  if (typeof sub.mchid !== 'string' || !/^[0-9]{1,32}$/.test(sub.mchid)) {
    throw badConfig('subMerchant.mchid', "the sub-merchant's id, digits only")
  }
  if (sub.appid !== undefined && !/^[0-9A-Za-z_-]{1,32}$/.test(sub.appid)) {
    throw badConfig('subMerchant.appid', "the id of the sub-merchant's own mini-program, or left out")
  }
}

/** A day of a bill: `2026-11-22`, one that exists. */
export function assertBillDate(date: unknown): void {
  const isDay = typeof date === 'string' && fromRfc3339(`${date}T00:00:00Z`) !== undefined
  if (!isDay) throw badInput('date', 'a day such as 2026-11-22')
}

/** @throws WxpayError `ERR_WXPAY_INPUT` unless the value is one of the words */
export function assertOneOf(member: string, value: unknown, words: readonly string[]): void {
  if (typeof value !== 'string' || !words.includes(value))
    throw badInput(member, `one of ${words.join(', ')}`)
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function assertApiV2Key(member: string, key: string): void {
  if (typeof key !== 'string' || !/^[!-~]{32}$/.test(key)) {
    throw badConfig(member, 'the APIv2 key: exactly 32 printable characters')
  }
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function assertApiV3Key(member: string, key: string): void {
  if (typeof key !== 'string' || Buffer.byteLength(key, 'utf8') !== 32) {
    throw badConfig(member, 'the APIv3 key: exactly 32 bytes')
  }
}

/** Reads a number of milliseconds between 1 and an hour. */
export function readTimeout(member: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!Number.isSafeInteger(value) || value < 1 || value > 3_600_000) {
    throw badConfig(member, 'whole milliseconds between 1 and 3600000')
  }
  return value
}

function isSafeOrigin(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
