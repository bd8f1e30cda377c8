/** @module Rows of bills, from Chinese columns in yuan to members in fen. */
import type { FundFlowBillRow, FundFlowBillTotals, TradeBillRow, TradeBillTotals } from './bill.ts'
import { type BillForm, type BillLine, corrupt, countOf } from './bill-file.ts'
import { fromGmt8Text } from './china-time.ts'
import { presentOf } from './present.ts'
import { fenOfYuan } from './yuan.ts'

/** A file of trades. */
export const tradeBills: BillForm<TradeBillRow, TradeBillTotals> = {
  countColumn: '总交易单数',

  row(line) {
    const { text, number, fen, time, yuan } = readerOf(line)
    return {
      ...presentOf({
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
      }),
      tradedAt: must(time, '交易时间'),
      appid: text('公众账号ID') ?? '',
      mchid: must(text, '商户号'),
      transactionId: must(text, '微信订单号'),
      outTradeNo: must(text, '商户订单号'),
      tradeType: text('交易类型') ?? '',
      tradeState: must(text, '交易状态'),
    }
  },

  totals(line) {
    const { fen, yuan } = readerOf(line)
    return presentOf({
      settlementTotalFen: fen('应结订单总金额'),
      refundFen: fen('退款总金额'),
      couponRefundFen: fen('充值券退款总金额'),
      feeYuan: yuan('手续费总金额'),
      totalFen: fen('订单总金额'),
      requestedRefundFen: fen('申请退款总金额'),
    })
  },
}

/** A file of movements. */
export const fundFlowBills: BillForm<FundFlowBillRow, FundFlowBillTotals> = {
  countColumn: '资金流水总笔数',

  row(line) {
    const { text, fen, time } = readerOf(line)
    // The unit is a part of the name, in brackets of either width.
    const fenIn = (name: string) => fen(`${name}(元)`) ?? fen(`${name}（元）`)
    const direction = text('收支类型')
    if (direction !== '收入' && direction !== '支出') throw corrupt('收支类型 is neither 收入 nor 支出')
    return {
      ...presentOf({
        operator: text('资金变更提交申请人'),
        remark: text('备注'),
        voucherId: text('业务凭证号'),
      }),
      bookedAt: must(time, '记账时间'),
      businessId: text('微信支付业务单号') ?? '',
      flowId: must(text, '资金流水单号'),
      businessName: text('业务名称') ?? '',
      businessType: text('业务类型') ?? '',
      direction: direction === '收入' ? 'in' : 'out',
      amountFen: must(fenIn, '收支金额'),
      balanceFen: must(fenIn, '账户结余'),
    }
  },

  totals(line) {
    const { fen } = readerOf(line)
    const count = (name: string) => countOf(line, name)
    return {
      incomeCount: must(count, '收入笔数'),
      incomeFen: must(fen, '收入金额'),
      expenseCount: must(count, '支出笔数'),
      expenseFen: must(fen, '支出金额'),
    }
  },
}

function readerOf(line: BillLine) {
  const text = (name: string): string | undefined => line.get(name)?.trim() || undefined
  return {
    text,
    fen(name: string): number | undefined {
      const written = text(name)
      return written === undefined ? undefined : must(() => fenOfYuan(written), name)
    },
    /** A number of WeChat's or ours, where `0` stands for none. */
    number: (name: string): string | undefined => (text(name) === '0' ? undefined : text(name)),
    time: (name: string): number | undefined => fromGmt8Text(String(text(name))),
    /** Yuan as written, for what need not be whole fen. */
    yuan(name: string): string | undefined {
      const written = text(name)
      if (written !== undefined && !/^-?[0-9]{1,13}(?:\.[0-9]{1,12})?$/.test(written)) {
        throw corrupt(`${name} is no amount`)
      }
      return written
    },
  }
}

function must<T>(read: (name: string) => T | undefined, name: string): T {
  const value = read(name)
  if (value === undefined) throw corrupt(`${name} is missing or no such value`)
  return value
}
