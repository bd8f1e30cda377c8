/** @module WeChat Pay APIv2 for one mini-program and one merchant, or for those that a provider serves. */
import { nullIf, refusedWith } from '../answer-errors.ts'
import { prepayIdIn, refundIn, tradeIn, unsignedParams } from '../asked-for.ts'
import type { BillSource } from '../bill.ts'
import {
  assertApiV2Key,
  assertIdentity,
  assertMember,
  assertPrepayOrder,
  assertRefundNumbers,
  assertRefundOrder,
  assertSubMerchant,
  badConfig,
} from '../checks.ts'
import type { CloseResult, ConnectionConfig, PaymentParams, SubMerchant, WxpayClient } from '../client.ts'
import { WxpayError } from '../errors.ts'
import { readMerchantKey } from '../keys.ts'
import { nonce } from '../nonce.ts'
import type { Trade } from '../trade.ts'
import { fundFlowBill, tradeBill } from './bills.ts'
import { createV2Caller, type RequestMembers, type V2Caller } from './caller.ts'
import { acceptedRefund, queriedRefund } from './refund.ts'
import { type Party, refundRequest, subIds, unifiedOrder } from './requests.ts'
import { assertSignType, joinSorted, type V2SignType } from './sign.ts'
import { tradeOfMessage } from './trade.ts'

/** Everything APIv2 needs. */
export interface WxpayV2Config extends ConnectionConfig {
  /** AppID of the mini-program; in service-provider mode the provider's. */
  readonly appid: string
  /** 商户号; in service-provider mode the provider's. */
  readonly mchid: string
  /** APIv2密钥: 32 characters. */
  readonly key: string
  /** Default `HMAC-SHA256`. */
  readonly signType?: V2SignType
  /**
   * apiclient_cert.pem with apiclient_key.pem (商户API证书). `refund()` and `fundFlowBill()` need them: WeChat Pay asks for
   * them there (mutual TLS), and there alone they are shown.
   */
  readonly certPem?: string
  /** apiclient_key.pem, which belongs to `certPem`. */
  readonly keyPem?: string
  /**
   * Asks for coupons in full (营销详情, `version` 1.0, for 单品优惠): `coupons` then have names, scopes and who paid for them,
   * and `COUPON` or `DISCOUNT` for a type. WeChat leaves out `settlementTotalFen` in return. It goes with orders, so change it
   * with new orders alone: an order that is repeated must be the same. Default false.
   */
  readonly promotionDetails?: boolean
}

/** The client, with what v2 alone is asked through it. */
export interface WxpayV2Client extends WxpayClient, BillSource {
  /** Which protocol it speaks. */
  readonly api: 'v2'
  /**
   * A client for one merchant that this one serves (服务商模式), over the same key and connections. It is cheap; make one for
   * each call if you like. `destroy()` on either closes the connections of both.
   *
   * @throws WxpayError `ERR_WXPAY_CONFIG`
   */
  forSubMerchant(sub: SubMerchant): WxpayV2Client
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
export function createWxpayV2(config: WxpayV2Config): WxpayV2Client {
  assertIdentity(config)
  assertApiV2Key('key', config.key)
  const caller = createV2Caller({
    ...config,
    signType: readSignType(config.signType),
    identity: readClientIdentity(config),
  })
  const version = config.promotionDetails === true ? '1.0' : undefined
  return clientOf(caller, { appid: config.appid, mchid: config.mchid, version })
}

function clientOf(caller: V2Caller, party: Party): WxpayV2Client {
  const { call } = caller
  const ids = { appid: party.appid, mch_id: party.mchid, ...subIds(party) }
  const { signType: sign_type } = caller.signer
  // Assigned, because spreading several objects takes seven times as long.
  const request = (members: RequestMembers): RequestMembers =>
    Object.assign({}, ids, members, { nonce_str: nonce(), sign_type })

  async function query(by: 'outTradeNo' | 'transactionId', number: string): Promise<Trade | null> {
    assertMember(by, number)
    const asked = {
      version: party.version,
      [by === 'outTradeNo' ? 'out_trade_no' : 'transaction_id']: number,
    }
    const answer = await nullIf(isNoTrade, () => call('/pay/orderquery', request(asked)))
    return answer && tradeIn({}, by, number, () => tradeOfMessage(answer, 'trade_state'))
  }

  return {
    api: 'v2',
    timeLeftMs: caller.timeLeftMs,

    forSubMerchant(sub) {
      assertSubMerchant(sub)
      return clientOf(caller, { ...party, sub })
    },

    async prepay(order) {
      assertPrepayOrder(order)
      const answer = await call('/pay/unifiedorder', request(unifiedOrder(party, order)))
      return prepayIdIn({}, () => answer.get('prepay_id') ?? '')
    },

    queryByOutTradeNo: (outTradeNo) => query('outTradeNo', outTradeNo),
    queryByTransactionId: (transactionId) => query('transactionId', transactionId),

    async close(outTradeNo): Promise<CloseResult> {
      assertMember('outTradeNo', outTradeNo)
      try {
        await call('/pay/closeorder', request({ out_trade_no: outTradeNo }))
        return 'closed'
      } catch (error) {
        const refusal = signedRefusal(error)
        if (refusal === 'ORDERCLOSED') return 'closed'
        if (refusal === 'ORDERPAID') return 'alreadyPaid'
        if (refusal === 'ORDERNOTEXIST') return 'notFound'
        throw error
      }
    },

    async refund(order) {
      assertRefundOrder(order)
      caller.assertIdentity('APIv2 refunds')
      const answer = await caller.refund('/secapi/pay/refund', request(refundRequest(order)))
      return refundIn({}, order, () => acceptedRefund(answer))
    },

    async queryRefund(outRefundNo, transactionId) {
      assertRefundNumbers(outRefundNo, transactionId)
      const answer = await nullIf(isNoRefund, () =>
        call('/pay/refundquery', request({ out_refund_no: outRefundNo })),
      )
      const asked = { outRefundNo, transactionId }
      return answer && refundIn({}, asked, () => queriedRefund(answer, outRefundNo))
    },

    tradeBill: (query) => tradeBill(caller, ids, query),
    fundFlowBill: (query) => fundFlowBill(caller, ids, query),

    paymentParams(prepayId): PaymentParams {
      const params = { ...unsignedParams(prepayId, caller.seconds()), signType: sign_type }
      const appId = party.sub?.appid ?? party.appid
      return { ...params, paySign: caller.signer.sign(joinSorted({ appId, ...params })) }
    },

    destroy: () => caller.destroy(),
  }
}

/** Reads the algorithm. */
export function readSignType(signType: V2SignType = 'HMAC-SHA256'): V2SignType {
  assertSignType(signType)
  return signType
}

function readClientIdentity({ certPem, keyPem }: WxpayV2Config) {
  if (certPem === undefined && keyPem === undefined) return undefined
  if (certPem === undefined) throw badConfig('certPem', 'given together with keyPem')
  if (keyPem === undefined) throw badConfig('keyPem', 'given together with certPem')
  readMerchantKey({ certificatePem: certPem, privateKeyPem: keyPem })
  return { certPem, keyPem }
}

const isNoTrade = (error: unknown) => signedRefusal(error) === 'ORDERNOTEXIST'
const isNoRefund = (error: unknown) => signedRefusal(error) === 'REFUNDNOTEXIST'

/** WeChat's code where it says no and has signed that, else `''`. */
function signedRefusal(error: unknown): string {
  return error instanceof WxpayError && error.verified === true ? refusedWith(error) : ''
}
