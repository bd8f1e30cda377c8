/** @module One error class whose code decides its outcome, so that "the money may have moved" cannot be mislabelled. */
import { presentOf } from './present.ts'

/**
 * What is known about the effect of a call.
 *
 * - `not-sent`: nothing left this process (or, for a notification, nothing was believed). Safe to drop.
 * - `rejected`: WeChat Pay said no. Nothing moved under this number.
 * - `unknown`: the request may have been carried out. Ask (query) before anything else, and if it has to be
 *   sent again, send the same number with the same parameters.
 */
export type WxpayOutcome = 'not-sent' | 'rejected' | 'unknown'

const notSent = 'not-sent'
const unknown = 'unknown'

/** Every error code with its outcome. The table is the type: no code can be built with another outcome. */
export const wxpayOutcomes = {
  /**
   * A key, certificate, URL or id in the configuration is wrong. Thrown at construction; a v2 `refund()` or
   * `fundFlowBill()` without `certPem`, and an `applyAbnormalRefund()` without a key of WeChat Pay, are noticed at the call.
   */
  ERR_WXPAY_CONFIG: notSent,
  /** A member of the input breaks WeChat's rules; `member` names it. */
  ERR_WXPAY_INPUT: notSent,
  /** The client was destroyed before the call was sent. */
  ERR_WXPAY_DESTROYED: notSent,
  /** Too many refunds are under way or have just failed: WeChat blocks above 6 failing ones a second. Later again. */
  ERR_WXPAY_HELD_BACK: notSent,
  /**
   * No connection: DNS, TCP, TLS or its time-out, or no time left to try (`timeLeftMs`). Not one byte of the request left.
   * Also an `applyAbnormalRefund()` for which the platform certificates could not be fetched just now; `cause` says why.
   */
  ERR_WXPAY_CONNECT: notSent,

  /** No complete answer in time. */
  ERR_WXPAY_TIMEOUT: unknown,
  /** The connection was cut after the request had been written. */
  ERR_WXPAY_CONNECTION_LOST: unknown,
  /** The answer's signature is missing, wrong, a probe, out of the clock window, or by a key we do not know. */
  ERR_WXPAY_ANSWER_SIGNATURE: unknown,
  /** The answer is not what the protocol describes. */
  ERR_WXPAY_ANSWER_MALFORMED: unknown,
  /** The answer is larger than any answer of this protocol. */
  ERR_WXPAY_ANSWER_TOO_LARGE: unknown,
  /** A genuine answer about another trade, refund, app or merchant, or another amount. */
  ERR_WXPAY_ANSWER_MISMATCH: unknown,
  /** A bill that is cut off, does not fit its hash or is not in the documented form. Nothing of it may be counted. */
  ERR_WXPAY_BILL_CORRUPT: unknown,
  /** A redirect. Never followed: it would carry the signed request to a stranger. */
  ERR_WXPAY_REDIRECTED: unknown,
  /** HTTP 5xx or 202, SYSTEM_ERROR, SYSTEMERROR, BIZERR_NEED_RETRY: same number, same parameters, later. */
  ERR_WXPAY_SERVER: unknown,
  /** HTTP 429, FREQUENCY_LIMITED: slow down. WeChat may have accepted the request all the same. */
  ERR_WXPAY_RATE_LIMITED: unknown,

  /** WeChat Pay refused; read `apiCode`. `verified` tells whether the refusal was signed. */
  ERR_WXPAY_REFUSED: 'rejected',

  /** A `Wechatpay-*` header is missing, empty or sent twice. */
  ERR_WXPAY_NOTIFY_HEADER: notSent,
  /** The timestamp is not integer seconds, or 300 s or more away from our clock in either direction. */
  ERR_WXPAY_NOTIFY_TIMESTAMP: notSent,
  /** Signed by a key we do not know, or by an expired certificate. */
  ERR_WXPAY_NOTIFY_SERIAL: notSent,
  /** The signature does not fit the bytes, or there is none. */
  ERR_WXPAY_NOTIFY_SIGNATURE: notSent,
  /** WeChat's own test of our verification (WECHATPAY/SIGNTEST/). Refuse, but do not raise an alarm. */
  ERR_WXPAY_NOTIFY_PROBE: notSent,
  /** The key does not open it: the APIv3 key a signed v3 one, the APIv2 key a v2 refund notification. */
  ERR_WXPAY_NOTIFY_DECRYPT: notSent,
  /** Not a notification of either protocol. */
  ERR_WXPAY_NOTIFY_MALFORMED: notSent,
  /** About another app or merchant. */
  ERR_WXPAY_NOTIFY_MISMATCH: notSent,
  /** Of another kind than the one asked for (for example a refund notification on the payment address). */
  ERR_WXPAY_NOTIFY_KIND: notSent,
  /** A notification of a protocol for which the reader has no keys. */
  ERR_WXPAY_NOTIFY_NOT_CONFIGURED: notSent,
} as const satisfies Record<`ERR_WXPAY_${string}`, WxpayOutcome>

