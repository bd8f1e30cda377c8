/** @module APIv2 messages of payment, refund and bills, in WeChat's spelling. Lengths are in characters, money in fen, times in GMT+8. */

/** Ids of a sub-merchant (服务商模式): in every request and answer of a service provider. */
interface SubIds {
  /** 子商户公众账号ID, at most 32 */
  readonly sub_appid?: string | undefined
  /** 子商户号, at most 32 */
  readonly sub_mch_id?: string | undefined
}

/** What every request begins with; `sign` is added when it is sent. */
interface RequestHead extends SubIds {
  /** 公众账号ID (of a mini-program: its AppID), at most 32 */
  readonly appid: string
  /** 商户号, at most 32 */
  readonly mch_id: string
  /** 随机字符串, at most 32 */
  readonly nonce_str: string
  /** 签名类型, at most 32 */
  readonly sign_type: 'MD5' | 'HMAC-SHA256'
}

/**
 * 统一下单 `POST /pay/unifiedorder` for a mini-program.
 *
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface UnifiedOrderRequest extends RequestHead {
  /** 接口版本号, at most 32; with it queries and notifications have `promotion_detail` in place of `coupon_…` */
  readonly version?: '1.0' | undefined
  /** 设备号, at most 32 */
  readonly device_info?: string | undefined
  /** 商品描述, at most 127 bytes */
  readonly body: string
  /** 商品详情: `OrderDetail` as JSON, at most 6000; for coupons on single goods, with `version` */
  readonly detail?: string | undefined
  /** 附加数据, at most 127 */
  readonly attach?: string | undefined
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
  /** 标价币种, at most 16 */
  readonly fee_type: 'CNY'
  /** 标价金额, fen */
  readonly total_fee: number
  /** 终端IP, IPv4 or IPv6, at most 64 */
  readonly spbill_create_ip: string
  /** 交易起始时间, yyyyMMddHHmmss; the same on every repetition */
  readonly time_start?: string | undefined
  /** 交易结束时间, yyyyMMddHHmmss */
  readonly time_expire?: string | undefined
  /** 通知地址 without query, at most 256 */
  readonly notify_url: string
  /** 交易类型, at most 16 */
  readonly trade_type: 'JSAPI'
  /** 用户标识, at most 128; a service provider's, when there is no `sub_openid` */
  readonly openid?: string | undefined
  /** 用户子标识, at most 128; the payer in `sub_appid` */
  readonly sub_openid?: string | undefined
  /** 订单优惠标记, at most 32 */
  readonly goods_tag?: string | undefined
  /** 指定支付方式, at most 32 */
  readonly limit_pay?: 'no_credit' | undefined
  /** 电子发票入口开放标识, at most 8 */
  readonly receipt?: 'Y' | undefined
  /** 是否需要分账, at most 16 */
  readonly profit_sharing?: 'Y' | undefined
  /** 商品ID, at most 32; of a code to be scanned */
  readonly product_id?: string | undefined
  /** 场景信息: `SceneInfo` as JSON, at most 256 */
  readonly scene_info?: string | undefined
  /** 证件类型 IDCARD, HONGKONG_MACAO, …, at most 32; 指定身份支付, for merchants who may */
  readonly user_type?: string | undefined
  /** 证件号, at most 32 */
  readonly user_creid?: string | undefined
  /** 姓名, at most 64 */
  readonly user_truename?: string | undefined
}

/**
 * What the JSON in `detail` holds.
 *
 * @see 单品优惠 统一下单, https://pay.weixin.qq.com/wiki/doc/api/danpin.php?chapter=9_102&index=2, checked 2026-11
 */
export interface OrderDetail {
  /** 订单原价, fen: of a receipt that is paid in several orders */
  readonly cost_price?: number
  /** 商品小票ID, at most 32 */
  readonly receipt_id?: string
  /** 单品列表, any number of entries, as long as the JSON is at most 6000 */
  readonly goods_detail: readonly {
    /** 商品编码, at most 32 of `0-9A-Za-z_-` */
    readonly goods_id: string
    /** 微信侧商品编码, at most 32 */
    readonly wxpay_goods_id?: string
    /** 商品名称, at most 256 */
    readonly goods_name?: string | undefined
    /** 商品数量, a whole number, at least 1 */
    readonly quantity: number
    /** 商品单价, fen */
    readonly price: number
  }[]
}

