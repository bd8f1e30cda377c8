/** @module APIv3 messages of payment, refund and bills, in WeChat's spelling. Lengths are in characters, money in fen. */

/**
 * JSAPI下单 `POST /v3/pay/transactions/jsapi`.
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface JsapiPrepayRequest {
  /** 公众账号ID (of a mini-program: its AppID), at most 32 */
  readonly appid: string
  /** 商户号, at most 32 */
  readonly mchid: string
  /** 商品描述, at most 127 bytes */
  readonly description: string
  /** 商户订单号, 6 to 32 of `0-9A-Za-z_-|*` */
  readonly out_trade_no: string
  /** 支付结束时间, RFC 3339 in GMT+8, at most 64 */
  readonly time_expire?: string
  /** 商户数据包, at most 128 */
  readonly attach?: string
  /** 商户回调地址, https without query, at most 255 */
  readonly notify_url: string
  /** 订单优惠标记, at most 32 */
  readonly goods_tag?: string
  /** 指定支付方式: `["no_credit"]` or nothing */
  readonly limit_pay?: readonly string[]
  /** 电子发票入口开放标识, true or false */
  readonly support_fapiao?: boolean
  /** 结算信息, an object */
  readonly settle_info?: {
    /** 分账标识, true or false */
    readonly profit_sharing: boolean
  }
  /** 订单金额, an object */
  readonly amount: {
    /** 总金额, fen, at least 1 */
    readonly total: number
    /** 货币类型, at most 16 */
    readonly currency: 'CNY'
  }
  /** 支付者信息, an object */
  readonly payer: {
    /** 用户标识, at most 128 */
    readonly openid: string
    /** 实名支付, an object; for merchants who may */
    readonly identity?: PayerIdentity
  }
  /** 优惠功能, an object */
  readonly detail?: OrderDetail
  /** 场景信息, an object */
  readonly scene_info: {
    /** 用户终端IP, IPv4 or IPv6, at most 45 */
    readonly payer_client_ip: string
    /** 商户端设备号, at most 32 */
    readonly device_id?: string
    /** 商户门店信息, an object */
    readonly store_info?: StoreInfo
  }
  /** 贴息信息 (微信分付), an object */
  readonly subsidy_info?: {
    /** 贴息详情列表, any number of entries */
    readonly subsidy_detail?: readonly {
      /** 贴息方案类型, at most 32 */
      readonly subsidy_period_type: 'DAILY' | 'PERIOD'
      /** 贴息方案列表, any number of entries */
      readonly subsidy_plan: readonly {
        /** 贴息期数, a whole number: 3, 6 or 12 */
        readonly subsidy_installment_num: number
        /** 贴息比例, a whole number from 0 to 100 */
        readonly subsidy_percent: number
      }[]
    }[]
  }
}

/**
 * What an order consists of (优惠功能), for coupons on single goods.
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface OrderDetail {
  /** 订单原价, fen: of a receipt that is paid in several orders */
  readonly cost_price?: number
  /** 商品小票ID, at most 32 */
  readonly invoice_id?: string
  /** 单品列表, at most 6000 entries */
  readonly goods_detail?: readonly {
    /** 商户侧商品编码, at most 32 of `0-9A-Za-z_-` */
    readonly merchant_goods_id: string
    /** 微信侧商品编码, at most 32 */
    readonly wechatpay_goods_id?: string
    /** 商品名称, at most 256 */
    readonly goods_name?: string | undefined
    /** 商品数量, a whole number, at least 1 */
    readonly quantity: number
    /** 商品单价, fen */
    readonly unit_price: number
  }[]
}

/**
 * Where it was ordered (商户门店信息).
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface StoreInfo {
  /** 门店编号, at most 32 */
  readonly id?: string
  /** 门店名称, at most 256 */
  readonly name: string
  /** 地区编码, at most 32 */
  readonly area_code: string
  /** 详细地址, at most 512 */
  readonly address: string
}

/**
 * Who has to pay (实名支付). WeChat Pay opens that to some merchants.
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface PayerIdentity {
  /** 证件类型 IDCARD, HONGKONG_MACAO, …, PHONE_NUMBER; at most 32 */
  readonly type: string
  /** 证件号: encrypted, base64 */
  readonly number: string
  /** 姓名: encrypted, base64 */
  readonly name: string
}

