/** @module What may leave us: the rules for configuration and input, checked before anything is sent. */
import type { FundFlowBillQuery, TradeBillQuery } from './bill.ts'
import { fromRfc3339 } from './china-time.ts'
import type { OrderedGoods, PrepayOrder, SubMerchant } from './client.ts'
import { WxpayError, type WxpayErrorCode } from './errors.ts'
import type { AbnormalRefund, RefundOrder } from './refund.ts'

type Refuse = (member: string, expected: string, cause?: unknown) => WxpayError

const refuseWith =
  (code: WxpayErrorCode): Refuse =>
  (member, expected, cause) =>
    new WxpayError(code, `${member} must be ${expected}`, { member, cause })

/** Names the member and what is expected; never repeats the value, which may be a secret or personal. */
export const badInput = refuseWith('ERR_WXPAY_INPUT')

/** Like `badInput`, for what is given once at construction. */
export const badConfig = refuseWith('ERR_WXPAY_CONFIG')

/** What a value must be: a pattern for text or a question, and the words for whoever got it wrong. */
type Rule = readonly [RegExp | ((value: unknown) => boolean), expected: string]

const id = /^[0-9A-Za-z_-]{1,32}$/
const digits = /^[0-9]{1,32}$/
const appidText = 'the id of the mini-program, such as wx8888888888888888'
const mchidText = 'the merchant id, digits only'
const text = 'bytes of UTF-8 text without control characters (see cutUtf8)'
const fen = 'a positive integer of fen'
const instant: Rule = [isInstant, 'a Date or whole milliseconds since the epoch']
const flag = oneOf(true, false)
const given: Rule = [id, '1 to 32 letters or digits, as WeChat Pay gave it']

/** Letters, digits and what else WeChat takes in a number of ours. */
function characters(least: number, most: number, more = ''): Rule {
  const pattern = new RegExp(`^[0-9A-Za-z_${more}-]{${least},${most}}$`)
  return [pattern, `${least} to ${most} characters of 0-9 A-Z a-z _ - ${more}`.trim()]
}

function oneOf(...words: readonly unknown[]): Rule {
  return [(value) => words.includes(value), `one of ${words.join(', ')}`]
}

