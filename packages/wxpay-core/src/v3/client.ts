/** @module WeChat Pay APIv3 for one mini-program and one merchant, or for those that a provider serves. */
import { nullIf, refusedWith } from '../answer-errors.ts'
import { prepayIdIn, refundIn, tradeIn, unsignedParams } from '../asked-for.ts'
import type { BillSource } from '../bill.ts'
import {
  assertAbnormalRefund,
  assertIdentity,
  assertMember,
  assertPrepayOrder,
  assertRefundNumbers,
  assertRefundOrder,
  assertSubMerchant,
} from '../checks.ts'
import type { CloseResult, ConnectionConfig, PaymentParams, SubMerchant, WxpayClient } from '../client.ts'
import { WxpayError } from '../errors.ts'
import { textOf } from '../json.ts'
import type { PlatformKey } from '../keys.ts'
import type { AbnormalRefund, RefundReport } from '../refund.ts'
import { type Trade, wasPaid } from '../trade.ts'
import { fundFlowBill, tradeBill } from './bills.ts'
import { createV3Caller, type V3Caller } from './caller.ts'
import type { AbnormalRefundRequest, JsapiPrepayResponse } from './messages.ts'
import { encryptField } from './oaep.ts'
import { refundOfAnswer } from './refund.ts'
import {
  closePath,
  isOurs,
  merchants,
  type Party,
  prepayPath,
  prepayRequest,
  refundPath,
  refundRequest,
  refundsPath,
  subMchid,
  tradePath,
} from './requests.ts'
import { payMessage } from './sign.ts'
import { tradeOfTransaction } from './transaction.ts'
import type { V3Verifier } from './verifier.ts'

/** Everything APIv3 needs. Keys are read at construction and refused when they cannot be right. */
export interface WxpayV3Config extends ConnectionConfig {
  /** AppID of the mini-program; in service-provider mode the provider's. */
  readonly appid: string
  /** 商户号; in service-provider mode the provider's. */
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
  readonly publicKey?: {
    /** 微信支付公钥ID, `PUB_KEY_ID_…` */
    readonly id: string
    /** pub_key.pem */
    readonly pem: string
  }
  /** Platform certificates known from the start, PEM. */
  readonly platformCertificates?: readonly string[]
}

/** The client with its key ring, which the notification reader shares. */
export interface WxpayV3Client extends WxpayClient, BillSource {
  /** Which protocol it speaks. */
  readonly api: 'v3'
  /** Knows WeChat Pay's keys; hand it to `createNotificationReader`. */
  readonly verifier: V3Verifier
  /**
   * A client for one merchant that this one serves (服务商模式), over the same keys and connections. It is cheap; make one
   * for each call if you like. `destroy()` on either closes the connections of both.
   *
   * @throws WxpayError `ERR_WXPAY_CONFIG`
   */
  forSubMerchant(sub: SubMerchant): WxpayV3Client
  /**
   * Sends the money of an `ABNORMAL` refund elsewhere (发起异常退款): to the merchant's account, or to a bank card of the
   * payer. Ask `queryRefund` first: only a refund that is `ABNORMAL` now can be sent on. The answer is the refund,
   * usually `PROCESSING` again. Card number and name are encrypted for WeChat Pay before they leave.
   *
   * @throws WxpayError `ERR_WXPAY_INPUT` naming the member; `ERR_WXPAY_CONFIG` when no key of WeChat Pay is to be had, and
   *   `ERR_WXPAY_CONNECT` when it cannot be fetched now; or any code of the table in errors.ts
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
  return clientOf(createV3Caller(config), { appid: config.appid, mchid: config.mchid })
}

function clientOf(caller: V3Caller, party: Party): WxpayV3Client {
  const { call, keyRing } = caller
  const appId = party.sub?.appid ?? party.appid

  /** One trade, which must be the one asked for, of this app and merchant. */
  async function query(by: 'outTradeNo' | 'transactionId', number: string): Promise<Trade | null> {
    assertMember(by, number)
    return nullIf(isNoTrade, async () => {
      const answer = await call('GET', tradePath(party, by, number))
      const read = () => tradeOfTransaction(answer.json)
      return tradeIn(answer, by, number, read, (trade) => isOurs(party, trade))
    })
  }

