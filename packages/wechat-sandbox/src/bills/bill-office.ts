/**
 * @module Draws up a bill on demand: is it there yet, what is in it, and its bytes, plain or gzip.
 */
import { createHash, createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Core } from '../core.ts'
import { isRecord } from '../json.ts'
import { sameText } from '../v2/signature.ts'
import { type BillDay, billDay, stageOf } from './bill-date.ts'
import { type BillSpoiling, spoilBytes, spoilRows, takeSpoiling } from './bill-faults.ts'
import { fundRows, writeFundBill } from './fund-bill.ts'
import { type TradeBillType, tradeRows, writeTradeBill } from './trade-bill.ts'

/** A download address is good for five minutes. */
export const DOWNLOAD_LIVES_MS = 300_000

export interface TradeBill {
  readonly kind: 'trade'
  readonly date: string
  readonly type: TradeBillType
}

/** Only the basic account has money here: the bills of the other two are empty. */
export interface FundBill {
  readonly kind: 'fund'
  readonly date: string
  readonly account: 'BASIC' | 'OPERATION' | 'FEES'
}

export type WantedBill = TradeBill | FundBill

export type BillRefusal = 'no-such-day' | 'not-over' | 'too-old' | 'creating' | 'none'

export interface BillOrder {
  readonly wanted: WantedBill
  readonly isGzip: boolean
  readonly spoiling: BillSpoiling
}

export type OrderedBill =
  | { readonly ok: true; readonly order: BillOrder }
  | { readonly ok: false; readonly why: BillRefusal }

/** Whether this bill can be had now, and what faults make of it. A day without a row has no bill. */
export function orderBill(core: Core, path: string, wanted: WantedBill, isGzip: boolean): OrderedBill {
  const day = billDay(wanted.date)
  if (day === undefined) return { ok: false, why: 'no-such-day' }
  const stage = stageOf(day, core.clock.now())
  if (stage !== 'ready') return { ok: false, why: stage }
  if (core.faults.take('bill', { path }, 'bill-not-ready') !== undefined)
    return { ok: false, why: 'creating' }
  if (wanted.kind === 'fund') {
    const isEmpty = wanted.account !== 'BASIC' || fundRows(core, day).length === 0
    if (isEmpty) return { ok: false, why: 'none' }
    return { ok: true, order: { wanted, isGzip, spoiling: takeSpoiling(core, path, []) } }
  }
  const rows = tradeRows(core, day, wanted.type)
  if (rows.length === 0) return { ok: false, why: 'none' }
  return { ok: true, order: { wanted, isGzip, spoiling: takeSpoiling(core, path, rows) } }
}

/** The text of the bill, changed rows included: what its hash is of. */
function textOf(core: Core, { wanted, spoiling }: BillOrder, day: BillDay): string {
  if (wanted.kind === 'fund') return writeFundBill(core, day, fundRows(core, day))
  const rows = spoilRows(day, tradeRows(core, day, wanted.type), spoiling.changes)
  return writeTradeBill(core, day, wanted.type, rows)
}

export interface BillFile {
  readonly bytes: Buffer
  /** SHA1 of the uncompressed text, as all SDKs compare it. */
  readonly sha1: string
}

export function drawUp(core: Core, order: BillOrder): BillFile | undefined {
  const day = billDay(order.wanted.date)
  if (day === undefined) return undefined
  const text = Buffer.from(textOf(core, order, day))
  const sha1 = createHash('sha1').update(text).digest('hex')
  const { damage } = order.spoiling
  if (!order.isGzip) return { bytes: spoilBytes(text, damage), sha1 }
  // A damaged file must still be gzip, or the damage would be the transport's; a cut one is cut on the wire.
  return damage === 'bill-cut'
    ? { bytes: spoilBytes(gzipSync(text), damage), sha1 }
    : { bytes: gzipSync(spoilBytes(text, damage)), sha1 }
}

/** The download address says all of what it gives out, sealed: nothing has to be remembered. */
export function sealOrder(core: Core, order: BillOrder): string {
  const expiresAt = core.clock.now() + DOWNLOAD_LIVES_MS
  const text = Buffer.from(JSON.stringify({ ...order, expiresAt })).toString('base64url')
  return `${text}.${sealOf(core, text)}`
}

export function openOrder(core: Core, token: string): BillOrder | 'expired' | undefined {
  const [text = '', seal = ''] = token.split('.')
  if (!sameText(seal, sealOf(core, text))) return undefined
  const order: BillOrder & { expiresAt: number } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  if (!isRecord(order)) return undefined
  return core.clock.now() < order.expiresAt ? order : 'expired'
}

function sealOf({ identity }: Core, text: string): string {
  return createHmac('sha256', `bill:${identity.v3Key}`).update(text).digest('base64url')
}