/**
 * What the JSON in `scene_info` holds.
 *
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface SceneInfo {
  /** 门店信息, an object */
  readonly store_info: {
    /** 门店编号, at most 32 */
    readonly id: string
    /** 门店名称, at most 64 */
    readonly name?: string
    /** 门店行政区划码, at most 6 */
    readonly area_code?: string
    /** 门店详细地址, at most 128 */
    readonly address?: string
  }
}

/**
 * 查询订单 `POST /pay/orderquery`: one of the two numbers.
 *
 * @see 查询订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_2, and with `version`
 *   https://pay.weixin.qq.com/doc/v2/partner/4011984209, checked 2026-11
 */
export interface OrderQueryRequest extends RequestHead {
  /** 接口版本号, at most 32; with it the answer has `promotion_detail` in place of `coupon_…` */
  readonly version?: '1.0' | undefined
  /** 微信支付订单号, at most 32 */
  readonly transaction_id?: string | undefined
  /** 商户订单号, at most 32 */
  readonly out_trade_no?: string | undefined
}

/**
 * 关闭订单 `POST /pay/closeorder`.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_3, checked 2026-11
 */
export interface CloseOrderRequest extends RequestHead {
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
}

/**
 * The first three layers of every answer: communication, signature, business. All values of an answer are text.
 *
 * @see 统一下单 (返回结果), https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface AnswerHead extends SubIds {
  /** SUCCESS or FAIL, at most 16; FAIL comes unsigned, with `return_msg` alone */
  readonly return_code: string
  /** 返回信息, at most 128 */
  readonly return_msg?: string
  /** 公众账号ID, at most 32 */
  readonly appid?: string
  /** 商户号, at most 32 */
  readonly mch_id?: string
  /** 设备号, at most 32 */
  readonly device_info?: string
  /** 随机字符串, at most 32 */
  readonly nonce_str?: string
  /** exactly 32 (MD5) or 64 (HMAC-SHA256), hexadecimal in capitals */
  readonly sign?: string
  /** SUCCESS or FAIL, at most 16 */
  readonly result_code?: string
  /** 错误代码, at most 32 */
  readonly err_code?: string
  /** for people, at most 128 */
  readonly err_code_des?: string
}

/**
 * Answer of 统一下单.
 *
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 */
export interface UnifiedOrderResponse extends AnswerHead {
  /** 交易类型, at most 16 */
  readonly trade_type: string
  /** 预支付交易会话标识, at most 64; lives 2 hours */
  readonly prepay_id: string
  /** 二维码链接, at most 64; of a code to be scanned */
  readonly code_url?: string
  /** 支付跳转链接, at most 64; of a page outside WeChat */
  readonly mweb_url?: string
  /** 营销详情: `PromotionDetail` as JSON, at most 6000 */
  readonly promotion_detail?: string
}

/**
 * Answer of 关闭订单.
 *
 * @see 关闭订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_3, checked 2026-11
 */
export interface CloseOrderResponse extends AnswerHead {
  /** 业务结果描述, at most 32 */
  readonly result_msg?: string
}

/**
 * A trade: answer of 查询订单 and content of 支付结果通知 (which has no `trade_state`). All values are text.
 *
 * @see 查询订单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_2, and 支付结果通知,
 *   https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7, checked 2026-11
 */
