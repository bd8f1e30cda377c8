/**
 * @module What can be made to go wrong, for which request, notification or payer, and how often.
 */
import { createHash } from 'node:crypto'
import { isRecord, type JsonRecord } from './json.ts'
import type { Store } from './state/store.ts'
import { BOUNDS } from './state/tables.ts'

/** Where a fault strikes: an HTTP request to the sandbox, one sending of a notification, its making, the payer, a refund, a bill. */
type Stage = 'request' | 'attempt' | 'notification' | 'payment-notification' | 'cashier' | 'refund' | 'bill'

const STAGES = {
  'drop-before': ['request'],
  'apply-then-drop': ['request'],
  reset: ['request'],
  delay: ['request', 'attempt'],
  '500': ['request'],
  '429': ['request'],
  'wrong-signature': ['request', 'attempt'],
  unsigned: ['request', 'attempt'],
  probe: ['request', 'attempt'],
  'stale-timestamp': ['request', 'attempt'],
  'other-order-body': ['request', 'attempt'],
  'public-key-ramp': ['request', 'attempt'],
  'public-key-rollback': ['request', 'attempt'],
  'lose-notification': ['notification'],
  'hold-notification': ['notification'],
  'reorder-notification': ['notification'],
  'duplicate-notification': ['notification'],
  'unsigned-notification': ['attempt'],
  'forged-notification': ['attempt'],
  'ambiguous-v2': ['payment-notification'],
  'wrong-amount': ['cashier'],
  'pay-after-close': ['cashier'],
  'second-payment': ['cashier'],
  'refund-abnormal': ['refund'],
  'refund-closed': ['refund'],
  'hold-refund': ['refund'],
  'not-enough': ['refund'],
  'user-account-abnormal': ['refund'],
  'frequency-limited': ['refund'],
  'bill-not-ready': ['bill'],
  'bill-damaged': ['bill'],
  'bill-cut': ['bill'],
  'bill-missing-row': ['bill'],
  'bill-extra-row': ['bill'],
  'bill-duplicate-row': ['bill'],
  'bill-wrong-amount': ['bill'],
  'bill-wrong-status': ['bill'],
} as const satisfies Record<string, readonly Stage[]>

export type FaultName = keyof typeof STAGES
export const FAULT_NAMES = Object.keys(STAGES).filter(isFaultName)

export interface FaultMatch {
  /** Path of the request (for a notification: of its notify_url); a trailing `*` matches any ending. */
  readonly path?: string
  readonly outTradeNo?: string
  readonly outRefundNo?: string
}

export interface FaultRecord {
  readonly id: string
  readonly match: FaultMatch
  readonly fault: FaultName
  /** How often it still strikes; null = standing. */
  readonly times: number | null
  /** Chance of striking each time it matches, 0..1. */
  readonly rate: number
  readonly seed: string
  /** `delay`: how long. */
  readonly ms: number
  /** `delay`, `500`, `429`, `frequency-limited`, `not-enough`: whether the request still takes effect. */
  readonly applied: boolean
  /** Faults that fit both: strike requests or notifications. */
  readonly on: 'request' | 'notification'
  /** `duplicate-notification`: how many of each sending. */
  readonly copies: number
  /** `wrong-amount`, `bill-wrong-amount`, `bill-extra-row`: what is paid (or said) instead; null = one fen more. */
  readonly amountFen: number | null
  /** `wrong-amount`: the currency stated instead. */
  readonly currency: string | null
  /** `ambiguous-v2`: the attach of the notice. */
  readonly attach: string
  readonly matched: number
  readonly struck: number
}

export interface FaultSubject {
  readonly path?: string | undefined
  readonly outTradeNo?: string | undefined
  readonly outRefundNo?: string | undefined
}

export interface FaultBook {
  /** The first fault that matches and strikes now (of this name, when one is given); its use is on file already. */
  take(stage: Stage, subject: FaultSubject, name?: FaultName): FaultRecord | undefined
  add(fault: Omit<FaultRecord, 'id' | 'matched' | 'struck'>): string
  remove(id: string): boolean
  list(): FaultRecord[]
  isFull(): boolean
}

export function openFaults(store: Store, newId: () => string): FaultBook {
  return {
    take(stage, subject, name) {
      for (const fault of store.all('fault')) {
        if (name !== undefined && fault.fault !== name) continue
        if (!strikesAt(fault, stage) || !matches(fault.match, subject)) continue
        const strikes = chance(fault.seed, fault.matched) < fault.rate
        const used = { ...fault, matched: fault.matched + 1, struck: fault.struck + (strikes ? 1 : 0) }
        const left = strikes && fault.times !== null ? fault.times - 1 : fault.times
        store.commit([{ table: 'fault', id: fault.id, value: left === 0 ? null : { ...used, times: left } }])
        if (strikes) return fault
      }
      return undefined
    },
    add(fault) {
      const id = newId()
      store.commit([{ table: 'fault', id, value: { ...fault, id, matched: 0, struck: 0 } }])
      return id
    },
    remove(id) {
      if (store.get('fault', id) === undefined) return false
      store.commit([{ table: 'fault', id, value: null }])
      return true
    },
    list: () => [...store.all('fault')],
    isFull: () => store.size('fault') >= BOUNDS.faults,
  }
}

