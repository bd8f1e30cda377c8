/**
 * @module What every part of the sandbox shares: identity, memory, clock, faults and the numbers it gives out.
 */
import { randomUUID } from 'node:crypto'
import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import type { FaultBook } from './faults.ts'
import type { Identity } from './identity/identity.ts'
import type { PlatformKeys } from './identity/platform-keys.ts'
import { DIGITS, HEX, randomText } from './identity/random-text.ts'
import type { Journal } from './journal/journal.ts'
import type { RateLimits } from './rate-limits.ts'
import type { Store } from './state/store.ts'
import { toCompactTime } from './time.ts'

/** Events for whoever runs the sandbox; never keys or bodies. */
export type Log = (event: string, fields: Readonly<Record<string, unknown>>) => void

export interface Core {
  readonly identity: Identity
  readonly store: Store
  readonly clock: Clock
  readonly faults: FaultBook
  readonly log: Log
  readonly platform: PlatformKeys
  readonly journal: Journal
  readonly changes: Changes
  readonly limits: RateLimits
  /** false imitates a merchant created since October 2024, who has no platform certificate. */
  readonly hasPlatformCertificate: boolean
  /** WeChat's share of a payment in hundredths of a percent, taken at settlement. */
  readonly feeBasisPoints: number
  /** Where refunds started in the merchant platform are announced; null = beside the trade's own notify_url. */
  readonly merchantRefundUrl: string | null
  /** v2: how long an order can't be closed (订单生成后不能马上调用关单接口); 0 where the newer pages are believed. */
  readonly closableAfterMs: number
  /** How long after a payment api.weixin.qq.com learns of it (shipping information). */
  readonly orderIngestMs: number
}

export const newNumber = {
  prepayId: (now: number): string => `wx${toCompactTime(now)}${randomText(20, HEX)}`,
  transactionId: (now: number): string =>
    `4200000000${toCompactTime(now).slice(0, 8)}${randomText(10, DIGITS)}`,
  refundId: (now: number): string =>
    `5030${randomText(7, DIGITS)}${toCompactTime(now).slice(0, 8)}${randomText(10, DIGITS)}`,
  /** The number the merchant platform gives a refund that somebody starts there. */
  platformRefundNo: (now: number): string => `MP${toCompactTime(now)}${randomText(12, DIGITS)}`,
  accessToken: (): string => `88_${randomText(133)}`,
  loginCode: (): string => `0${randomText(31)}`,
  sessionKey: (): string => Buffer.from(randomText(16)).toString('base64'),
  notificationId: (): string => randomUUID(),
  faultId: (): string => `fault-${randomText(12)}`,
  nonce: (): string => randomText(32),
}