/**
 * JSAPI下单 of a service provider, `POST /v3/pay/partner/transactions/jsapi`.
 *
 * @see 服务商 JSAPI下单, https://pay.weixin.qq.com/doc/v3/partner/4012085801, checked 2026-11
 */
export interface PartnerJsapiPrepayRequest extends Omit<JsapiPrepayRequest, 'appid' | 'mchid' | 'payer'> {
  /** 服务商应用ID, at most 32 */
  readonly sp_appid: string
  /** 服务商户号, at most 32 */
  readonly sp_mchid: string
  /** 子商户应用ID, at most 32; needed with `sub_openid` */
  readonly sub_appid?: string
  /** 子商户号, at most 32 */
  readonly sub_mchid: string
  /** 支付者信息: an object with one of the two, at most 128 */
  readonly payer:
    | {
        /** 用户服务标识, at most 128 */
        readonly sp_openid: string
      }
    | {
        /** 用户子标识, at most 128 */
        readonly sub_openid: string
      }
}

/**
 * Answer of JSAPI下单.
 *
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 */
export interface JsapiPrepayResponse {
  /** 预支付交易会话标识, at most 64; lives 2 hours */
  readonly prepay_id: string
}

/**
 * 关闭订单 `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`; answered with 204.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791901, checked 2026-11
 */
export interface CloseRequest {
  /** 商户号, at most 32 */
  readonly mchid: string
}

/**
 * 关闭订单 of a service provider, `POST /v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close`; answered with 204.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791901, checked 2026-11
 */
export interface PartnerCloseRequest {
  /** 服务商户号, at most 32 */
  readonly sp_mchid: string
  /** 子商户号, at most 32 */
  readonly sub_mchid: string
}

/**
 * A trade: answer of the two queries, and content of a payment notification. An unpaid trade has no
 * `transaction_id`, `trade_type`, `payer` and `success_time`.
 *
 * @see 商户订单号查询订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791900, and 支付成功回调通知,
 *   https://pay.weixin.qq.com/doc/v3/merchant/4012791902, checked 2026-11
 */
export interface Transaction {
  /** 公众账号ID, at most 32 */
  readonly appid?: string
  /** 商户号, at most 32 */
  readonly mchid?: string
  /** 商户订单号, 6 to 32 */
  readonly out_trade_no: string
  /** 微信支付订单号, at most 32 */
  readonly transaction_id?: string
  /** JSAPI, NATIVE, APP, MICROPAY, MWEB, FACEPAY; at most 16 */
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, or something new; at most 32 */
  readonly trade_state: string
  /** 交易状态描述, for people, at most 256 */
  readonly trade_state_desc?: string
  /** 银行类型, at most 32 */
  readonly bank_type?: string
  /** 商户数据包, at most 128 */
  readonly attach?: string
  /** 支付完成时间, RFC 3339, at most 64 */
  readonly success_time?: string
  /** 支付者信息, an object */
  readonly payer?: {
    /** 用户标识, at most 128 */
    readonly openid?: string
  }
  /** 商品描述, at most 127 bytes; this and the next six in queries alone */
  readonly description?: string
  /** 交易结束时间, RFC 3339, at most 64 */
  readonly time_expire?: string
  /** 通知地址, at most 255 */
  readonly notify_url?: string
  /** 订单优惠标记, at most 32 */
  readonly goods_tag?: string
  /** 指定支付方式: `["no_credit"]` or nothing */
  readonly limit_pay?: readonly string[]
  /** 电子发票入口开放标识, true or false */
  readonly support_fapiao?: boolean
  /** 优惠功能, an object */
  readonly detail?: OrderDetail
  /** 场景信息, an object */
  readonly scene_info?: {
    /** 用户终端IP, IPv4 or IPv6, at most 45 */
    readonly payer_client_ip?: string
    /** 商户端设备号, at most 32 */
    readonly device_id?: string
    /** 商户门店信息, an object */
    readonly store_info?: StoreInfo
  }
  /** 使用的商户贴息信息 (微信分付), an object */
  readonly installment_info?: {
    /** 是否使用了商户贴息, true or false */
    readonly use_subsidy: boolean
    /** 用户实际选择分期期数, a whole number */
    readonly selected_installment_number: number
  }
  /** 优惠功能, any number of entries */
  readonly promotion_detail?: readonly PromotionDetail[]
  /** 订单金额, an object */
  readonly amount?: {
    /** 总金额, fen */
    readonly total?: number
    /** 用户支付金额, fen */
    readonly payer_total?: number
    /** 货币类型, at most 16 */
    readonly currency?: string
    /** 用户支付币种, at most 16 */
    readonly payer_currency?: string
  }
}

