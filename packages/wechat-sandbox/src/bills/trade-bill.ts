/**
 * @module The trade bill (交易账单): one row for each payment and each refund of a day, in WeChat Pay's columns.
 */
import type { Core } from '../core.ts'
import type { Refund, Trade, Transaction } from '../state/tables.ts'
import { toSpacedTime } from '../time.ts'
import type { BillDay } from './bill-date.ts'
import { type Column, feeYuan, plainText, type Summary, totalFen, writeBill, yuan } from './bill-text.ts'

export type TradeBillType = 'ALL' | 'SUCCESS' | 'REFUND'

export interface TradeRow {
  readonly at: number
  readonly trade: Trade
  readonly payment: Transaction
  readonly state: string
  /** What was paid; 0 in a refund's row. */
  readonly paidFen: number
  readonly refundFen: number
  readonly feeFen: number
  readonly refund: Refund | null
  readonly refundStatus: string
}

/** The rows of a day, newest first. A refund belongs to the day it was asked for, in the state it had when the bill was made. */
export function tradeRows(core: Core, day: BillDay, type: TradeBillType): TradeRow[] {
  const { store, feeBasisPoints } = core
  const isToday = (at: number): boolean => at >= day.from && at < day.until
  const rows: TradeRow[] = []
  if (type !== 'REFUND') {
    for (const payment of store.all('transaction')) {
      const trade = isToday(payment.paidAt) ? store.get('trade', payment.outTradeNo) : undefined
      if (trade === undefined) continue
      const { paidFen, paidAt: at } = payment
      const feeFen = Math.round((paidFen * feeBasisPoints) / 10_000)
      const money = { paidFen, refundFen: 0, feeFen }
      rows.push({ at, trade, payment, state: 'SUCCESS', ...money, refund: null, refundStatus: '' })
    }
  }
  if (type !== 'SUCCESS') {
    for (const refund of store.all('refund')) {
      if (!isToday(refund.createdAt)) continue
      const trade = store.get('trade', refund.outTradeNo)
      const payment = store.get('transaction', refund.transactionId)
      if (trade === undefined || payment === undefined) continue
      rows.push({
        at: refund.createdAt,
        trade,
        payment,
        state: 'REFUND',
        paidFen: 0,
        refundFen: refund.refundFen,
        feeFen: -((refund.funding?.feeFen ?? 0) + (refund.funding?.unchargedFen ?? 0)),
        refund,
        refundStatus: statusAt(refund, day.madeAt),
      })
    }
  }
  return rows.sort((a, b) => b.at - a.at || order(b).localeCompare(order(a), 'en'))
}

const order = ({ refund, payment }: TradeRow): string => refund?.refundId ?? payment.transactionId

function statusAt({ state, finishedAt, abnormalAt }: Refund, at: number): string {
  if (finishedAt !== null && finishedAt <= at) return state === 'CLOSED' ? 'FAIL' : 'SUCCESS'
  return abnormalAt !== undefined && abnormalAt <= at ? 'CHANGE' : 'PROCESSING'
}

type TradeColumn = Column<TradeRow> & { readonly only?: 'REFUND' | 'WITH_REFUNDS' }

function columnsOf(core: Core, day: BillDay): readonly TradeColumn[] {
  const rate = `${(core.feeBasisPoints / 100).toFixed(2)}%`
  const ofRefund = (row: TradeRow, read: (refund: Refund) => string, otherwise: string): string =>
    row.refund === null ? otherwise : read(row.refund)
  const finished = ({ finishedAt, state }: Refund): string =>
    state === 'SUCCESS' && finishedAt !== null && finishedAt <= day.madeAt ? toSpacedTime(finishedAt) : ''
  return [
    { name: '交易时间', value: ({ at }) => toSpacedTime(at) },
    { name: '公众账号ID', value: ({ trade }) => trade.appid },
    { name: '商户号', value: () => core.identity.mchid },
    { name: '特约商户号', value: () => '0' },
    { name: '设备号', value: ({ trade }) => plainText(trade.deviceInfo ?? '') },
    { name: '微信订单号', value: ({ payment }) => payment.transactionId },
    { name: '商户订单号', value: ({ trade }) => trade.outTradeNo },
    { name: '用户标识', value: ({ payment }) => payment.openid },
    { name: '交易类型', value: () => 'JSAPI' },
    { name: '交易状态', value: ({ state }) => state },
    { name: '付款银行', value: ({ payment }) => payment.bankType },
    { name: '货币种类', value: ({ payment }) => payment.currency },
    { name: '应结订单金额', value: ({ paidFen }) => yuan(paidFen) },
    { name: '代金券金额', value: () => yuan(0) },
    {
      name: '退款申请时间',
      only: 'REFUND',
      value: (row) => ofRefund(row, ({ createdAt }) => toSpacedTime(createdAt), ''),
    },
    { name: '退款成功时间', only: 'REFUND', value: (row) => ofRefund(row, finished, '') },
    {
      name: '微信退款单号',
      only: 'WITH_REFUNDS',
      value: (row) => ofRefund(row, ({ refundId }) => refundId, '0'),
    },
    {
      name: '商户退款单号',
      only: 'WITH_REFUNDS',
      value: (row) => ofRefund(row, ({ outRefundNo }) => outRefundNo, '0'),
    },
    { name: '退款金额', only: 'WITH_REFUNDS', value: ({ refundFen }) => yuan(refundFen) },
    { name: '充值券退款金额', only: 'WITH_REFUNDS', value: () => yuan(0) },
    {
      name: '退款类型',
      only: 'WITH_REFUNDS',
      value: (row) =>
        ofRefund(row, ({ receiver }) => (receiver.to === 'origin' ? 'ORIGINAL' : 'OTHER_BANKCARD'), ''),
    },
    { name: '退款状态', only: 'WITH_REFUNDS', value: ({ refundStatus }) => refundStatus },
    { name: '商品名称', value: ({ trade }) => plainText(trade.description) },
    { name: '商户数据包', value: ({ trade }) => plainText(trade.attach ?? '') },
    { name: '手续费', value: ({ feeFen }) => feeYuan(feeFen) },
    { name: '费率', value: () => rate },
    { name: '订单金额', value: ({ paidFen }) => yuan(paidFen) },
    { name: '申请退款金额', only: 'WITH_REFUNDS', value: ({ refundFen }) => yuan(refundFen) },
    { name: '费率备注', value: () => '' },
  ]
}

export function writeTradeBill(
  core: Core,
  day: BillDay,
  type: TradeBillType,
  rows: readonly TradeRow[],
): string {
  const columns = columnsOf(core, day).filter(
    ({ only }) => only === undefined || only === type || (only === 'WITH_REFUNDS' && type !== 'SUCCESS'),
  )
  return writeBill(columns, rows, summaryOf(rows))
}

function summaryOf(rows: readonly TradeRow[]): Summary {
  const paid = yuan(totalFen(rows.map(({ paidFen }) => paidFen)))
  const refunded = yuan(totalFen(rows.map(({ refundFen }) => refundFen)))
  const fees = yuan(totalFen(rows.map(({ feeFen }) => feeFen)))
  return {
    names: [
      '总交易单数',
      '应结订单总金额',
      '退款总金额',
      '充值券退款总金额',
      '手续费总金额',
      '订单总金额',
      '申请退款总金额',
    ],
    // The number of rows has a decimal in the official sample; so it has here.
    values: [`${rows.length}.0`, paid, refunded, '0.00', fees, paid, refunded],
  }
}
