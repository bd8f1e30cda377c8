/** @module APIv3 messages of payment and refund, in WeChat's spelling. Lengths are in characters, money in fen. */

/**
 * JSAPI下单 `POST /v3/pay/transactions/jsapi`.
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface JsapiPrepayRequest {
  /** at most 32 */
  readonly appid: string
  /** at most 32 */
  readonly mchid: string
  /** at most 127 bytes */
  readonly description: string
  /** 6 to 32 */
  readonly out_trade_no: string
  /** RFC 3339 in GMT+8, at most 64 */
  readonly time_expire?: string
  /** at most 128 */
  readonly attach?: string
  /** https without query, at most 255 */
  readonly notify_url: string
  readonly amount: { readonly total: number; readonly currency: 'CNY' }
  /** at most 128 */
  readonly payer: { readonly openid: string }
  /** IPv4 or IPv6, at most 45 */
  readonly scene_info: { readonly payer_client_ip: string }
}

/** Answer of JSAPI下单. */
export interface JsapiPrepayResponse {
  /** at most 64; lives 2 hours */
  readonly prepay_id: string
}

/** 关闭订单 `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`; answered with 204. */
export interface CloseRequest {
  readonly mchid: string
}

/**
 * A trade: answer of the two queries, and content of a payment notification. An unpaid trade has no
 * `transaction_id`, `trade_type`, `payer` and `success_time`.
 *
 * @see 商户订单号查询订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791900, checked 2026-11
 */
export interface Transaction {
  readonly appid?: string
  readonly mchid?: string
  readonly out_trade_no: string
  readonly transaction_id?: string
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, or something new */
  readonly trade_state: string
  readonly trade_state_desc?: string
  readonly bank_type?: string
  readonly attach?: string
  /** RFC 3339 */
  readonly success_time?: string
  readonly payer?: { readonly openid?: string }
  readonly amount?: {
    readonly total?: number
    readonly payer_total?: number
    readonly currency?: string
    readonly payer_currency?: string
  }
}

/**
 * 申请退款 `POST /v3/refund/domestic/refunds`.
 *
 * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface RefundRequest {
  /** at most 32; or `out_trade_no` */
  readonly transaction_id: string
  /** at most 64 of `0-9A-Za-z_-|*@` */
  readonly out_refund_no: string
  /** at most 80 */
  readonly reason?: string
  /** https without query, at most 256 */
  readonly notify_url: string
  readonly amount: { readonly refund: number; readonly total: number; readonly currency: 'CNY' }
}

/**
 * A refund: answer of 申请退款, 查询单笔退款 `GET /v3/refund/domestic/refunds/{out_refund_no}` and 发起异常退款. It names no
 * merchant. The notification about it has other members, see `RefundNotice`.
 *
 * @see 查询单笔退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071041, checked 2026-11
 */
export interface Refund {
  readonly refund_id: string
  readonly out_refund_no: string
  readonly transaction_id: string
  readonly out_trade_no?: string
  /** ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD */
  readonly channel?: string
  readonly user_received_account?: string
  /** RFC 3339 */
  readonly success_time?: string
  /** RFC 3339 */
  readonly create_time?: string
  /** SUCCESS, CLOSED, PROCESSING, ABNORMAL, or something new */
  readonly status: string
  readonly amount: { readonly refund: number; readonly total?: number; readonly currency?: string }
}

/**
 * Content of a refund notification. What `Refund` calls `status` is `refund_status` here, and there is a merchant.
 *
 * @see 退款结果回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4013071196, checked 2026-11
 */
export interface RefundNotice {
  readonly mchid: string
  readonly out_trade_no?: string
  readonly transaction_id: string
  readonly out_refund_no: string
  readonly refund_id: string
  /** SUCCESS, CLOSED, ABNORMAL: the same word as at the end of the envelope's `event_type` */
  readonly refund_status: string
  /** RFC 3339; after SUCCESS only */
  readonly success_time?: string
  readonly user_received_account?: string
  readonly amount: { readonly refund: number; readonly total?: number }
}

/**
 * 发起异常退款 `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`. Answered with a `Refund`.
 *
 * @see 发起异常退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071193, checked 2026-11
 */
export interface AbnormalRefundRequest {
  /** at most 64 */
  readonly out_refund_no: string
  readonly type: 'MERCHANT_BANK_CARD' | 'USER_BANK_CARD'
  /** at most 16; this and the next two for USER_BANK_CARD */
  readonly bank_type?: string
  /** encrypted, base64, at most 1024 */
  readonly bank_account?: string
  /** encrypted, base64, at most 1024 */
  readonly real_name?: string
}

/**
 * The envelope of every notification.
 *
 * @see 支付成功回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4012791902, checked 2026-11
 */
export interface NotificationEnvelope {
  /** 1 to 36 */
  readonly id: string
  readonly create_time?: string
  /** TRANSACTION.SUCCESS, REFUND.SUCCESS, REFUND.ABNORMAL, REFUND.CLOSED */
  readonly event_type: string
  /** encrypt-resource */
  readonly resource_type: string
  readonly resource: {
    /** AEAD_AES_256_GCM */
    readonly algorithm: string
    readonly ciphertext: string
    readonly nonce: string
    readonly associated_data?: string
    /** transaction, refund */
    readonly original_type?: string
  }
}

/** Body of a refusal. Never signed. */
export interface ErrorBody {
  readonly code: string
  readonly message?: string
}

/**
 * 下载平台证书 `GET /v3/certificates`.
 *
 * @see 下载平台证书, https://pay.weixin.qq.com/doc/v3/merchant/4012551764, checked 2026-11
 */
export interface CertificatesResponse {
  readonly data: readonly {
    readonly serial_no: string
    readonly effective_time: string
    readonly expire_time: string
    readonly encrypt_certificate: {
      readonly algorithm: string
      readonly nonce: string
      readonly ciphertext: string
      readonly associated_data?: string
    }
  }[]
}