/**
 * A trade of a service provider: the provider's and the sub-merchant's ids in place of `appid` and `mchid`.
 *
 * @see 服务商 JSAPI下单, https://pay.weixin.qq.com/doc/v3/partner/4012085801, checked 2026-11
 */
export interface PartnerTransaction extends Omit<Transaction, 'appid' | 'mchid' | 'payer'> {
  /** 服务商应用ID, at most 32 */
  readonly sp_appid?: string
  /** 服务商户号, at most 32 */
  readonly sp_mchid?: string
  /** 子商户应用ID, at most 32 */
  readonly sub_appid?: string
  /** 子商户号, at most 32 */
  readonly sub_mchid?: string
  /** 支付者信息, an object */
  readonly payer?: {
    /** 用户服务标识, at most 128 */
    readonly sp_openid?: string
    /** 用户子标识, at most 128 */
    readonly sub_openid?: string
  }
}

/**
 * One promotion of a trade (优惠功能).
 *
 * @see 商户订单号查询订单, https://pay.weixin.qq.com/doc/v3/merchant/4012791900, checked 2026-11
 */
export interface PromotionDetail {
  /** 券ID, at most 32 */
  readonly coupon_id: string
  /** 优惠名称, at most 64 */
  readonly name?: string
  /** GLOBAL or SINGLE, at most 32 */
  readonly scope?: string
  /** CASH or NOCASH, at most 32 */
  readonly type?: string
  /** 优惠券面额, fen */
  readonly amount: number
  /** 活动ID, at most 32 */
  readonly stock_id?: string
  /** 微信出资, fen */
  readonly wechatpay_contribute?: number
  /** 商户出资, fen */
  readonly merchant_contribute?: number
  /** 其他出资, fen */
  readonly other_contribute?: number
  /** 优惠币种, at most 16 */
  readonly currency?: string
  /** 单品列表, any number of entries */
  readonly goods_detail?: readonly {
    /** 商品编码, at most 32 */
    readonly goods_id: string
    /** 商品数量, a whole number */
    readonly quantity: number
    /** 商品单价, fen */
    readonly unit_price: number
    /** 商品优惠金额, fen */
    readonly discount_amount: number
    /** 商品备注, at most 128 */
    readonly goods_remark?: string
  }[]
}

/**
 * 申请退款 `POST /v3/refund/domestic/refunds`.
 *
 * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface RefundRequest {
  /** 子商户号, at most 32; service providers only */
  readonly sub_mchid?: string
  /** 微信支付订单号, at most 32; or `out_trade_no` */
  readonly transaction_id?: string
  /** 商户订单号, 6 to 32; or `transaction_id` */
  readonly out_trade_no?: string
  /** 商户退款单号, at most 64 of `0-9A-Za-z_-|*@` */
  readonly out_refund_no: string
  /** 退款原因, at most 80 */
  readonly reason?: string
  /** 退款结果回调url, https without query, at most 256 */
  readonly notify_url: string
  /** 退款资金来源, at most 32; merchants of the old fund flow only */
  readonly funds_account?: 'AVAILABLE' | 'UNSETTLED'
  /** 金额信息, an object */
  readonly amount: {
    /** 退款金额, fen, from 1 to `total` */
    readonly refund: number
    /** 原订单金额, fen */
    readonly total: number
    /** 退款币种, at most 16 */
    readonly currency: 'CNY'
    /** 退款出资账户及金额, at most 2 entries */
    readonly from?: readonly RefundSource[]
  }
  /** 退款商品, at most 6000 entries */
  readonly goods_detail?: readonly RefundedGoods[]
}

/**
 * An account that pays a part of a refund (退款出资账户).
 *
 * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface RefundSource {
  /** 出资账户类型 AVAILABLE or UNAVAILABLE, at most 32 */
  readonly account: string
  /** 出资金额, fen */
  readonly amount: number
}