export interface TradeMessage extends AnswerHead {
  /** 用户标识, at most 128 */
  readonly openid?: string
  /** 是否关注公众账号, Y or N, at most 1 */
  readonly is_subscribe?: string
  /** 用户子标识, at most 128 */
  readonly sub_openid?: string
  /** 是否关注子公众账号, Y or N, at most 1 */
  readonly sub_is_subscribe?: string
  /** 交易类型, at most 16 */
  readonly trade_type?: string
  /** SUCCESS, REFUND, NOTPAY, CLOSED, REVOKED, USERPAYING, PAYERROR, ACCEPT, or something new; at most 32 */
  readonly trade_state?: string
  /** for people, at most 256 */
  readonly trade_state_desc?: string
  /** 付款银行, at most 32 today; older pages say 16 */
  readonly bank_type?: string
  /** 标价金额, fen */
  readonly total_fee?: string
  /** 应结订单金额, fen; after coupons that are not settled. Not there with `version` */
  readonly settlement_total_fee?: string
  /** 标价币种, at most 8; left out for CNY */
  readonly fee_type?: string
  /** fen; what the payer paid. `cash_fee` and `coupon_fee` are `total_fee` */
  readonly cash_fee?: string
  /** 现金支付币种, at most 16 */
  readonly cash_fee_type?: string
  /** fen; of all coupons together. Each is `coupon_id_$n`, `coupon_type_$n`, `coupon_fee_$n`, from 0, in any order */
  readonly coupon_fee?: string
  /** 代金券使用数量, a whole number */
  readonly coupon_count?: string
  /** 押金消费金额, fen; of deposits */
  readonly consume_fee?: string
  /** 代金券ID, at most 20 */
  readonly [couponId: `coupon_id_${number}`]: string
  /** 代金券类型 CASH or NO_CASH, at most 8 */
  readonly [couponType: `coupon_type_${number}`]: string
  /** 单个代金券支付金额, fen */
  readonly [couponFee: `coupon_fee_${number}`]: string
  /** 营销详情: `PromotionDetail` as JSON, at most 6000. Only where the order, and the query, had a `version` */
  readonly promotion_detail?: string
  /** 微信支付订单号, at most 32 */
  readonly transaction_id?: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
  /** 附加数据, at most 128 */
  readonly attach?: string
  /** 支付完成时间, yyyyMMddHHmmss */
  readonly time_end?: string
}

/**
 * What the JSON in `promotion_detail` holds: a list under this name, or the list alone.
 *
 * @see 单品优惠 查询订单, https://pay.weixin.qq.com/doc/v2/partner/4011984209, checked 2026-11
 */
export interface PromotionDetail {
  /** 营销详情, any number of entries */
  readonly promotion_detail: readonly Promotion[]
}

/**
 * One coupon of a `PromotionDetail`; amounts are JSON numbers.
 *
 * @see 单品优惠 查询订单, https://pay.weixin.qq.com/doc/v2/partner/4011984209, checked 2026-11
 */
export interface Promotion {
  /** 券ID, at most 32 */
  readonly promotion_id: string
  /** 优惠名称, at most 64 */
  readonly name?: string
  /** GLOBAL or SINGLE, at most 32 */
  readonly scope?: string
  /** COUPON (settled, elsewhere CASH) or DISCOUNT (not settled, elsewhere NO_CASH), at most 32 */
  readonly type?: string
  /** 优惠券面额, fen */
  readonly amount: number
  /** 活动ID, at most 32 */
  readonly activity_id?: string
  /** 微信出资, fen */
  readonly wxpay_contribute?: number
  /** 商户出资, fen */
  readonly merchant_contribute?: number
  /** 其他出资, fen */
  readonly other_contribute?: number
  /** 单品列表, any number of entries */
  readonly goods_detail?: readonly {
    /** 商品编码, at most 32 */
    readonly goods_id: string
    /** 商品备注, at most 128 */
    readonly goods_remark?: string
    /** 商品数量, a whole number */
    readonly quantity: number
    /** 商品单价, fen */
    readonly price: number
    /** 商品优惠金额, fen */
    readonly discount_amount: number
  }[]
}

/**
 * 申请退款 `POST /secapi/pay/refund`, over mutual TLS.
 *
 * @see 申请退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4, checked 2026-11
 */
