/**
 * @module The fund flow bill (资金账单): every change of the merchant's basic account on a day, read from the books.
 */
import type { Core } from '../core.ts'
import { accounts } from '../ledger.ts'
import type { Entry } from '../state/tables.ts'
import { toSpacedTime } from '../time.ts'
import type { BillDay } from './bill-date.ts'
import { type Column, plainText, totalFen, writeBill, yuan } from './bill-text.ts'

export interface FundRow {
  readonly at: number
  readonly seq: number
  /** WeChat Pay's number of what moved the money, and the merchant's. */
  readonly wxNo: string
  readonly merchantNo: string
  readonly name: string
  readonly type: string
  /** Above zero came in, below zero went out. */
  readonly fen: number
  readonly balanceFen: number
  readonly remark: string
}

const NAMES: Readonly<Record<string, readonly [name: string, feeName: string]>> = {
  payment: ['交易', '扣除交易手续费'],
  settlement: ['交易', '扣除交易手续费'],
  'refund-accepted': ['退款', '退还交易手续费'],
  'refund-closed': ['退款关闭', '扣除交易手续费'],
  'top-up': ['充值', ''],
  withdrawal: ['提现', ''],
}

/**
 * The basic account is pending and available money together: settlement between the two is no movement of it, the fee
 * that is taken then is one.
 */
export function fundRows(core: Core, day: BillDay): FundRow[] {
  const { store, identity } = core
  const own = new Set([accounts.pending(identity.mchid), accounts.available(identity.mchid)])
  const causes = new Map<string, Entry[]>()
  let balanceFen = 0
  for (const entry of store.all('entry')) {
    if (entry.at < day.from && own.has(entry.account)) balanceFen += entry.fen
    if (entry.at < day.from || entry.at >= day.until) continue
    const lines = causes.get(entry.cause)
    if (lines === undefined) causes.set(entry.cause, [entry])
    else lines.push(entry)
  }
  const movements = [...causes.values()]
    .filter((lines) => lines.some(({ account }) => own.has(account)))
    .sort(([a], [b]) => (a?.at ?? 0) - (b?.at ?? 0) || (a?.seq ?? 0) - (b?.seq ?? 0))
  const rows: FundRow[] = []
  for (const lines of movements) {
    const [first] = lines
    if (first === undefined) continue
    const [kind = ''] = first.cause.split(':')
    const [name = kind, feeName = kind] = NAMES[kind] ?? []
    const gained = (isFee: boolean): number =>
      -totalFen(
        lines
          .filter(({ account }) => !own.has(account) && (account === accounts.fees) === isFee)
          .map(({ fen }) => fen),
      )
    for (const [fen, said] of [[gained(false), name] as const, [gained(true), feeName] as const]) {
      if (fen === 0) continue
      balanceFen += fen
      rows.push({
        ...about(core, first),
        at: first.at,
        seq: rows.length + 1,
        name: said,
        type: kind === 'refund-closed' && said === name ? '退款' : said,
        fen,
        balanceFen,
      })
    }
  }
  return rows
}

function about({ store }: Core, entry: Entry): Pick<FundRow, 'wxNo' | 'merchantNo' | 'remark'> {
  const refund = entry.outRefundNo === undefined ? undefined : store.get('refund', entry.outRefundNo)
  if (refund !== undefined)
    return { wxNo: refund.refundId, merchantNo: refund.outRefundNo, remark: refund.reason ?? '' }
  return { wxNo: entry.transactionId ?? '', merchantNo: entry.outTradeNo ?? '', remark: '' }
}

export function writeFundBill(core: Core, day: BillDay, rows: readonly FundRow[]): string {
  const compactDate = day.date.replaceAll('-', '')
  const columns: readonly Column<FundRow>[] = [
    { name: '记账时间', value: ({ at }) => toSpacedTime(at) },
    { name: '微信支付业务单号', value: ({ wxNo }) => wxNo },
    {
      name: '资金流水单号',
      value: ({ seq }) => `${core.identity.mchid}${compactDate}${String(seq).padStart(10, '0')}`,
    },
    { name: '业务名称', value: ({ name }) => name },
    { name: '业务类型', value: ({ type }) => type },
    { name: '收支类型', value: ({ fen }) => (fen > 0 ? '收入' : '支出') },
    { name: '收支金额(元)', value: ({ fen }) => yuan(Math.abs(fen)) },
    { name: '账户结余(元)', value: ({ balanceFen }) => yuan(balanceFen) },
    { name: '资金变更提交申请人', value: () => 'system' },
    { name: '备注', value: ({ remark }) => plainText(remark) },
    { name: '业务凭证号', value: ({ merchantNo }) => merchantNo },
  ]
  const income = rows.filter(({ fen }) => fen > 0).map(({ fen }) => fen)
  const expense = rows.filter(({ fen }) => fen < 0).map(({ fen }) => -fen)
  return writeBill(columns, rows, {
    names: ['资金流水总笔数', '收入笔数', '收入金额', '支出笔数', '支出金额'],
    values: [
      `${rows.length}.0`,
      `${income.length}.0`,
      yuan(totalFen(income)),
      `${expense.length}.0`,
      yuan(totalFen(expense)),
    ],
  })
}
