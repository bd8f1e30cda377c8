/** @module APIv3 messages of payment, refund and bills, in WeChat's spelling. Lengths are in characters, money in fen. */

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
  /** at most 32 */
  readonly goods_tag?: string
  /** `["no_credit"]` */
  readonly limit_pay?: readonly string[]
  readonly support_fapiao?: boolean
  readonly settle_info?: { readonly profit_sharing: boolean }
  /** fen, at least 1 */
  readonly amount: { readonly total: number; readonly currency: 'CNY' }
  /** at most 128 */
  readonly payer: { readonly openid: string }
  /** IPv4 or IPv6, at most 45 */
  readonly scene_info: { readonly payer_client_ip: string }
}

/**
 * JSAPI下单 of a service provider, `POST /v3/pay/partner/transactions/jsapi`.
 *
 * @see 服务商 JSAPI下单, https://pay.weixin.qq.com/doc/v3/partner/4012085801, checked 2026-11
 */
export interface PartnerJsapiPrepayRequest extends Omit<JsapiPrepayRequest, 'appid' | 'mchid' | 'payer'> {
  /** the provider's, at most 32 */
  readonly sp_appid: string
  /** the provider's, at most 32 */
  readonly sp_mchid: string
  /** at most 32; needed with `sub_openid` */
  readonly sub_appid?: string
  /** at most 32 */
  readonly sub_mchid: string
  /** one of the two, at most 128 */
  readonly payer: { readonly sp_openid: string } | { readonly sub_openid: string }
}

/** Answer of JSAPI下单. */
export interface JsapiPrepayResponse {
  /** at most 64; lives 2 hours */
  readonly prepay_id: string
}

/**
 * 关闭订单 `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`; answered with 204.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791901, checked 2026-11
 */
export interface CloseRequest {
  /** at most 32 */
  readonly mchid: string
}

/** 关闭订单 of a service provider, `POST /v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close`. */
export interface PartnerCloseRequest {
  /** at most 32 */
  readonly sp_mchid: string
  /** at most 32 */
  readonly sub_mchid: string
}

/**
 * A trade: answer of the two queries, and content of a payment notification. An unpaid trade has no
 * `transaction_id`, `trade_type`, `payer` and `success_time`.
 *
 * @see 商户订单号查询订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791900, checked 2026-11
 */
export interface Transaction {
  /** at most 32 */
  readonly appid?: string
  /** at most 32 */
  readonly mchid?: string
  /** 6 to 32 */
  readonly out_trade_no: string
  /** at most 32 */
  readonly transaction_id?: string
  /** JSAPI, NATIVE, APP, MICROPAY, MWEB, FACEPAY; at most 16 */
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, or something new */
  readonly trade_state: string
  /** at most 256 */
  readonly trade_state_desc?: string
  /** at most 32 */
  readonly bank_type?: string
  /** at most 128 */
  readonly attach?: string
  /** RFC 3339, at most 64 */
  readonly success_time?: string
  /** at most 128 */
  readonly payer?: { readonly openid?: string }
  /** at most 32 */
  readonly scene_info?: { readonly device_id?: string }
  readonly promotion_detail?: readonly PromotionDetail[]
  /** fen */
  readonly amount?: {
    readonly total?: number
    readonly payer_total?: number
    readonly currency?: string
    readonly payer_currency?: string
  }
}

/** A trade of a service provider: the provider's and the sub-merchant's ids in place of `appid` and `mchid`. */
export interface PartnerTransaction extends Omit<Transaction, 'appid' | 'mchid' | 'payer'> {
  /** at most 32 */
  readonly sp_appid?: string
  /** at most 32 */
  readonly sp_mchid?: string
  /** at most 32 */
  readonly sub_appid?: string
  /** at most 32 */
  readonly sub_mchid?: string
  /** at most 128 each */
  readonly payer?: { readonly sp_openid?: string; readonly sub_openid?: string }
}

/** One promotion of a trade (优惠功能). Amounts are fen. */
export interface PromotionDetail {
  /** at most 32 */
  readonly coupon_id: string
  /** at most 64 */
  readonly name?: string
  /** GLOBAL, SINGLE */
  readonly scope?: string
  /** CASH, NOCASH */
  readonly type?: string
  /** 优惠券面额 */
  readonly amount: number
  /** 活动ID, at most 32 */
  readonly stock_id?: string
  readonly wechatpay_contribute?: number
  readonly merchant_contribute?: number
  readonly other_contribute?: number
  readonly currency?: string
  readonly goods_detail?: readonly {
    /** at most 32 */
    readonly goods_id: string
    readonly quantity: number
    /** fen */
    readonly unit_price: number
    /** fen */
    readonly discount_amount: number
    /** at most 128 */
    readonly goods_remark?: string
  }[]
}

