/** @module APIv2 messages of payment, refund and bills, in WeChat's spelling. Lengths are in characters, money in fen, times in GMT+8. */

/** Ids of a sub-merchant (服务商模式): in every request and answer of a service provider. */
interface SubIds {
  /** at most 32 */
  readonly sub_appid?: string | undefined
  /** at most 32 */
  readonly sub_mch_id?: string | undefined
}

/**
 * 统一下单 `POST /pay/unifiedorder` for a mini-program.
 *
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface UnifiedOrderRequest extends SubIds {
  /** at most 32 */
  readonly appid: string
  /** at most 32 */
  readonly mch_id: string
  /** at most 32 */
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
  /** at most 127 bytes */
  readonly body: string
  /** at most 127 */
  readonly attach?: string | undefined
  /** at most 32 */
  readonly out_trade_no: string
  readonly fee_type: 'CNY'
  readonly total_fee: number
  /** IPv4 or IPv6 */
  readonly spbill_create_ip: string
  /** yyyyMMddHHmmss; the same on every repetition */
  readonly time_start?: string | undefined
  /** yyyyMMddHHmmss */
  readonly time_expire?: string | undefined
  /** without query, at most 256 */
  readonly notify_url: string
  readonly trade_type: 'JSAPI'
  /** at most 128; a service provider's, when there is no `sub_openid` */
  readonly openid?: string | undefined
  /** at most 128; the payer in `sub_appid` */
  readonly sub_openid?: string | undefined
  /** at most 32 */
  readonly goods_tag?: string | undefined
  readonly limit_pay?: 'no_credit' | undefined
  readonly receipt?: 'Y' | undefined
  readonly profit_sharing?: 'Y' | undefined
}

/**
 * 查询订单 `POST /pay/orderquery`: one of the two numbers.
 *
 * @see 查询订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_2, checked 2026-11
 */
export interface OrderQueryRequest extends SubIds {
  /** at most 32 */
  readonly appid: string
  /** at most 32 */
  readonly mch_id: string
  /** at most 32 */
  readonly transaction_id?: string | undefined
  /** at most 32 */
  readonly out_trade_no?: string | undefined
  /** at most 32 */
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
}

/**
 * 关闭订单 `POST /pay/closeorder`.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_3, checked 2026-11
 */
export interface CloseOrderRequest extends SubIds {
  /** at most 32 */
  readonly appid: string
  /** at most 32 */
  readonly mch_id: string
  /** at most 32 */
  readonly out_trade_no: string
  /** at most 32 */
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
}

/** The first three layers of every answer: communication, signature, business. */
export interface AnswerHead extends SubIds {
  /** SUCCESS or FAIL; FAIL comes unsigned, with `return_msg` alone */
  readonly return_code: string
  /** at most 128 */
  readonly return_msg?: string
  /** at most 32 */
  readonly appid?: string
  /** at most 32 */
  readonly mch_id?: string
  /** 32 (MD5) or 64 (HMAC-SHA256) */
  readonly sign?: string
  /** SUCCESS or FAIL */
  readonly result_code?: string
  /** at most 32 */
  readonly err_code?: string
  /** for people, at most 128 */
  readonly err_code_des?: string
}

/** Answer of 统一下单. */
export interface UnifiedOrderResponse extends AnswerHead {
  readonly trade_type: string
  /** at most 64; lives 2 hours */
  readonly prepay_id: string
}

/**
 * A trade: answer of 查询订单 and content of 支付结果通知 (which has no `trade_state`). All values are text.
 *
 * @see 查询订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_2, and 支付结果通知,
 *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7, checked 2026-11
 */
export interface TradeMessage extends AnswerHead {
  /** at most 128 */
  readonly openid?: string
  /** at most 128 */
  readonly sub_openid?: string
  /** at most 16 */
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, ACCEPT, or something new */
  readonly trade_state?: string
  /** at most 32 today; older pages say 16 */
  readonly bank_type?: string
  /** fen */
  readonly total_fee?: string
  /** fen; after coupons that are not settled */
  readonly settlement_total_fee?: string
  /** left out for CNY */
  readonly fee_type?: string
  /** fen; what the payer paid. `cash_fee` and `coupon_fee` are `total_fee` */
  readonly cash_fee?: string
  /** fen; of all coupons together. Each is `coupon_id_$n`, `coupon_type_$n`, `coupon_fee_$n`, from 0, in any order */
  readonly coupon_fee?: string
  readonly coupon_count?: string
  /** at most 32 */
  readonly transaction_id?: string
  /** at most 32 */
  readonly out_trade_no: string
  /** at most 128 */
  readonly attach?: string
  /** yyyyMMddHHmmss */
  readonly time_end?: string
}

/**
 * 申请退款 `POST /secapi/pay/refund`, over mutual TLS.
 *
 * @see 申请退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4, checked 2026-11
 */