/**
 * Goods that are given back (退款商品).
 *
 * @see 申请退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface RefundedGoods {
  /** 商户侧商品编码, at most 32 of `0-9A-Za-z_-` */
  readonly merchant_goods_id: string
  /** 微信侧商品编码, at most 32 */
  readonly wechatpay_goods_id?: string
  /** 商品名称, at most 256 */
  readonly goods_name?: string
  /** 商品单价, fen */
  readonly unit_price: number
  /** 商品退款金额, fen */
  readonly refund_amount: number
  /** 商品退货数量, a whole number, at least 1 */
  readonly refund_quantity: number
}

/**
 * A refund: answer of 申请退款, 查询单笔退款 `GET /v3/refund/domestic/refunds/{out_refund_no}` and 发起异常退款. It names no
 * merchant. The notification about it has other members, see `RefundNotice`.
 *
 * @see 查询单笔退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071041, checked 2026-11
 */
export interface Refund {
  /** 微信支付退款单号, at most 32 */
  readonly refund_id: string
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 微信支付订单号, at most 32 */
  readonly transaction_id: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no?: string
  /** ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD; at most 16 */
  readonly channel?: string
  /** 退款入账账户, for people, at most 64 */
  readonly user_received_account?: string
  /** 退款成功时间, RFC 3339, at most 64 */
  readonly success_time?: string
  /** 退款创建时间, RFC 3339, at most 64 */
  readonly create_time?: string
  /** SUCCESS, CLOSED, PROCESSING, ABNORMAL, or something new; at most 32 */
  readonly status: string
  /** UNSETTLED, AVAILABLE, UNAVAILABLE, OPERATION, BASIC; at most 32 */
  readonly funds_account?: string
  /** 金额信息, an object */
  readonly amount: {
    /** 退款金额, fen */
    readonly refund: number
    /** 订单金额, fen */
    readonly total?: number
    /** 退款币种, at most 16 */
    readonly currency?: string
    /** 用户支付金额, fen */
    readonly payer_total?: number
    /** 用户退款金额, fen */
    readonly payer_refund?: number
    /** 应结退款金额, fen */
    readonly settlement_refund?: number
    /** 应结订单金额, fen */
    readonly settlement_total?: number
    /** 优惠退款金额, fen */
    readonly discount_refund?: number
    /** 手续费退款金额, fen */
    readonly refund_fee?: number
    /** 退款出资账户及金额, any number of entries */
    readonly from?: readonly RefundSource[]
  }
  /** 优惠退款信息, any number of entries */
  readonly promotion_detail?: readonly RefundPromotion[]
}

/**
 * One promotion of a refund (优惠退款信息).
 *
 * @see 查询单笔退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071041, checked 2026-11
 */
export interface RefundPromotion {
  /** 券ID, at most 32 */
  readonly promotion_id: string
  /** GLOBAL or SINGLE, at most 32 */
  readonly scope?: string
  /** COUPON or DISCOUNT, at most 32 */
  readonly type?: string
  /** 优惠券面额, fen */
  readonly amount?: number
  /** 优惠退款金额, fen */
  readonly refund_amount: number
  /** 商品列表, any number of entries */
  readonly goods_detail?: readonly RefundedGoods[]
}

/**
 * Content of a refund notification. What `Refund` calls `status` is `refund_status` here, and there is a merchant.
 *
 * @see 退款结果回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4013071196, checked 2026-11
 */
export interface RefundNotice {
  /** 商户号, at most 32 */
  readonly mchid: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no?: string
  /** 微信支付订单号, at most 32 */
  readonly transaction_id: string
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 微信支付退款单号, at most 32 */
  readonly refund_id: string
  /** SUCCESS, CLOSED, ABNORMAL: the same word as at the end of the envelope's `event_type`; at most 16 */
  readonly refund_status: string
  /** 退款成功时间, RFC 3339, at most 64; after SUCCESS only */
  readonly success_time?: string
  /** 退款入账账户, for people, at most 64 */
  readonly user_received_account?: string
  /** 金额信息, an object */
  readonly amount: {
    /** 退款金额, fen */
    readonly refund: number
    /** 订单金额, fen */
    readonly total?: number
    /** 用户支付金额, fen */
    readonly payer_total?: number
    /** 用户退款金额, fen */
    readonly payer_refund?: number
  }
}

/**
 * Content of a service provider's refund notification.
 *
 * @see 退款结果回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4013071196, checked 2026-11
 */