// Lengths and characters: JSAPI/小程序下单 (https://pay.weixin.qq.com/doc/v3/merchant/4012791897), v2 统一下单, checked
// 2026-11. Where the pages disagree (`@`, minimum length), what both accept. Refunds: 申请退款
// (https://pay.weixin.qq.com/doc/v3/merchant/4013071036), 发起异常退款 (…/4013071193), checked 2026-11.
const rules = {
  outTradeNo: characters(6, 32, '|*'),
  transactionId: given,
  prepayId: [/^[!-%'-~]{1,64}$/, 'what prepay() returned'],
  description: [(value) => isText(value, 127), `1 to 127 ${text}`],
  totalFen: [isPositive, fen],
  currency: oneOf('CNY'),
  payerOpenid: characters(1, 128),
  notifyUrl: [isNotifyUrl, 'an https address of at most 255 characters, without query or user name'],
  timeExpire: instant,
  timeStart: instant,
  attach: characters(0, 64),
  goodsTag: characters(0, 32),
  goods: [isGoods, 'a list of goods with goodsId, quantity and unitPriceFen'],
  // 'Y' or 1 must not be taken for no: the money would be settled, not held.
  profitSharing: flag,
  noCredit: flag,
  invoiceEntry: flag,
  payerClientIp: [isAddress, 'an IPv4 or IPv6 address'],

  outRefundNo: characters(1, 64, '|*@'),
  refundFen: [isPositive, `${fen}, not above totalFen`],
  reason: [(value) => isText(value, 80), `1 to 80 ${text}`],
  fundsAccount: oneOf('AVAILABLE', 'UNSETTLED'),

  refundId: given,
  to: oneOf('merchantBankCard', 'userBankCard'),
  bankType: [/^[0-9A-Z_]{1,16}$/, "WeChat's name of a bank, such as ICBC_DEBIT"],
  bankAccount: [/^[0-9]{8,32}$/, '8 to 32 digits without blanks'],
  // What a key of 2048 bits can carry is 214 bytes.
  realName: [(value) => isText(value, 200), `1 to 200 ${text}`],

  date: [isDay, 'a day such as 2026-11-22'],
  type: oneOf('ALL', 'SUCCESS', 'REFUND'),
  account: oneOf('BASIC', 'OPERATION', 'FEES'),
} as const satisfies Readonly<Record<string, Rule>>

type Member = keyof typeof rules

function isMet([test]: Rule, value: unknown): boolean {
  return typeof test === 'function' ? test(value) : typeof value === 'string' && test.test(value)
}

function assertRule(refuse: Refuse, member: string, value: unknown, rule: Rule): void {
  if (!isMet(rule, value)) throw refuse(member, rule[1])
}

/** @throws WxpayError `ERR_WXPAY_INPUT` unless the member is what its rule says */
export function assertMember(member: Member, value: unknown): void {
  assertRule(badInput, member, value, rules[member])
}

/** The first member that breaks its rule is named; optional ones may be left out. */
function assertMembers(
  input: Readonly<Partial<Record<Member, unknown>>>,
  required: readonly Member[],
  ...optional: readonly Member[]
): void {
  for (const member of required) assertMember(member, input[member])
  for (const member of optional) if (input[member] !== undefined) assertMember(member, input[member])
}

/** Checks every member of an order. */
export function assertPrepayOrder(order: PrepayOrder): void {
  assertMembers(
    order,
    ['outTradeNo', 'description', 'totalFen', 'payerOpenid', 'notifyUrl', 'payerClientIp'],
    'currency',
    'timeExpire',
    'timeStart',
    'attach',
    'goodsTag',
    'goods',
    'profitSharing',
    'noCredit',
    'invoiceEntry',
  )
}

/** Checks every member of a refund. */
export function assertRefundOrder(order: RefundOrder): void {
  assertMembers(
    order,
    [
      'outRefundNo',
      order.outTradeNo === undefined ? 'transactionId' : 'outTradeNo',
      'totalFen',
      'refundFen',
      'notifyUrl',
    ],
    'transactionId',
    'reason',
    'fundsAccount',
  )
  if (order.refundFen > order.totalFen) throw badInput('refundFen', rules.refundFen[1])
}

/** Checks the numbers that a refund is asked for by. */
export function assertRefundNumbers(outRefundNo: string, transactionId: string | undefined): void {
  assertMembers({ outRefundNo, transactionId }, ['outRefundNo'], 'transactionId')
}

/** Checks where an abnormal refund is to go. The values are personal and are never repeated. */
export function assertAbnormalRefund(input: AbnormalRefund): void {
  assertMembers(input, ['refundId', 'outRefundNo', 'to'])
  if (input.to === 'userBankCard') assertMembers(input, ['bankType', 'bankAccount', 'realName'])
}

/** Checks which bill is asked for. */
export function assertBillQuery(query: TradeBillQuery | FundFlowBillQuery): void {
  assertMembers(query, ['date'], 'type', 'account')
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` unless it is text of this form */
export function assertConfig(
  member: string,
  value: unknown,
  pattern: RegExp,
  expected: string,
): asserts value is string {
  assertRule(badConfig, member, value, [pattern, expected])
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` when the ids of app and merchant cannot be right */
export function assertIdentity(config: { readonly appid: string; readonly mchid: string }): void {
  assertConfig('appid', config.appid, id, appidText)
  assertConfig('mchid', config.mchid, digits, mchidText)
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` when the ids of a sub-merchant cannot be right */
export function assertSubMerchant({ mchid, appid }: SubMerchant): void {
  assertConfig('subMerchant.mchid', mchid, digits, mchidText)
  if (appid !== undefined) assertConfig('subMerchant.appid', appid, id, appidText)
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function assertApiV2Key(member: string, key: string): void {
  assertConfig(member, key, /^[!-~]{32}$/, 'the APIv2 key: exactly 32 printable characters')
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function assertApiV3Key(member: string, key: string): void {
  if (typeof key !== 'string' || Buffer.byteLength(key) !== 32) {
    throw badConfig(member, 'the APIv3 key: exactly 32 bytes')
  }
}

/** Reads a whole number between 1 and another. */
export function readWhole(member: string, value: number | undefined, fallback: number, most: number): number {
  if (value === undefined) return fallback
  if (!isWhole(value, 1, most)) throw badConfig(member, `a whole number between 1 and ${most}`)
  return value
}

/** Later than any time, and longer than any wait. */
export const forever = Number.POSITIVE_INFINITY

/** For whoever has all the time in the world: the default of `timeLeftMs`. */
export const unlimited = (): number => forever

/** Reads a number of milliseconds between 1 and an hour. */
export function readTimeout(member: string, value: number | undefined, fallback: number): number {
  return readWhole(member, value, fallback, 3_600_000)
}

/** Reads an origin such as `https://api.mch.weixin.qq.com`; http is taken for loopback hosts only. */
export function readOrigin(member: string, value: string): URL {
  const url = safeUrlOf(value)
  // The same text again: neither path nor query nor anything else is in it.
  if (url?.href !== `${url?.origin}/`) {
    throw badConfig(member, 'an https origin without path, such as https://api.mch.weixin.qq.com')
  }
  return url
}

/** Whether it is a whole number that is neither less nor more. */
export function isWhole(value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
}

function isPositive(value: unknown): boolean {
  return isWhole(value, 1)
}

/** Between 2000 and 9999: seconds given by mistake fall outside. */
function isInstant(value: unknown): boolean {
  return isWhole(value instanceof Date ? value.getTime() : value, 946_684_800_000, 253_370_736_000_000)
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && fromRfc3339(`${value}T00:00:00Z`) !== undefined
}

function isText(value: unknown, maxBytes: number): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    Buffer.byteLength(value) <= maxBytes &&
    value.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    !/[\u0000-\u001f\u007f\ufffe\uffff]/.test(value)
  )
}

function isGoods(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every(
      (one: Readonly<Partial<Record<keyof OrderedGoods, unknown>>> | null | undefined) =>
        isMet(given, one?.goodsId) &&
        isWhole(one?.quantity, 1) &&
        isWhole(one?.unitPriceFen, 0) &&
        (one?.name === undefined || isText(one.name, 256)),
    )
  )
}

let isIP: ((text: string) => number) | undefined

function isAddress(value: unknown): boolean {
  // Loaded by the first order.
  isIP ??= process.getBuiltinModule('node:net').isIP
  // A zone (`fe80::1%eth0`) is a name of this machine's own.
  return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%')
}

// A shop has one or two addresses and many orders. At first it is what nothing equals.
let lastNotifyUrl: unknown = Number.NaN

function isNotifyUrl(value: unknown): boolean {
  if (value === lastNotifyUrl) return true
  // As it is written, because that is what WeChat is sent: URL would mend `https:host`, and drop the `@` of an empty user.
  const isOne =
    safeUrlOf(value) !== undefined &&
    /^(?=.{1,255}$)https?:\/\/[\w.:[\]-]+(?:\/[\w.~!$&'()*+,;=:@%/-]*)?$/i.test(String(value))
  if (isOne) lastNotifyUrl = value
  return isOne
}

/** Text that is an address, taken apart. */
export function urlOf(value: unknown): URL | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
}

/**
 * An https address without user name, or an http one on this very machine. URL has written an IPv4 address in its one form.
 */
function safeUrlOf(value: unknown): URL | undefined {
  const url = urlOf(value)
  const isSafe =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && /^(?:localhost|\[::1\]|127\.[\d.]+)$/.test(url.hostname))
  return isSafe && url.username + url.password === '' ? url : undefined
}