export interface RefundRequest extends SubIds {
  readonly appid: string
  readonly mch_id: string
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
  /** at most 32; or `out_trade_no` */
  readonly transaction_id: string
  /** at most 64 of `0-9A-Za-z_-|*@` */
  readonly out_refund_no: string
  /** fen */
  readonly total_fee: number
  /** fen */
  readonly refund_fee: number
  readonly refund_account?: 'REFUND_SOURCE_RECHARGE_FUNDS' | 'REFUND_SOURCE_UNSETTLED_FUNDS' | undefined
  /** at most 80 */
  readonly refund_desc?: string | undefined
  /** without query, at most 256 */
  readonly notify_url: string
}

/** Answer of 申请退款. `result_code` SUCCESS says that the request was accepted, not that the money moved. */
export interface RefundResponse extends AnswerHead {
  readonly transaction_id: string
  readonly out_trade_no: string
  readonly out_refund_no: string
  readonly refund_id: string
  readonly refund_fee: string
  readonly total_fee: string
  /** left out for CNY */
  readonly fee_type?: string
  /** empty more often than not */
  readonly refund_channel?: string
  /** fen */
  readonly cash_refund_fee?: string
  /** fen */
  readonly settlement_refund_fee?: string
}

/** 查询退款 `POST /pay/refundquery`: one of four numbers; by ours there is one answer, however many parts. */
export interface RefundQueryRequest extends SubIds {
  readonly appid: string
  readonly mch_id: string
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
  /** at most 64 */
  readonly out_refund_no: string
}

/**
 * Answer of 查询退款. Members of the n-th refund end in `_n`, from 0; see `RefundQueryEntry`.
 *
 * @see 查询退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5, checked 2026-11
 */
export interface RefundQueryResponse extends AnswerHead {
  readonly transaction_id: string
  readonly out_trade_no: string
  readonly total_fee: string
  /** left out for CNY */
  readonly fee_type?: string
  readonly refund_count: string
}

/** One refund of a `RefundQueryResponse`, without the `_n`. */
export interface RefundQueryEntry {
  readonly out_refund_no: string
  readonly refund_id: string
  /** fen */
  readonly refund_fee: string
  /** fen */
  readonly settlement_refund_fee?: string
  /** SUCCESS, REFUNDCLOSE, PROCESSING, CHANGE, or something new */
  readonly refund_status: string
  /** ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD */
  readonly refund_channel?: string
  /** spelt so by WeChat */
  readonly refund_recv_accout?: string
  /** yyyy-MM-dd HH:mm:ss */
  readonly refund_success_time?: string
}

/**
 * 退款结果通知, the outside. Not signed. When `return_code` is FAIL there is `return_msg` and nothing else.
 *
 * @see 退款结果通知, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16, checked 2026-11
 */
export interface RefundNotificationHead extends SubIds {
  readonly return_code: string
  readonly return_msg?: string
  readonly appid?: string
  readonly mch_id?: string
  readonly nonce_str?: string
  /** base64 of AES-256-ECB; opens to `<root>` with the members of `RefundNotificationContent` */
  readonly req_info?: string
}

/** 退款结果通知, what `req_info` opens to. */
export interface RefundNotificationContent {
  readonly transaction_id: string
  readonly out_trade_no: string
  readonly refund_id: string
  readonly out_refund_no: string
  /** fen */
  readonly total_fee: string
  /** fen */
  readonly refund_fee: string
  /** fen, at times */
  readonly cash_refund_fee?: string
  /** fen */
  readonly settlement_refund_fee?: string
  /** SUCCESS, CHANGE, REFUNDCLOSE */
  readonly refund_status: string
  /** yyyy-MM-dd HH:mm:ss */
  readonly success_time?: string
  /** spelt so by WeChat */
  readonly refund_recv_accout?: string
  /** API, VENDOR_PLATFORM */
  readonly refund_request_source?: string
}

/**
 * 下载交易账单 `POST /pay/downloadbill`. Answered with the file itself, or, when there is none, with XML that nobody signs.
 *
 * @see 下载交易账单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6, checked 2026-11
 */
export interface DownloadBillRequest extends SubIds {
  readonly appid: string
  readonly mch_id: string
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
  /** yyyyMMdd */
  readonly bill_date: string
  readonly bill_type: 'ALL' | 'SUCCESS' | 'REFUND'
  readonly tar_type: 'GZIP'
}

/**
 * 下载资金账单 `POST /pay/downloadfundflow`, over mutual TLS; HMAC-SHA256 alone.
 *
 * @see 下载资金账单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_18, checked 2026-11
 */
export interface DownloadFundFlowRequest extends SubIds {
  readonly appid: string
  readonly mch_id: string
  readonly nonce_str: string
  readonly sign_type: 'HMAC-SHA256'
  /** yyyyMMdd */
  readonly bill_date: string
  readonly account_type: 'Basic' | 'Operation' | 'Fees'
  readonly tar_type: 'GZIP'
}
