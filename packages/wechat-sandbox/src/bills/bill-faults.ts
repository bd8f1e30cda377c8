/**
 * @module What faults do to a bill: rows that are missing, extra, repeated or wrong, a file that is damaged or cut off.
 */
import { type Core, newNumber } from '../core.ts'
import type { FaultName } from '../faults.ts'
import type { BillDay } from './bill-date.ts'
import type { TradeRow } from './trade-bill.ts'

const ROW_FAULTS = [
  'bill-missing-row',
  'bill-duplicate-row',
  'bill-wrong-amount',
  'bill-wrong-status',
] as const satisfies readonly FaultName[]

/** `row` counts in the unspoilt bill; for `bill-extra-row` it is -1. `fen` is the wrong amount. */
export interface BillChange {
  readonly fault: (typeof ROW_FAULTS)[number] | 'bill-extra-row'
  readonly row: number
  readonly fen: number | null
  /** `bill-extra-row`: numbers of a payment nobody made, the same in every copy of this bill. */
  readonly outTradeNo?: string
  readonly transactionId?: string
}

export type BillDamage = 'bill-damaged' | 'bill-cut'

export interface BillSpoiling {
  readonly changes: readonly BillChange[]
  readonly damage: BillDamage | null
}

/** The changes travel inside the download URL, which has to stay one that servers accept. */
const MAX_CHANGES = 50

/** Asks the fault book what shall be wrong with this bill; its uses are on file afterwards. */
export function takeSpoiling(core: Core, path: string, rows: readonly TradeRow[]): BillSpoiling {
  const { faults } = core
  const damage = (['bill-damaged', 'bill-cut'] as const).find((name) => faults.take('bill', { path }, name))
  if (rows.length === 0) return { changes: [], damage: damage ?? null }
  const planned = new Set(faults.list().map(({ fault }) => fault))
  const changes: BillChange[] = []
  for (const name of ROW_FAULTS.filter((one) => planned.has(one))) {
    for (const [row, { trade, refund }] of rows.entries()) {
      if (changes.length >= MAX_CHANGES) break
      const about = { path, outTradeNo: trade.outTradeNo, outRefundNo: refund?.outRefundNo }
      const fault = faults.take('bill', about, name)
      if (fault !== undefined) changes.push({ fault: name, row, fen: fault.amountFen })
    }
  }
  const extra = planned.has('bill-extra-row') ? faults.take('bill', { path }, 'bill-extra-row') : undefined
  if (extra !== undefined) {
    const now = core.clock.now()
    changes.push({
      fault: 'bill-extra-row',
      row: -1,
      fen: extra.amountFen,
      outTradeNo: `EXTRA${newNumber.nonce().slice(0, 20)}`,
      transactionId: newNumber.transactionId(now),
    })
  }
  return { changes, damage: damage ?? null }
}

export function spoilRows(
  day: BillDay,
  rows: readonly TradeRow[],
  changes: readonly BillChange[],
): TradeRow[] {
  const spoilt = rows.flatMap((row, index) => {
    let copies = [row]
    for (const { fault, fen } of changes.filter((change) => change.row === index)) {
      if (fault === 'bill-missing-row') copies = []
      else if (fault === 'bill-duplicate-row') copies = copies.flatMap((one) => [one, one])
      else if (fault === 'bill-wrong-amount') copies = copies.map((one) => withAmount(one, fen))
      else copies = copies.map(withStatus)
    }
    return copies
  })
  const [model] = rows
  const extra = changes.find(({ fault }) => fault === 'bill-extra-row')
  return extra === undefined || model === undefined ? spoilt : [...spoilt, invented(day, model, extra)]
}

function withAmount(row: TradeRow, fen: number | null): TradeRow {
  return row.refund === null
    ? { ...row, paidFen: fen ?? row.paidFen + 1 }
    : { ...row, refundFen: fen ?? row.refundFen + 1 }
}

function withStatus(row: TradeRow): TradeRow {
  return row.refund === null
    ? { ...row, state: 'REVOKED' }
    : { ...row, refundStatus: row.refundStatus === 'SUCCESS' ? 'FAIL' : 'SUCCESS' }
}

function invented(day: BillDay, model: TradeRow, { fen, outTradeNo, transactionId }: BillChange): TradeRow {
  const paidFen = fen ?? 1
  return {
    at: day.from,
    trade: { ...model.trade, outTradeNo: outTradeNo ?? '', description: '不存在的订单', attach: null },
    payment: { ...model.payment, transactionId: transactionId ?? '', paidFen },
    state: 'SUCCESS',
    paidFen,
    refundFen: 0,
    feeFen: 0,
    refund: null,
    refundStatus: '',
  }
}

/** What arrives instead of the whole file. */
export function spoilBytes(bytes: Buffer, damage: BillDamage | null): Buffer {
  if (damage === 'bill-cut') return bytes.subarray(0, Math.floor(bytes.length / 2))
  if (damage === null) return bytes
  // One digit of the summary becomes another: the text still reads well, only its hash tells.
  const damaged = Buffer.from(bytes)
  for (let i = damaged.length - 1; i >= 0; i--) {
    const byte = damaged[i] ?? 0
    if (byte < 0x30 || byte > 0x39) continue
    damaged[i] = byte === 0x39 ? 0x30 : byte + 1
    break
  }
  return damaged
}
