/** @module WeChat Pay APIv3 for one mini-program and one merchant. */
import {
  assertAbnormalRefund,
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
import { toGmt8Rfc3339 } from '../china-time.ts'
import type { CloseResult, ConnectionConfig, PaymentParams, PrepayOrder, WxpayClient } from '../client.ts'
import { WxpayError } from '../errors.ts'
import { textOf } from '../json.ts'
import { isSamePublicKey, readMerchantKey, readPlatformPublicKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import type { AbnormalRefund, RefundOrder, RefundReport } from '../refund.ts'
import { isAbout } from '../refund-draft.ts'
import type { Trade } from '../trade.ts'
import { createTransport, userAgent, type WireAnswer, type WireHeaders } from '../transport.ts'
import { readApiV3Key } from './aes-gcm.ts'
import { believe, malformedAs, type SignedAnswer, signedMessageOf } from './answer.ts'
import { readCertificates } from './certificates.ts'
import type {
  AbnormalRefundRequest,
  CloseRequest,
  JsapiPrepayRequest,
  JsapiPrepayResponse,
  RefundRequest,
} from './messages.ts'
import { encryptField } from './oaep.ts'
import { refundOfAnswer } from './refund.ts'
import { authorization, payMessage, requestMessage, signRsaSha256 } from './sign.ts'
import { tradeOfTransaction } from './transaction.ts'
import { createKeyRing, type V3Verifier } from './verifier.ts'

/** Everything APIv3 needs. Keys are read at construction and refused when they cannot be right. */
export interface WxpayV3Config extends ConnectionConfig {
  readonly appid: string
  readonly mchid: string
  /** APIv3密钥: 32 bytes. */
  readonly apiV3Key: string
  /** apiclient_key.pem */
  readonly privateKeyPem: string
  /** apiclient_cert.pem; or give `serialNo` */
  readonly certificatePem?: string
  /** Serial number of the merchant API certificate, upper-case hexadecimal. */
  readonly serialNo?: string
  /** WeChat Pay public key mode. Without it, platform certificates are fetched and rotated. */
  readonly publicKey?: { readonly id: string; readonly pem: string }
  /** Platform certificates known from the start, PEM. */
  readonly platformCertificates?: readonly string[]
}

/** The client with its key ring, which the notification reader shares. */
export interface WxpayV3Client extends WxpayClient {
  readonly api: 'v3'
  readonly verifier: V3Verifier
  /**
   * Sends the money of an `ABNORMAL` refund elsewhere (发起异常退款): to the merchant's account, or to a bank card of the
   * payer. Ask `queryRefund` first: only a refund that is `ABNORMAL` now can be sent on. The answer is the refund,
   * usually `PROCESSING` again. Card number and name are encrypted for WeChat Pay before they leave.
   *
   * @throws WxpayError `ERR_WXPAY_INPUT` naming the member; `ERR_WXPAY_CONFIG` when no key of WeChat Pay is to be had;
   *   or any code of the table in errors.ts
   * @see 发起异常退款, https://pay.weixin.qq.com/doc/v3/merchant/4013071193, checked 2026-11
   */
  applyAbnormalRefund(input: AbnormalRefund): Promise<RefundReport>
}

/**
 * Makes an APIv3 client. Opens no connection until the first call.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG` naming the member
 * @see JSAPI/小程序下单, https://pay.weixin.qq.com/doc/v3/merchant/4012791897, checked 2026-11
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { createWxpayV3 } from 'wxpay-core'
 *
 * export const wxpay = createWxpayV3({
 *   appid: 'wx8888888888888888',
 *   mchid: '1900000001',
 *   apiV3Key: process.env['WXPAY_V3_KEY'] ?? '',
 *   privateKeyPem: readFileSync('apiclient_key.pem', 'utf8'),
 *   certificatePem: readFileSync('apiclient_cert.pem', 'utf8'),
 *   publicKey: { id: 'PUB_KEY_ID_0119000000012024101100000000000001', pem: readFileSync('pub_key.pem', 'utf8') },
 * })
 * ```
 */
export function createWxpayV3(config: WxpayV3Config): WxpayV3Client {
  assertIdentity(config)
  const { appid, mchid } = config
  const clock = config.clock ?? Date.now
  const apiV3Key = readApiV3Key(config.apiV3Key)
  const { privateKey, serialNo } = readMerchantKey(config)
  const fixedKeys = config.publicKey === undefined ? [] : [readPlatformPublicKey(config.publicKey)]
  if (fixedKeys.some((platform) => isSamePublicKey(platform.key, privateKey))) {
    throw badConfig('publicKey.pem', "WeChat Pay's public key; this one belongs to your own private key")
  }
  const transport = createTransport(config)
  const keyRing = createKeyRing({
    ...config,
    serialNo,
    // /v3/certificates is answered with the very certificates that sign the answer, so it is checked by them.
    fetchCertificates: async () =>
      readCertificates(await exchange('GET', '/v3/certificates', ''), { apiV3Key, fixedKeys, clock }),
  })
  const publicKeyHeader = config.publicKey === undefined ? {} : serialHeader(config.publicKey.id)
  const byMchid = `?mchid=${encodeURIComponent(mchid)}`

  /** Signs the exact bytes, anew for each attempt, and sends them. */
  function exchange(
    method: 'GET' | 'POST',
    path: string,
    body: string,
    keyHeader: WireHeaders = publicKeyHeader,
  ): Promise<WireAnswer> {
    const headers = () => {
      const timestamp = secondsOf(clock())
      const random = nonce()
      const message = requestMessage({ method, path, timestamp, nonce: random, body })
      const signature = signRsaSha256(message, privateKey)
      return {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'User-Agent': userAgent,
        Authorization: authorization({ mchid, serialNo, timestamp, nonce: random, signature }),
        ...keyHeader,
      }
    }
    return transport.send({ method, path, body, headers })
  }

  async function call(
    method: 'GET' | 'POST',
    path: string,
    body?: object,
    keyHeader?: WireHeaders,
  ): Promise<SignedAnswer> {
    const answer = await exchange(method, path, body === undefined ? '' : JSON.stringify(body), keyHeader)
    return believe(answer, await verdictOf(answer))
  }

  async function verdictOf(answer: WireAnswer) {
    // Refusals carry no signature at all; asking for one would only hide the real error.
    if (answer.status !== 200 && answer.status !== 204) return undefined
    return keyRing.verify(signedMessageOf(answer))
  }

  /** One trade, which must be the one asked for, of this app and merchant. */
  async function query(path: string, isAskedFor: (trade: Trade) => boolean): Promise<Trade | null> {
    try {
      const answer = await call('GET', path)
      const trade = malformedAs(answer, () => tradeOfTransaction(answer.json))
      if (!isAskedFor(trade) || trade.appid !== appid || trade.mchid !== mchid) {
        throw new WxpayError(
          'ERR_WXPAY_ANSWER_MISMATCH',
          'the answer is about another trade, app or merchant',
          answer,
        )
      }
      return trade
    } catch (error) {
      if (isRefusal(error, 404, ['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])) return null
      throw error
    }
  }

  /** The refund in an answer, which must be the one asked for. */
  function refundIn(answer: SignedAnswer, asked: Parameters<typeof isAbout>[1]): RefundReport {
    const report = malformedAs(answer, () => refundOfAnswer(answer.json))
    if (isAbout(report, asked)) return report
    throw new WxpayError('ERR_WXPAY_ANSWER_MISMATCH', 'the answer is about another refund', answer)
  }

  /** Where the money goes, readable for WeChat Pay alone, and the header that names the key. */
  async function sealedDestination(
    input: AbnormalRefund,
  ): Promise<readonly [AbnormalRefundRequest, WireHeaders]> {
    const platform = await keyRing.sealingKey()
    if (platform === undefined) {
      throw badConfig(
        'publicKey',
        'given, or a platform certificate available, to encrypt with; none could be fetched',
      )
    }
    const { outRefundNo: out_refund_no } = input
    const header = serialHeader(platform.serial)
    if (input.to === 'merchantBankCard') return [{ out_refund_no, type: 'MERCHANT_BANK_CARD' }, header]
    return [
      {
        out_refund_no,
        type: 'USER_BANK_CARD',
        bank_type: input.bankType,
        bank_account: encryptField(input.bankAccount, platform.key),
        real_name: encryptField(input.realName, platform.key),
      },
      header,
    ]
  }

  return {
    api: 'v3',
    verifier: { verify: keyRing.verify, serials: keyRing.serials },

    async prepay(order) {
      assertPrepayOrder(order)
      const answer = await call('POST', '/v3/pay/transactions/jsapi', prepayRequest({ appid, mchid }, order))
      return malformedAs(answer, () => {
        const prepayId = textOf(answer.json, 'prepay_id' satisfies keyof JsapiPrepayResponse)
        assertPrepayId(prepayId)
        return { prepayId }
      })
    },

    async queryByOutTradeNo(outTradeNo) {
      assertOutTradeNo(outTradeNo)
      const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}${byMchid}`
      return query(path, (trade) => trade.outTradeNo === outTradeNo)
    },

    async queryByTransactionId(transactionId) {
      assertTransactionId(transactionId)
      const path = `/v3/pay/transactions/id/${encodeURIComponent(transactionId)}${byMchid}`
      return query(path, (trade) => trade.transactionId === transactionId)
    },

    async close(outTradeNo): Promise<CloseResult> {
      assertOutTradeNo(outTradeNo)
      const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}/close`
      try {
        await call('POST', path, { mchid } satisfies CloseRequest)
        return 'closed'
      } catch (error) {
        if (isRefusal(error, 400, ['ORDER_CLOSED', 'ORDERCLOSED'])) return 'closed'
        if (isRefusal(error, undefined, ['ORDERPAID', 'ORDER_PAID'])) return 'alreadyPaid'
        if (isRefusal(error, 404, ['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])) return 'notFound'
        throw error
      }
    },

    async refund(order) {
      assertRefundOrder(order)
      const answer = await call('POST', refunds, refundRequest(order))
      return refundIn(answer, order)
    },

    async queryRefund(outRefundNo, transactionId) {
      assertOutRefundNo(outRefundNo)
      if (transactionId !== undefined) assertTransactionId(transactionId)
      try {
        const answer = await call('GET', `${refunds}/${encodeURIComponent(outRefundNo)}`)
        return refundIn(answer, { outRefundNo, transactionId })
      } catch (error) {
        // The table's word; other 404s are about the merchant (MCH_NOT_EXISTS) or the path.
        if (isRefusal(error, 404, ['RESOURCE_NOT_EXISTS'])) return null
        throw error
      }
    },

    async applyAbnormalRefund(input) {
      assertAbnormalRefund(input)
      const [body, keyHeader] = await sealedDestination(input)
      const path = `${refunds}/${encodeURIComponent(input.refundId)}/apply-abnormal-refund`
      const answer = await call('POST', path, body, keyHeader)
      return refundIn(answer, { outRefundNo: input.outRefundNo, refundId: input.refundId })
    },

    paymentParams(prepayId): PaymentParams {
      assertPrepayId(prepayId)
      const timeStamp = secondsOf(clock())
      const nonceStr = nonce()
      const parts = { appId: appid, timeStamp, nonceStr, package: `prepay_id=${prepayId}` }
      const paySign = signRsaSha256(payMessage(parts), privateKey)
      return { timeStamp, nonceStr, package: parts.package, signType: 'RSA', paySign }
    },

    destroy: () => transport.destroy(),
  }
}

function prepayRequest(who: { appid: string; mchid: string }, order: PrepayOrder): JsapiPrepayRequest {
  return {
    appid: who.appid,
    mchid: who.mchid,
    description: order.description,
    out_trade_no: order.outTradeNo,
    ...(order.timeExpire === undefined
      ? {}
      : { time_expire: toGmt8Rfc3339(instantOf('timeExpire', order.timeExpire)) }),
    ...(order.attach === undefined || order.attach === '' ? {} : { attach: order.attach }),
    notify_url: order.notifyUrl,
    amount: { total: order.totalFen, currency: 'CNY' },
    payer: { openid: order.payerOpenid },
    scene_info: { payer_client_ip: order.payerClientIp },
  }
}

const refunds = '/v3/refund/domestic/refunds'

function refundRequest(order: RefundOrder): RefundRequest {
  return {
    transaction_id: order.transactionId,
    out_refund_no: order.outRefundNo,
    ...(order.reason === undefined ? {} : { reason: order.reason }),
    notify_url: order.notifyUrl,
    amount: { refund: order.refundFen, total: order.totalFen, currency: 'CNY' },
  }
}

function serialHeader(serial: string): WireHeaders {
  return { 'Wechatpay-Serial': serial }
}

function isRefusal(error: unknown, httpStatus: number | undefined, apiCodes: readonly string[]): boolean {
  return (
    error instanceof WxpayError &&
    error.code === 'ERR_WXPAY_REFUSED' &&
    (httpStatus === undefined || error.httpStatus === httpStatus) &&
    apiCodes.includes(error.apiCode ?? '')
  )
}

function secondsOf(epochMs: number): string {
  return String(Math.floor(epochMs / 1000))
}