export interface RefundRequest extends RequestHead {
  /** 微信支付订单号, at most 32; or `out_trade_no` */
  readonly transaction_id?: string | undefined
  /** 商户订单号, at most 32; or `transaction_id`, which wins */
  readonly out_trade_no?: string | undefined
  /** 商户退款单号, at most 64 of `0-9A-Za-z_-|*@` */
  readonly out_refund_no: string
  /** 订单金额, fen */
  readonly total_fee: number
  /** 退款金额, fen */
  readonly refund_fee: number
  /** 退款货币种类, at most 8; left out for CNY */
  readonly refund_fee_type?: 'CNY' | undefined
  /** 退款资金来源, at most 30; merchants of the old fund flow only */
  readonly refund_account?: 'REFUND_SOURCE_RECHARGE_FUNDS' | 'REFUND_SOURCE_UNSETTLED_FUNDS' | undefined
  /** 退款原因, at most 80 */
  readonly refund_desc?: string | undefined
  /** 退款结果通知url without query, at most 256 */
  readonly notify_url: string
}

/**
 * Answer of 申请退款. `result_code` SUCCESS says that the request was accepted, not that the money moved.
 *
 * @see 申请退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4, checked 2026-11
 */
export interface RefundResponse extends AnswerHead {
  /** 微信支付订单号, at most 32 */
  readonly transaction_id: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 微信退款单号, at most 32 */
  readonly refund_id: string
  /** 退款金额, fen */
  readonly refund_fee: string
  /** 标价金额, fen */
  readonly total_fee: string
  /** 标价币种, at most 8; left out for CNY */
  readonly fee_type?: string
  /** 退款渠道, at most 16; empty more often than not */
  readonly refund_channel?: string
  /** 现金支付金额, fen */
  readonly cash_fee?: string
  /** 现金支付币种, at most 16 */
  readonly cash_fee_type?: string
  /** 现金退款金额, fen */
  readonly cash_refund_fee?: string
  /** 应结订单金额, fen */
  readonly settlement_total_fee?: string
  /** 应结退款金额, fen */
  readonly settlement_refund_fee?: string
  /** 代金券退款总金额, fen */
  readonly coupon_refund_fee?: string
  /** 退款代金券使用数量, a whole number */
  readonly coupon_refund_count?: string
  /** 退款代金券ID, at most 20 */
  readonly [couponId: `coupon_refund_id_${number}`]: string
  /** 代金券类型 CASH or NO_CASH, at most 8 */
  readonly [couponType: `coupon_type_${number}`]: string
  /** 单个代金券退款金额, fen */
  readonly [couponFee: `coupon_refund_fee_${number}`]: string
}

/**
 * 查询退款 `POST /pay/refundquery`: one of four numbers; by ours there is one answer, however many parts.
 *
 * @see 查询退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5, checked 2026-11
 */
export interface RefundQueryRequest extends RequestHead {
  /** 微信退款单号, at most 32; wins over the others */
  readonly refund_id?: string | undefined
  /** 商户退款单号, at most 64 */
  readonly out_refund_no?: string | undefined
  /** 微信支付订单号, at most 32 */
  readonly transaction_id?: string | undefined
  /** 商户订单号, at most 32 */
  readonly out_trade_no?: string | undefined
  /** 偏移量, a whole number: where a trade has more than ten refunds */
  readonly offset?: number | undefined
}

/**
 * Answer of 查询退款. Members of the n-th refund end in `_n`, from 0; see `RefundQueryEntry`.
 *
 * @see 查询退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5, checked 2026-11
 */
export interface RefundQueryResponse extends AnswerHead {
  /** 微信支付订单号, at most 32 */
  readonly transaction_id: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
  /** 订单金额, fen */
  readonly total_fee: string
  /** 货币种类, at most 8; left out for CNY */
  readonly fee_type?: string
  /** 现金支付金额, fen */
  readonly cash_fee?: string
  /** 应结订单金额, fen */
  readonly settlement_total_fee?: string
  /** 退款笔数 of this answer, a whole number */
  readonly refund_count: string
  /** 订单总退款次数, a whole number; when `offset` was asked for */
  readonly total_refund_count?: string
}

/**
 * One refund of a `RefundQueryResponse`, without the `_n`.
 *
 * @see 查询退款, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_5, checked 2026-11
 */
