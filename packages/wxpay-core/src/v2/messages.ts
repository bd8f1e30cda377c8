/** @module APIv2 messages of payment, in WeChat's spelling. Lengths are in characters, money in fen, times in GMT+8. */

/**
 * 统一下单 `POST /pay/unifiedorder` for a mini-program.
 *
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface UnifiedOrderRequest {
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
  /** at most 128 */
  readonly openid: string
}

/** 查询订单 `POST /pay/orderquery`: one of the two numbers. */
export interface OrderQueryRequest {
  readonly appid: string
  readonly mch_id: string
  readonly transaction_id?: string | undefined
  readonly out_trade_no?: string | undefined
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
}

/** 关闭订单 `POST /pay/closeorder`. */
export interface CloseOrderRequest {
  readonly appid: string
  readonly mch_id: string
  readonly out_trade_no: string
  readonly nonce_str: string
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
}

/** The first three layers of every answer: communication, signature, business. */
export interface AnswerHead {
  /** SUCCESS or FAIL; FAIL comes unsigned, with `return_msg` alone */
  readonly return_code: string
  readonly return_msg?: string
  readonly appid?: string
  readonly mch_id?: string
  readonly sign?: string
  /** SUCCESS or FAIL */
  readonly result_code?: string
  readonly err_code?: string
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
  readonly openid?: string
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, ACCEPT, or something new */
  readonly trade_state?: string
  readonly bank_type?: string
  readonly total_fee?: string
  /** left out for CNY */
  readonly fee_type?: string
  readonly cash_fee?: string
  readonly transaction_id?: string
  readonly out_trade_no: string
  readonly attach?: string
  /** yyyyMMddHHmmss */
  readonly time_end?: string
}