  /** Nobody signs a refusal, so whoever stands between could write it. What became of the trade is asked for, signed. */
  async function provenState(outTradeNo: string, refusal: unknown): Promise<CloseResult> {
    const trade = await query('outTradeNo', outTradeNo)
    if (trade === null) return 'notFound'
    if (wasPaid(trade)) return 'alreadyPaid'
    if (trade.tradeState === 'CLOSED') return 'closed'
    throw new WxpayError(
      'ERR_WXPAY_ANSWER_MISMATCH',
      'a signed query does not confirm the refusal; the trade may still be open',
      { cause: refusal },
    )
  }

  return {
    api: 'v3',
    timeLeftMs: caller.timeLeftMs,
    verifier: keyRing.verifier,

    forSubMerchant(sub) {
      assertSubMerchant(sub)
      return clientOf(caller, { ...party, sub })
    },

    async prepay(order) {
      assertPrepayOrder(order)
      const answer = await call('POST', prepayPath(party), prepayRequest(party, order))
      return prepayIdIn(answer, () => textOf(answer.json, 'prepay_id' satisfies keyof JsapiPrepayResponse))
    },

    queryByOutTradeNo: (outTradeNo) => query('outTradeNo', outTradeNo),
    queryByTransactionId: (transactionId) => query('transactionId', transactionId),

    async close(outTradeNo): Promise<CloseResult> {
      assertMember('outTradeNo', outTradeNo)
      try {
        await call('POST', closePath(party, outTradeNo), merchants(party))
        return 'closed'
      } catch (error) {
        if (stateRefusals.includes(refusedWith(error))) return provenState(outTradeNo, error)
        if (isNoTrade(error)) return 'notFound'
        throw error
      }
    },

    async refund(order) {
      assertRefundOrder(order)
      const answer = await caller.refund(refundsPath, refundRequest(party, order))
      return refundIn(answer, order, () => refundOfAnswer(answer.json))
    },

    async queryRefund(outRefundNo, transactionId) {
      assertRefundNumbers(outRefundNo, transactionId)
      return nullIf(isNoRefund, async () => {
        const answer = await call('GET', refundPath(party, outRefundNo))
        return refundIn(answer, { outRefundNo, transactionId }, () => refundOfAnswer(answer.json))
      })
    },

    async applyAbnormalRefund(input) {
      assertAbnormalRefund(input)
      const key = await keyRing.sealingKey()
      const path = `${refundsPath}/${encodeURIComponent(input.refundId)}/apply-abnormal-refund`
      const answer = await caller.refund(path, destination(party, input, key), key)
      const { outRefundNo, refundId } = input
      return refundIn(answer, { outRefundNo, refundId }, () => refundOfAnswer(answer.json))
    },

    tradeBill: (query) => tradeBill(caller, party.sub, query),
    fundFlowBill: (query) => fundFlowBill(caller, party.sub, query),

    paymentParams(prepayId): PaymentParams {
      const params = unsignedParams(prepayId, caller.seconds())
      return { ...params, signType: 'RSA', paySign: caller.sign(payMessage({ appId, ...params })) }
    },

    destroy: () => caller.destroy(),
  }
}

/** What a refusal to close may claim about the trade. */
const stateRefusals = ['ORDER_CLOSED', 'ORDERCLOSED', 'ORDERPAID', 'ORDER_PAID']

/** Where the money of an abnormal refund goes; personal members readable for WeChat Pay alone. */
function destination({ sub }: Party, input: AbnormalRefund, { key }: PlatformKey): AbnormalRefundRequest {
  const refund = { ...subMchid(sub), out_refund_no: input.outRefundNo }
  if (input.to === 'merchantBankCard') return { ...refund, type: 'MERCHANT_BANK_CARD' }
  return {
    ...refund,
    type: 'USER_BANK_CARD',
    bank_type: input.bankType,
    bank_account: encryptField(input.bankAccount, key),
    real_name: encryptField(input.realName, key),
  }
}

function isNoTrade(error: unknown): boolean {
  return isNotFound(error, ['ORDER_NOT_EXIST', 'ORDERNOTEXIST'])
}

/** The table's word; other 404s are about the merchant (MCH_NOT_EXISTS) or the path. */
function isNoRefund(error: unknown): boolean {
  return isNotFound(error, ['RESOURCE_NOT_EXISTS'])
}

function isNotFound(error: unknown, words: readonly string[]): boolean {
  return error instanceof WxpayError && error.httpStatus === 404 && words.includes(refusedWith(error))
}
