/** @module Bills (账单): what is asked for, and the rows that come back, in one shape for both protocols. */

/** 申请交易账单: which day, and which of its trades. */
export interface TradeBillQuery {
  /** `2026-11-22`, a day in GMT+8, not today; ready after 10:00 of the next day, kept for three months. */
  readonly date: string
  /** Default `ALL`. */
  readonly type?: 'ALL' | 'SUCCESS' | 'REFUND'
}

/** 申请资金账单: which day, and which of the merchant's accounts. */
export interface FundFlowBillQuery {
  /** As for trade bills. */
  readonly date: string
  /** 资金账户类型: basic account, operation account, fees. Default `BASIC`. */
  readonly account?: 'BASIC' | 'OPERATION' | 'FEES'
}

/**
 * One day's bill, downloaded, complete and checked before the first row is handed out: against the hash in WeChat's signed
 * answer (v3; v2 has none), its own count of rows, and the form of every line. Rows are read one by one, so a day of a
 * million trades costs the memory of the compressed file. It can be iterated again. Whatever is wrong with it
 * (`ERR_WXPAY_BILL_CORRUPT`) is thrown by the call that asked for it.
 */
export interface Bill<Row, Totals> extends AsyncIterable<Row> {
  /** How many rows there are, as the last line says and as they were counted. */
  readonly rowCount: number
  /** WeChat's own sums at the end of the file. */
  readonly totals: Totals
  /** v3: true, the file fits the hash in a signed answer. v2: false, always: TLS alone vouches for it. */
  readonly hashed: boolean
}

/** 交易账单: what was paid and refunded on one day. */
export type TradeBill = Bill<TradeBillRow, TradeBillTotals>
/** 资金账单: how the money of one account moved on one day. */
export type FundFlowBill = Bill<FundFlowBillRow, FundFlowBillTotals>

/**
 * One line of a trade bill: one trade, or one refund. Amounts are fen. What the file leaves empty, writes as `0` (numbers
 * that do not exist) or does not have in this type of bill is left out. Columns go by their name, not their place.
 *
 * @see 交易账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071227, checked 2026-11
 */
export interface TradeBillRow {
  /** 交易时间, epoch milliseconds. Of a refund too it is the time of this line. */
  readonly tradedAt: number
  /** 公众账号ID */
  readonly appid: string
  /** 商户号 */
  readonly mchid: string
  /** 特约商户号: in service-provider mode. */
  readonly subMchid?: string
  /** 设备号 */
  readonly deviceInfo?: string
  /** 微信订单号 */
  readonly transactionId: string
  /** 商户订单号 */
  readonly outTradeNo: string
  /** 用户标识 */
  readonly openid?: string
  /** 交易类型: `JSAPI`, `NATIVE`, … */
  readonly tradeType: string
  /** 交易状态: `SUCCESS`, `REFUND`, `REVOKED`, or something new. */
  readonly tradeState: string
  /** 付款银行 */
  readonly bankType?: string
  /** 货币种类 */
  readonly currency?: string
  /** 应结订单金额: what the merchant gets, after coupons that are not settled. Do not compare this with the order. */
  readonly settlementTotalFen?: number
  /** 代金券金额 */
  readonly couponFen?: number
  /** 订单金额: compare this with the order. 0 on lines of refunds. */
  readonly totalFen?: number
  /** 微信退款单号 */
  readonly refundId?: string
  /** 商户退款单号 */
  readonly outRefundNo?: string
  /** 退款金额: what was taken back from the merchant. */
  readonly refundFen?: number
  /** 充值券退款金额 */
  readonly couponRefundFen?: number
  /** 申请退款金额: compare this with the refund. */
  readonly requestedRefundFen?: number
  /** 退款类型: `ORIGINAL`, `BALANCE`, … */
  readonly refundType?: string
  /** 退款状态: `SUCCESS`, `PROCESSING`, `FAIL`, `CHANGE`. */
  readonly refundStatus?: string
  /** 退款申请时间, epoch milliseconds; in bills of refunds only. */
  readonly refundRequestedAt?: number
  /** 退款成功时间, epoch milliseconds; in bills of refunds only. */
  readonly refundSucceededAt?: number
  /** 商品名称 */
  readonly description?: string
  /** 商户数据包 */
  readonly attach?: string
  /** 手续费 in yuan as written, with five digits (`0.01000`): it need not be whole fen. Negative when given back. */
  readonly feeYuan?: string
  /** 费率, such as `0.60%`. */
  readonly feeRate?: string
  /** 费率备注 */
  readonly feeRemark?: string
}