function strikesAt(fault: FaultRecord, stage: Stage): boolean {
  const stages: readonly Stage[] = STAGES[fault.fault]
  if (!stages.includes(stage)) return false
  if (stages.length === 1) return true
  return fault.on === 'notification' ? stage === 'attempt' : stage === 'request'
}

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  if (match.outTradeNo !== undefined && match.outTradeNo !== subject.outTradeNo) return false
  if (match.outRefundNo !== undefined && match.outRefundNo !== subject.outRefundNo) return false
  if (match.path === undefined) return true
  if (subject.path === undefined) return false
  return match.path.endsWith('*')
    ? subject.path.startsWith(match.path.slice(0, -1))
    : subject.path === match.path
}

// Stateless, so that the same seed gives the same series after a restart too.
function chance(seed: string, draw: number): number {
  return createHash('sha256').update(`${seed}:${draw}`).digest().readUInt32BE(0) / 2 ** 32
}

export function isFaultName(name: unknown): name is FaultName {
  return typeof name === 'string' && Object.hasOwn(STAGES, name)
}

/** Reads a fault from the control API's JSON; the message of a refusal names the member. */
export function parseFault(
  body: JsonRecord,
): { ok: true; fault: Omit<FaultRecord, 'id' | 'matched' | 'struck'> } | { ok: false; message: string } {
  const refuse = (message: string) => ({ ok: false as const, message })
  const known = [
    'match',
    'fault',
    'times',
    'rate',
    'seed',
    'ms',
    'applied',
    'on',
    'copies',
    'amountFen',
    'currency',
    'attach',
  ]
  const unknown = Object.keys(body).find((name) => !known.includes(name))
  if (unknown !== undefined)
    return refuse(`${unknown} is no member of a fault; known are ${known.join(', ')}`)
  if (!isFaultName(body.fault)) return refuse(`fault must be one of ${FAULT_NAMES.join(', ')}`)
  const match = body.match ?? {}
  const matchable = ['path', 'outTradeNo', 'outRefundNo']
  if (!isRecord(match) || Object.keys(match).some((name) => !matchable.includes(name))) {
    return refuse('match must be an object of path, outTradeNo and outRefundNo')
  }
  const { path, outTradeNo, outRefundNo } = match
  if (path !== undefined && (typeof path !== 'string' || !path.startsWith('/')))
    return refuse('match.path must start with /')
  if (outTradeNo !== undefined && typeof outTradeNo !== 'string')
    return refuse('match.outTradeNo must be a string')
  if (outRefundNo !== undefined && typeof outRefundNo !== 'string')
    return refuse('match.outRefundNo must be a string')
  const { times, rate, seed = '0', ms = 1_000, applied, on = 'request', copies = 2, amountFen = null } = body
  const { currency = null, attach = 'a&total_fee=1' } = body
  if (times !== undefined && !isWholeNumber(times, 1, 1_000_000))
    return refuse('times must be a whole number from 1')
  if (rate !== undefined && !(typeof rate === 'number' && rate >= 0 && rate <= 1))
    return refuse('rate must be a number from 0 to 1')
  if (typeof seed !== 'string' && typeof seed !== 'number') return refuse('seed must be a string or a number')
  if (!isWholeNumber(ms, 0, 600_000)) return refuse('ms must be a whole number up to 600000')
  if (applied !== undefined && typeof applied !== 'boolean') return refuse('applied must be true or false')
  if (on !== 'request' && on !== 'notification') return refuse('on must be request or notification')
  if (!isWholeNumber(copies, 2, 50)) return refuse('copies must be a whole number from 2 to 50')
  if (amountFen !== null && !isWholeNumber(amountFen, 1, 10_000_000_000))
    return refuse('amountFen must be whole fen from 1')
  if (currency !== null && typeof currency !== 'string') return refuse('currency must be a string')
  if (typeof attach !== 'string' || attach.length > 128)
    return refuse('attach must be a string of at most 128')
  return {
    ok: true,
    fault: {
      match: {
        ...(path === undefined ? {} : { path }),
        ...(outTradeNo === undefined ? {} : { outTradeNo }),
        ...(outRefundNo === undefined ? {} : { outRefundNo }),
      },
      fault: body.fault,
      // A rate without a number of times is a standing fault; otherwise once.
      times: times ?? (rate === undefined ? 1 : null),
      rate: rate ?? 1,
      seed: String(seed),
      ms,
      // A slow answer to a request that took effect is the dangerous kind; an error usually means nothing happened.
      applied: applied ?? body.fault === 'delay',
      on,
      copies,
      amountFen,
      currency,
      attach,
    },
  }
}

export function isWholeNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}
