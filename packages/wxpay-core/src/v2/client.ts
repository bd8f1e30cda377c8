/** @module WeChat Pay APIv2 for one mini-program and one merchant. */
import {
  assertApiV2Key,
  assertIdentity,
  assertOutRefundNo,
  assertOutTradeNo,
  assertPrepayId,
  assertPrepayOrder,
  assertRefundOrder,
  assertTransactionId,
  badConfig,
  instantOf,
} from '../checks.ts'
import { toGmt8Digits } from '../china-time.ts'
import type { CloseResult, ConnectionConfig, PaymentParams, PrepayOrder, WxpayClient } from '../client.ts'
import { WxpayError } from '../errors.ts'
import { readMerchantKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import type { RefundOrder } from '../refund.ts'
import { isAbout } from '../refund-draft.ts'
import type { Trade } from '../trade.ts'
import { createTransport, type Transport, userAgent } from '../transport.ts'
import { believeV2, malformedV2As, mismatchV2, type V2Answer } from './answer.ts'
import type {
  CloseOrderRequest,
  OrderQueryRequest,
  RefundQueryRequest,
  RefundRequest,
  UnifiedOrderRequest,
} from './messages.ts'
import { acceptedRefund, queriedRefund } from './refund.ts'
import { signedDocument } from './request.ts'
import { createV2Signer, joinSorted, type V2SignType } from './sign.ts'
import { tradeOfMessage } from './trade.ts'

/** Everything APIv2 needs. */
export interface WxpayV2Config extends ConnectionConfig {
  readonly appid: string
  readonly mchid: string
  /** APIv2密钥: 32 characters. */
  readonly key: string
  /** Default `HMAC-SHA256`. */
  readonly signType?: V2SignType
  /**
   * apiclient_cert.pem with apiclient_key.pem (商户API证书). `refund()` needs them: WeChat Pay asks for them there (mutual
   * TLS), and there alone they are shown.
   */
  readonly certPem?: string
  readonly keyPem?: string
}

/**
 * Makes an APIv2 client. Opens no connection until the first call.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG` naming the member
 * @see 统一下单, https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_1, checked 2026-11
 * @example
 * ```ts
 * import { createWxpayV2 } from 'wxpay-core'
 *
 * export const wxpay = createWxpayV2({
 *   appid: 'wx8888888888888888',
 *   mchid: '1900000001',
 *   key: process.env['WXPAY_V2_KEY'] ?? '',
 * })
 * ```
 */
export function createWxpayV2(config: WxpayV2Config): WxpayClient {
  assertIdentity(config)
  assertApiV2Key('key', config.key)
  const signType = readSignType(config.signType)
  const { appid, mchid } = config
  const clock = config.clock ?? Date.now
  const signer = createV2Signer(config.key, signType)
  const transport = createTransport(config)
  const identity = readClientIdentity(config)
  // Connections of their own: one that has shown the certificate is used for nothing else.
  const mutualTransport = identity && createTransport(config, identity)

  /** Signs and sends; the members of a believed answer. */
  async function call(
    path: string,
    members: UnifiedOrderRequest | OrderQueryRequest | CloseOrderRequest | RefundRequest | RefundQueryRequest,
    by: Transport = transport,
  ): Promise<V2Answer> {
    const answer = await by.send({
      method: 'POST',
      path,
      headers: {
        Accept: 'text/xml, text/plain',
        'Content-Type': 'text/xml; charset=utf-8',
        'User-Agent': userAgent,
      },
      body: signedDocument({ ...members }, signer),
    })
    return believeV2(answer, signer, { appid, mchid })
  }

  function common() {
    return { appid, mch_id: mchid, nonce_str: nonce(), sign_type: signType }
  }

  async function query(
    number: Pick<OrderQueryRequest, 'out_trade_no' | 'transaction_id'>,
    isAskedFor: (trade: Trade) => boolean,
  ): Promise<Trade | null> {
    let answer: V2Answer
    try {
      answer = await call('/pay/orderquery', { ...common(), ...number })
    } catch (error) {
      if (isVerifiedRefusal(error, ['ORDERNOTEXIST'])) return null
      throw error
    }
    const trade = malformedV2As(() => {
      if (!answer.get('trade_state'))
        throw new WxpayError('ERR_WXPAY_ANSWER_MALFORMED', 'trade_state is missing')
      return tradeOfMessage(answer)
    })
    if (!isAskedFor(trade)) throw mismatchV2()
    return trade
  }

  return {
    api: 'v2',

    async prepay(order) {
      assertPrepayOrder(order)
      const answer = await call('/pay/unifiedorder', { ...common(), ...unifiedOrder(order) })
      return malformedV2As(() => {
        const prepayId = answer.get('prepay_id') ?? ''
        assertPrepayId(prepayId)
        return { prepayId }
      })
    },

    async queryByOutTradeNo(outTradeNo) {
      assertOutTradeNo(outTradeNo)
      return query({ out_trade_no: outTradeNo }, (trade) => trade.outTradeNo === outTradeNo)
    },

    async queryByTransactionId(transactionId) {
      assertTransactionId(transactionId)
      return query({ transaction_id: transactionId }, (trade) => trade.transactionId === transactionId)
    },

    async close(outTradeNo): Promise<CloseResult> {
      assertOutTradeNo(outTradeNo)
      try {
        await call('/pay/closeorder', { ...common(), out_trade_no: outTradeNo })
        return 'closed'
      } catch (error) {
        if (isVerifiedRefusal(error, ['ORDERCLOSED'])) return 'closed'
        if (isVerifiedRefusal(error, ['ORDERPAID'])) return 'alreadyPaid'
        if (isVerifiedRefusal(error, ['ORDERNOTEXIST'])) return 'notFound'
        throw error
      }
    },

    async refund(order) {
      assertRefundOrder(order)
      if (mutualTransport === undefined) {
        throw badConfig('certPem', 'given together with keyPem: APIv2 refunds need the client certificate')
      }
      const answer = await call(
        '/secapi/pay/refund',
        { ...common(), ...refundRequest(order) },
        mutualTransport,
      )
      const report = malformedV2As(() => acceptedRefund(answer))
      if (!isAbout(report, order)) throw mismatchV2('refund')
      return report
    },

    async queryRefund(outRefundNo, transactionId) {
      assertOutRefundNo(outRefundNo)
      if (transactionId !== undefined) assertTransactionId(transactionId)
      let answer: V2Answer
      try {
        answer = await call('/pay/refundquery', { ...common(), out_refund_no: outRefundNo })
      } catch (error) {
        if (isVerifiedRefusal(error, ['REFUNDNOTEXIST'])) return null
        throw error
      }
      const report = malformedV2As(() => queriedRefund(answer, outRefundNo))
      if (report === null || !isAbout(report, { outRefundNo, transactionId })) throw mismatchV2('refund')
      return report
    },

    paymentParams(prepayId): PaymentParams {
      assertPrepayId(prepayId)
      const params = {
        timeStamp: String(Math.floor(clock() / 1000)),
        nonceStr: nonce(),
        package: `prepay_id=${prepayId}`,
        signType,
      }
      return { ...params, paySign: signer.sign(joinSorted({ appId: appid, ...params })) }
    },

    destroy() {
      transport.destroy()
      mutualTransport?.destroy()
    },
  }
}

function unifiedOrder(
  order: PrepayOrder,
): Omit<UnifiedOrderRequest, 'appid' | 'mch_id' | 'nonce_str' | 'sign_type'> {
  return {
    body: order.description,
    attach: order.attach,
    out_trade_no: order.outTradeNo,
    fee_type: 'CNY',
    total_fee: order.totalFen,
    spbill_create_ip: order.payerClientIp,
    time_start:
      order.timeStart === undefined ? undefined : toGmt8Digits(instantOf('timeStart', order.timeStart)),
    time_expire:
      order.timeExpire === undefined ? undefined : toGmt8Digits(instantOf('timeExpire', order.timeExpire)),
    notify_url: order.notifyUrl,
    trade_type: 'JSAPI',
    openid: order.payerOpenid,
  }
}

function refundRequest(
  order: RefundOrder,
): Omit<RefundRequest, 'appid' | 'mch_id' | 'nonce_str' | 'sign_type'> {
  return {
    transaction_id: order.transactionId,
    out_refund_no: order.outRefundNo,
    total_fee: order.totalFen,
    refund_fee: order.refundFen,
    refund_desc: order.reason,
    notify_url: order.notifyUrl,
  }
}

/** Reads the algorithm; anything but the two is refused, so that a typing error is not a downgrade. */
export function readSignType(signType: V2SignType | undefined): V2SignType {
  if (signType === undefined) return 'HMAC-SHA256'
  if (signType !== 'MD5' && signType !== 'HMAC-SHA256') throw badConfig('signType', "'HMAC-SHA256' or 'MD5'")
  return signType
}

function readClientIdentity({ certPem, keyPem }: WxpayV2Config) {
  if (certPem === undefined && keyPem === undefined) return undefined
  if (certPem === undefined) throw badConfig('certPem', 'given together with keyPem')
  if (keyPem === undefined) throw badConfig('keyPem', 'given together with certPem')
  readMerchantKey({ certificatePem: certPem, privateKeyPem: keyPem })
  return { certPem, keyPem }
}

function isVerifiedRefusal(error: unknown, apiCodes: readonly string[]): boolean {
  return (
    error instanceof WxpayError &&
    error.code === 'ERR_WXPAY_REFUSED' &&
    error.verified === true &&
    apiCodes.includes(error.apiCode ?? '')
  )
}
