/** @module Rows of bills, from Chinese columns in yuan to members in fen. */
import type {
  Bill,
  FundFlowBill,
  FundFlowBillRow,
  FundFlowBillTotals,
  TradeBill,
  TradeBillRow,
  TradeBillTotals,
} from './bill.ts'
import { type BillFile, type BillLine, corrupt } from './bill-file.ts'
import { fromGmt8Text } from './china-time.ts'
import { presentOf } from './present.ts'
import { fenOfYuan } from './yuan.ts'

/** A file of trades, with its sums read. */
export function tradeBillOf(file: BillFile, hashed: boolean): TradeBill {
  return billOf(file, hashed, tradeTotals(file.totals), tradeRow)
}

/** A file of movements, with its sums read. */
export function fundFlowBillOf(file: BillFile, hashed: boolean): FundFlowBill {
  return billOf(file, hashed, fundFlowTotals(file.totals), fundFlowRow)
}

function billOf<Row, Totals>(
  file: BillFile,
  hashed: boolean,
  totals: Totals,
  rowOf: (line: BillLine) => Row,
): Bill<Row, Totals> {
  return {
    rowCount: file.rowCount,
    totals,
    hashed,
    async *[Symbol.asyncIterator]() {
      for await (const line of file.lines()) yield rowOf(line)
    },
  }
}

function tradeRow(line: BillLine): TradeBillRow {
  const { text, number, fen, time, yuan, needed } = readerOf(line)
  const optional = presentOf({
    subMchid: number('特约商户号'),
    deviceInfo: text('设备号'),
    openid: text('用户标识'),
    bankType: text('付款银行'),
    currency: text('货币种类'),
    settlementTotalFen: fen('应结订单金额'),
    couponFen: fen('代金券金额'),
    totalFen: fen('订单金额'),
    refundId: number('微信退款单号'),
    outRefundNo: number('商户退款单号'),
    refundFen: fen('退款金额'),
    couponRefundFen: fen('充值券退款金额'),
    requestedRefundFen: fen('申请退款金额'),
    refundType: text('退款类型'),
    refundStatus: text('退款状态'),
    refundRequestedAt: time('退款申请时间'),
    refundSucceededAt: time('退款成功时间'),
    description: text('商品名称'),
    attach: text('商户数据包'),
    feeYuan: yuan('手续费'),
    feeRate: text('费率'),
    feeRemark: text('费率备注'),
  })
  return {
    ...optional,
    tradedAt: needed(time, '交易时间'),
    appid: text('公众账号ID') ?? '',
    mchid: needed(text, '商户号'),
    transactionId: needed(text, '微信订单号'),
    outTradeNo: needed(text, '商户订单号'),
    tradeType: text('交易类型') ?? '',
    tradeState: needed(text, '交易状态'),
  }
}

function tradeTotals(line: BillLine): TradeBillTotals {
  const { fen, yuan } = readerOf(line)
  return presentOf({
    settlementTotalFen: fen('应结订单总金额'),
    refundFen: fen('退款总金额'),
    couponRefundFen: fen('充值券退款总金额'),
    feeYuan: yuan('手续费总金额'),
    totalFen: fen('订单总金额'),
    requestedRefundFen: fen('申请退款总金额'),
  })
}

function fundFlowRow(line: BillLine): FundFlowBillRow {
  const { text, fen, time, needed } = readerOf(line)
  const direction = text('收支类型')
  if (direction !== '收入' && direction !== '支出') throw corrupt('收支类型 is neither 收入 nor 支出')
  return {
    ...presentOf({
      operator: text('资金变更提交申请人'),
      remark: text('备注'),
      voucherId: text('业务凭证号'),
    }),
    bookedAt: needed(time, '记账时间'),
    businessId: text('微信支付业务单号') ?? '',
    flowId: needed(text, '资金流水单号'),
    businessName: text('业务名称') ?? '',
    businessType: text('业务类型') ?? '',
    direction: direction === '收入' ? 'in' : 'out',
    amountFen: must('收支金额', fen('收支金额(元)') ?? fen('收支金额（元）')),
    balanceFen: must('账户结余', fen('账户结余(元)') ?? fen('账户结余（元）')),
  }
}

function fundFlowTotals(line: BillLine): FundFlowBillTotals {
  const { fen, needed } = readerOf(line)
  const count = (name: string): number => {
    // Written like yuan, so read like yuan.
    const hundredths = needed(fen, name)
    if (hundredths < 0 || hundredths % 100 !== 0) throw corrupt(`${name} is no count`)
    return hundredths / 100
  }
  return {
    incomeCount: count('收入笔数'),
    incomeFen: needed(fen, '收入金额'),
    expenseCount: count('支出笔数'),
    expenseFen: needed(fen, '支出金额'),
  }
}

function readerOf(line: BillLine) {
  const text = (name: string): string | undefined => line.get(name)?.trim() || undefined
  return {
    text,
    /** A number of WeChat's or ours, where `0` stands for none. */
    number: (name: string): string | undefined => (text(name) === '0' ? undefined : text(name)),
    fen: (name: string): number | undefined => {
      const written = text(name)
      return written === undefined ? undefined : must(name, fenOfYuan(written))
    },
    time: (name: string): number | undefined => fromGmt8Text(String(text(name))),
    /** Yuan as they are written: they need not be whole fen. */
    yuan: (name: string): string | undefined => {
      const written = text(name)
      if (written === undefined || /^-?[0-9]{1,13}(?:\.[0-9]{1,12})?$/.test(written)) return written
      throw corrupt(`${name} is no amount`)
    },
    needed: <T>(read: (name: string) => T | undefined, name: string): T => must(name, read(name)),
  }
}

function must<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw corrupt(`${name} is missing or no such value`)
  return value
}