/**
 * 申请退款 `POST /v3/refund/domestic/refunds`.
 *
 * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface RefundRequest {
  /** service providers only, at most 32 */
  readonly sub_mchid?: string
  /** at most 32; or `out_trade_no` */
  readonly transaction_id: string
  /** at most 64 of `0-9A-Za-z_-|*@` */
  readonly out_refund_no: string
  /** at most 80 */
  readonly reason?: string
  /** https without query, at most 256 */
  readonly notify_url: string
  /** merchants of the old fund flow only */
  readonly funds_account?: 'AVAILABLE' | 'UNSETTLED'
  /** fen; `refund` from 1 to `total` */
  readonly amount: { readonly refund: number; readonly total: number; readonly currency: 'CNY' }
}

/**
 * A refund: answer of 申请退款, 查询单笔退款 `GET /v3/refund/domestic/refunds/{out_refund_no}` and 发起异常退款. It names no
 * merchant. The notification about it has other members, see `RefundNotice`.
 *
 * @see 查询单笔退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071041, checked 2026-11
 */
export interface Refund {
  /** at most 32 */
  readonly refund_id: string
  /** at most 64 */
  readonly out_refund_no: string
  /** at most 32 */
  readonly transaction_id: string
  /** at most 32 */
  readonly out_trade_no?: string
  /** ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD */
  readonly channel?: string
  /** for people, at most 64 */
  readonly user_received_account?: string
  /** RFC 3339 */
  readonly success_time?: string
  /** RFC 3339 */
  readonly create_time?: string
  /** SUCCESS, CLOSED, PROCESSING, ABNORMAL, or something new */
  readonly status: string
  /** UNSETTLED, AVAILABLE, UNAVAILABLE, OPERATION, BASIC */
  readonly funds_account?: string
  /** fen */
  readonly amount: {
    readonly refund: number
    readonly total?: number
    readonly currency?: string
    readonly payer_total?: number
    readonly payer_refund?: number
    readonly settlement_refund?: number
    readonly settlement_total?: number
    readonly discount_refund?: number
    /** 手续费退款金额 */
    readonly refund_fee?: number
    /** 出资账户 AVAILABLE, UNAVAILABLE, and what each gave */
    readonly from?: readonly { readonly account: string; readonly amount: number }[]
  }
  readonly promotion_detail?: readonly RefundPromotion[]
}

/** One promotion of a refund (优惠退款信息). Amounts are fen. */
export interface RefundPromotion {
  /** 券ID, at most 32 */
  readonly promotion_id: string
  /** GLOBAL, SINGLE */
  readonly scope?: string
  /** COUPON, DISCOUNT */
  readonly type?: string
  readonly amount?: number
  readonly refund_amount: number
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
  /** fen */
  readonly amount: {
    readonly refund: number
    readonly total?: number
    readonly payer_total?: number
    readonly payer_refund?: number
  }
}

/** Content of a service provider's refund notification. */
export interface PartnerRefundNotice extends Omit<RefundNotice, 'mchid'> {
  /** at most 32 */
  readonly sp_mchid: string
  /** at most 32 */
  readonly sub_mchid: string
}

/**
 * 发起异常退款 `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`. Answered with a `Refund`.
 *
 * @see 发起异常退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071193, checked 2026-11
 */
export interface AbnormalRefundRequest {
  /** service providers only, at most 32 */
  readonly sub_mchid?: string
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

/**
 * Answer of 申请交易账单 `GET /v3/bill/tradebill` and 申请资金账单 `GET /v3/bill/fundflowbill`.
 *
 * @see 申请交易账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071227, and 申请资金账单, …/4013071235, checked 2026-11
 */
export interface BillAnswer {
  /** SHA1 */
  readonly hash_type: string
  /** hexadecimal, of the text before compression */
  readonly hash_value: string
  /** lives 5 minutes, at most 2048; its answer is not signed */
  readonly download_url: string
}

/** Body of a refusal. Never signed. */
export interface ErrorBody {
  /** at most 32 */
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