export interface PartnerRefundNotice extends Omit<RefundNotice, 'mchid'> {
  /** 服务商户号, at most 32 */
  readonly sp_mchid: string
  /** 子商户号, at most 32 */
  readonly sub_mchid: string
}

/**
 * 发起异常退款 `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`. Answered with a `Refund`.
 *
 * @see 发起异常退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071193, checked 2026-11
 */
export interface AbnormalRefundRequest {
  /** 子商户号, at most 32; service providers only */
  readonly sub_mchid?: string
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 异常退款处理方式, at most 32 */
  readonly type: 'MERCHANT_BANK_CARD' | 'USER_BANK_CARD'
  /** 开户银行, at most 16; this and the next two for USER_BANK_CARD */
  readonly bank_type?: string
  /** 收款银行卡号: encrypted, base64, at most 1024 */
  readonly bank_account?: string
  /** 收款用户姓名: encrypted, base64, at most 1024 */
  readonly real_name?: string
}

/**
 * The envelope of every notification.
 *
 * @see 支付成功回调通知, https://pay.weixin.qq.com/doc/v3/merchant/4012791902, checked 2026-11
 */
export interface NotificationEnvelope {
  /** 通知ID, 1 to 36 */
  readonly id: string
  /** 通知创建时间, RFC 3339, at most 32 */
  readonly create_time?: string
  /** TRANSACTION.SUCCESS, REFUND.SUCCESS, REFUND.ABNORMAL, REFUND.CLOSED; at most 32 */
  readonly event_type: string
  /** 通知数据类型 `encrypt-resource`, at most 32 */
  readonly resource_type: string
  /** 回调摘要, for people, at most 64 */
  readonly summary?: string
  /** 通知数据, an object */
  readonly resource: {
    /** 加密算法类型 AEAD_AES_256_GCM, at most 32 */
    readonly algorithm: string
    /** 数据密文, base64, at most 1048576 */
    readonly ciphertext: string
    /** 加密使用的随机串, exactly 12 */
    readonly nonce: string
    /** 附加数据, at most 16; may be absent or empty */
    readonly associated_data?: string
    /** 原始类型 transaction or refund, at most 16 */
    readonly original_type?: string
  }
}

/**
 * Answer of 申请交易账单 `GET /v3/bill/tradebill` and 申请资金账单 `GET /v3/bill/fundflowbill`.
 *
 * @see 申请交易账单, https://pay.weixin.qq.com/doc/v3/merchant/4013071227, and 申请资金账单,
 *   https://pay.weixin.qq.com/doc/v3/merchant/4013071235, checked 2026-11
 */
export interface BillAnswer {
  /** 哈希类型 SHA1, at most 32 */
  readonly hash_type: string
  /** 哈希值, hexadecimal, of the text before compression; at most 1024 */
  readonly hash_value: string
  /** 账单下载地址, at most 2048; lives 5 minutes, and its answer is not signed */
  readonly download_url: string
}

/**
 * Body of a refusal. Never signed.
 *
 * @see 申请退款 (错误码), https://pay.weixin.qq.com/doc/v3/merchant/4013071036, checked 2026-11
 */
export interface ErrorBody {
  /** 错误码, at most 32 */
  readonly code: string
  /** 错误描述, for people, at most 256 */
  readonly message?: string
}

/**
 * 下载平台证书 `GET /v3/certificates`.
 *
 * @see 下载平台证书, https://pay.weixin.qq.com/doc/v3/merchant/4012551764, checked 2026-11
 */
export interface CertificatesResponse {
  /** 平台证书列表, any number of entries */
  readonly data: readonly {
    /** 证书序列号, hexadecimal, at most 40 */
    readonly serial_no: string
    /** 证书启用时间, RFC 3339, at most 32 */
    readonly effective_time: string
    /** 证书弃用时间, RFC 3339, at most 32 */
    readonly expire_time: string
    /** 证书内容, an object; opens to PEM */
    readonly encrypt_certificate: {
      /** 加密算法类型 AEAD_AES_256_GCM, at most 32 */
      readonly algorithm: string
      /** 加密使用的随机串, exactly 12 */
      readonly nonce: string
      /** 证书密文, base64, at most 1048576 */
      readonly ciphertext: string
      /** 附加数据 `certificate`, at most 16 */
      readonly associated_data?: string
    }
  }[]
}