export interface RefundQueryEntry {
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 微信退款单号, at most 32 */
  readonly refund_id: string
  /** 申请退款金额, fen */
  readonly refund_fee: string
  /** 退款金额 after coupons that are not settled, fen */
  readonly settlement_refund_fee?: string
  /** SUCCESS, REFUNDCLOSE, PROCESSING, CHANGE, or something new; at most 16 */
  readonly refund_status: string
  /** ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD; at most 16 */
  readonly refund_channel?: string
  /** 退款资金来源, at most 30 */
  readonly refund_account?: string
  /** 退款入账账户, at most 64; spelt so by WeChat */
  readonly refund_recv_accout?: string
  /** 退款成功时间, yyyy-MM-dd HH:mm:ss */
  readonly refund_success_time?: string
  /** 总代金券退款金额, fen. Each coupon is `coupon_refund_id_$n_$m`, `coupon_type_$n_$m`, `coupon_refund_fee_$n_$m` */
  readonly coupon_refund_fee?: string
  /** 退款代金券使用数量, a whole number */
  readonly coupon_refund_count?: string
}

/**
 * 退款结果通知, the outside. Not signed. When `return_code` is FAIL there is `return_msg` and nothing else.
 *
 * @see 退款结果通知, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16, checked 2026-11
 */
export interface RefundNotificationHead extends SubIds {
  /** SUCCESS or FAIL, at most 16 */
  readonly return_code: string
  /** 返回信息, at most 128 */
  readonly return_msg?: string
  /** 公众账号ID, at most 32 */
  readonly appid?: string
  /** 商户号, at most 32 */
  readonly mch_id?: string
  /** 随机字符串, at most 32 */
  readonly nonce_str?: string
  /** 加密信息: base64 of AES-256-ECB; opens to `<root>` with the members of `RefundNotificationContent` */
  readonly req_info?: string
}

/**
 * 退款结果通知, what `req_info` opens to.
 *
 * @see 退款结果通知, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_16, checked 2026-11
 */
export interface RefundNotificationContent {
  /** 微信支付订单号, at most 32 */
  readonly transaction_id: string
  /** 商户订单号, at most 32 */
  readonly out_trade_no: string
  /** 微信退款单号, at most 32 */
  readonly refund_id: string
  /** 商户退款单号, at most 64 */
  readonly out_refund_no: string
  /** 订单金额, fen */
  readonly total_fee: string
  /** 应结订单金额, fen */
  readonly settlement_total_fee?: string
  /** 申请退款金额, fen */
  readonly refund_fee: string
  /** 现金退款金额, fen; at times */
  readonly cash_refund_fee?: string
  /** 退款金额 after coupons that are not settled, fen */
  readonly settlement_refund_fee?: string
  /** SUCCESS, CHANGE, REFUNDCLOSE; at most 16 */
  readonly refund_status: string
  /** 退款成功时间, yyyy-MM-dd HH:mm:ss */
  readonly success_time?: string
  /** 退款入账账户, at most 64; spelt so by WeChat */
  readonly refund_recv_accout?: string
  /** 退款资金来源, at most 30 */
  readonly refund_account?: string
  /** 退款发起来源 API or VENDOR_PLATFORM, at most 30 */
  readonly refund_request_source?: string
}

/**
 * 下载交易账单 `POST /pay/downloadbill`. Answered with the file itself, or, when there is none, with XML that nobody signs.
 *
 * @see 下载交易账单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_6, checked 2026-11
 */
export interface DownloadBillRequest extends RequestHead {
  /** 对账单日期, yyyyMMdd */
  readonly bill_date: string
  /** 账单类型, at most 8 */
  readonly bill_type: 'ALL' | 'SUCCESS' | 'REFUND'
  /** 压缩账单, at most 8 */
  readonly tar_type: 'GZIP'
}

/**
 * 下载资金账单 `POST /pay/downloadfundflow`, over mutual TLS; HMAC-SHA256 alone.
 *
 * @see 下载资金账单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_18, checked 2026-11
 */
export interface DownloadFundFlowRequest extends RequestHead {
  /** 签名类型, at most 32 */
  readonly sign_type: 'HMAC-SHA256'
  /** 资金账单日期, yyyyMMdd */
  readonly bill_date: string
  /** 资金账户类型, at most 9 */
  readonly account_type: 'Basic' | 'Operation' | 'Fees'
  /** 压缩账单, at most 8 */
  readonly tar_type: 'GZIP'
}
