/** @module WeChat Pay APIv3 for one mini-program and one merchant. */
import {
  assertIdentity,
  assertOutTradeNo,
  assertPrepayId,
  assertPrepayOrder,
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
import type { Trade } from '../trade.ts'
import { createTransport, userAgent, type WireAnswer } from '../transport.ts'
import { readApiV3Key } from './aes-gcm.ts'
import { believe, malformedAs, type SignedAnswer, signedMessageOf } from './answer.ts'
import { readCertificates } from './certificates.ts'
import type { CloseRequest, JsapiPrepayRequest, JsapiPrepayResponse } from './messages.ts'
import { authorization, payMessage, requestMessage, signRsaSha256 } from './sign.ts'
import { tradeOfTransaction } from './transaction.ts'
import { createV3Verifier, type V3Verifier } from './verifier.ts'

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
  const verifier = createV3Verifier({
    ...config,
    serialNo,
    // /v3/certificates is answered with the very certificates that sign the answer, so it is checked by them.
    fetchCertificates: async () =>
      readCertificates(await exchange('GET', '/v3/certificates', ''), { apiV3Key, fixedKeys, clock }),
  })
  const publicKeyHeader = config.publicKey === undefined ? {} : { 'Wechatpay-Serial': config.publicKey.id }
  const byMchid = `?mchid=${encodeURIComponent(mchid)}`

  /** Signs the exact bytes, anew for each attempt, and sends them. */
  function exchange(method: 'GET' | 'POST', path: string, body: string): Promise<WireAnswer> {
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
        ...publicKeyHeader,
      }
    }
    return transport.send({ method, path, body, headers })
  }

  async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<SignedAnswer> {
    const answer = await exchange(method, path, body === undefined ? '' : JSON.stringify(body))
    return believe(answer, await verdictOf(answer))
  }

  async function verdictOf(answer: WireAnswer) {
    // Refusals carry no signature at all; asking for one would only hide the real error.
    if (answer.status !== 200 && answer.status !== 204) return undefined
    return verifier.verify(signedMessageOf(answer))
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

  return {
    api: 'v3',
    verifier,

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