/** The last line of a trade bill, in fen. */
export interface TradeBillTotals {
  /** 应结订单总金额 */
  readonly settlementTotalFen?: number
  /** 退款总金额 */
  readonly refundFen?: number
  /** 充值券退款总金额 */
  readonly couponRefundFen?: number
  /** 手续费总金额, in yuan as written. */
  readonly feeYuan?: string
  /** 订单总金额 */
  readonly totalFen?: number
  /** 申请退款总金额 */
  readonly requestedRefundFen?: number
}

/**
 * One movement on one of the merchant's accounts. Amounts are fen, never negative; `direction` says which way.
 *
 * @see 资金账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071235, checked 2026-11
 */
export interface FundFlowBillRow {
  /** 记账时间, epoch milliseconds */
  readonly bookedAt: number
  /** 微信支付业务单号: the trade or refund behind it. */
  readonly businessId: string
  /** 资金流水单号 */
  readonly flowId: string
  /** 业务名称: 交易, 退款, 扣除交易手续费, 提现, … */
  readonly businessName: string
  /** 业务类型 */
  readonly businessType: string
  /** 收支类型: 收入 is `in`, 支出 is `out`. */
  readonly direction: 'in' | 'out'
  /** 收支金额 */
  readonly amountFen: number
  /** 账户结余 after it */
  readonly balanceFen: number
  /** 资金变更提交申请人 */
  readonly operator?: string
  /** 备注 */
  readonly remark?: string
  /** 业务凭证号: `out_trade_no` or `out_refund_no` of ours, when it has one. */
  readonly voucherId?: string
}

/** The last line of a fund-flow bill, in fen. */
export interface FundFlowBillTotals {
  /** 收入笔数 */
  readonly incomeCount: number
  /** 收入金额 */
  readonly incomeFen: number
  /** 支出笔数 */
  readonly expenseCount: number
  /** 支出金额 */
  readonly expenseFen: number
}

/** Who has bills: both clients. */
export interface BillSource {
  /**
   * A day's trades and refunds (申请交易账单, 下载账单); null when WeChat says that there are none.
   *
   * @throws WxpayError `ERR_WXPAY_INPUT`; `ERR_WXPAY_REFUSED` with `apiCode` `STATEMENT_CREATING` (v3) or `apiMessage`
   *   `Bill Creating` (v2) before it is ready: ask again after 10:00; `ERR_WXPAY_BILL_CORRUPT`; or any code of errors.ts
   * @see 申请交易账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071227; v2:
   *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6, checked 2026-11
   * @example
   * ```ts
   * import type { WxpayV3Client } from 'wxpay-core'
   *
   * export async function paidFen(wxpay: WxpayV3Client, date: string): Promise<number> {
   *   let fen = 0
   *   const bill = await wxpay.tradeBill({ date, type: 'SUCCESS' })
   *   if (bill !== null) for await (const row of bill) fen += row.totalFen ?? 0
   *   return fen
   * }
   * ```
   */
  tradeBill(query: TradeBillQuery): Promise<TradeBill | null>
  /**
   * A day's movements on one account (申请资金账单, 下载资金账单); null when there are none. Under v2 it needs `certPem`.
   *
   * @throws WxpayError like `tradeBill`; under v2 `ERR_WXPAY_CONFIG` without `certPem`
   * @see 申请资金账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071235; v2:
   *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_18, checked 2026-11
   */
  fundFlowBill(query: FundFlowBillQuery): Promise<FundFlowBill | null>
}