/** Closed union of everything that can go wrong here. */
export type WxpayErrorCode = keyof typeof wxpayOutcomes

/** The codes that carry a given outcome, for exhaustive handling. */
export type WxpayErrorCodeOf<O extends WxpayOutcome> = {
  [C in WxpayErrorCode]: (typeof wxpayOutcomes)[C] extends O ? C : never
}[WxpayErrorCode]

/** What may be known beside the code. Never a key, never a whole body. */
export interface WxpayErrorDetails {
  /** The member of the input or configuration that is wrong. */
  readonly member?: string | undefined
  /** WeChat's `code` (v3) or `err_code` (v2). */
  readonly apiCode?: string | undefined
  /** WeChat's `message`, `err_code_des` or `return_msg`. For people; never branch on it. */
  readonly apiMessage?: string | undefined
  /** WeChat's `Request-ID`; its support asks for it. */
  readonly requestId?: string | undefined
  /** The status that WeChat answered with, when it did. */
  readonly httpStatus?: number | undefined
  /** Whether WeChat's signature covered the refusal. v3 answers 4xx and v2 `return_code` FAIL are never signed. */
  readonly verified?: boolean | undefined
  /** What it was made of, such as an error of the network. */
  readonly cause?: unknown
}

const detailNames = ['member', 'apiCode', 'apiMessage', 'requestId', 'httpStatus', 'verified'] as const

// Not a member that has a type: the types of the two copies are to stay the same.
const brand = Symbol.for('wxpay-core.WxpayError')

/**
 * Thrown by every function of this package. Branch on `outcome` first, on `code` second, on `apiCode` third.
 *
 * @example
 * ```ts
 * import { WxpayError } from 'wxpay-core'
 *
 * export function mayHaveMovedMoney(error: unknown): boolean {
 *   return !(error instanceof WxpayError) || error.outcome === 'unknown'
 * }
 * ```
 */
export class WxpayError<C extends WxpayErrorCode = WxpayErrorCode> extends Error {
  /**
   * Knows the errors of every copy of this package: who imports it and who requires it have one each in the same process, and
   * "the money may have moved" must not be lost between the two.
   */
  static override [Symbol.hasInstance](value: unknown): value is WxpayError {
    // biome-ignore lint/complexity/noThisInStatic: a class made of this one is asked about its own errors
    return super[Symbol.hasInstance](value) || (this === WxpayError && brand in Object(value))
  }

  /** Always `WxpayError`. */
  override readonly name = 'WxpayError'
  /** What went wrong, of a closed list. */
  declare readonly code: C
  /** What is known about the effect: follows from the code. */
  declare readonly outcome: (typeof wxpayOutcomes)[C]
  /** The member of the input or configuration that is wrong. */
  declare readonly member?: string
  /** WeChat's `code` (v3) or `err_code` (v2). */
  declare readonly apiCode?: string
  /** WeChat's own sentence, for people; never branch on it. */
  declare readonly apiMessage?: string
  /** WeChat's `Request-ID`; its support asks for it. */
  declare readonly requestId?: string
  /** The status that WeChat answered with, when it did. */
  declare readonly httpStatus?: number
  /** Whether WeChat's signature covered the refusal. */
  declare readonly verified?: boolean

  constructor(code: C, message: string, details: WxpayErrorDetails = {}) {
    const { cause } = details
    super(message, cause === undefined ? undefined : { cause })
    Object.defineProperty(this, brand, { value: true })
    // By name: what is handed over may hold more, such as the answer.
    const known = Object.fromEntries(detailNames.map((name) => [name, details[name]]))
    Object.assign(this, { code, outcome: wxpayOutcomes[code] }, presentOf(known))
  }
}

/** Whether a call ended before a byte of it could leave: another host, or a later try, begins anew. */
export function isUnconnected(error: unknown): boolean {
  return error instanceof WxpayError && error.code === 'ERR_WXPAY_CONNECT'
}
