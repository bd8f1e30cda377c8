/**
 * @module The control API's part that places and pays orders without a merchant: for trying out, and for the acceptance suite.
 */
import type { Core } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import { randomText } from '../identity/random-text.ts'
import { canonicalJson, type JsonRecord } from '../json.ts'
import type { Notifier } from '../notify/notifier.ts'
import { isNotifyUrl } from '../notify-url.ts'
import type { RefundDesk } from '../refunds/refund-desk.ts'
import { order, pay, stateOf } from '../trades.ts'
import { ControlError, readOptionalText, readText } from './control-error.ts'
import { type TradeView, viewTrade } from './views.ts'

export interface OrderControl {
  /** An order as the merchant would place it: `{amountFen, notifyUrl, openid?, description?, outTradeNo?, protocol?}`. */
  placeOrder(body: JsonRecord): TradeView
  /** The payer pays it, without a payment sheet. */
  payOrder(outTradeNo: string): TradeView
}

const MAX_FEN = 10_000_000_000

export function makeOrderControl(core: Core, notifier: Notifier, desk: RefundDesk): OrderControl {
  const { store, clock, identity } = core

  const view = (outTradeNo: string): TradeView => {
    const trade = store.get('trade', outTradeNo)
    if (trade === undefined)
      throw new ControlError(404, 'NOT_FOUND', `there is no trade ${outTradeNo.slice(0, 64)}`)
    return viewTrade(store, trade, clock.now())
  }

  return {
    placeOrder(body) {
      const { amountFen, protocol = 'v3' } = body
      if (!isWholeNumber(amountFen, 1, MAX_FEN))
        throw new ControlError(400, 'INVALID_INPUT', 'amountFen must be whole fen from 1')
      if (protocol !== 'v3' && protocol !== 'v2')
        throw new ControlError(400, 'INVALID_INPUT', 'protocol must be v3 or v2')
      const notifyUrl = readText(body, 'notifyUrl', 255)
      if (!isNotifyUrl(notifyUrl))
        throw new ControlError(
          400,
          'INVALID_INPUT',
          'notifyUrl must be https (http on loopback), without a query',
        )
      const outTradeNo = readOptionalText(body, 'outTradeNo', 32) ?? `CONSOLE${randomText(16)}`
      if (!/^[0-9A-Za-z_\-|*]{6,32}$/.test(outTradeNo))
        throw new ControlError(400, 'INVALID_INPUT', 'outTradeNo must be 6 to 32 of 0-9 A-Z a-z _ - | *')
      const wanted = {
        outTradeNo,
        appid: identity.appid,
        openid: readOptionalText(body, 'openid', 128) ?? 'oConsoleShopper0000000000001',
        description: readOptionalText(body, 'description', 127) ?? '控制台订单',
        amountFen,
        currency: 'CNY',
        attach: null,
        deviceInfo: null,
        notifyUrl,
        expiresAt: null,
      }
      const ordered = order(core, {
        ...wanted,
        protocol,
        signType: protocol === 'v2' ? 'HMAC-SHA256' : null,
        signer: 'public-key',
        terms: canonicalJson(wanted),
      })
      if (ordered.kind !== 'ordered')
        throw new ControlError(409, 'REFUSED', `WeChat Pay refuses it: ${ordered.kind}`)
      return view(outTradeNo)
    },
    payOrder(outTradeNo) {
      view(outTradeNo)
      const trade = store.get('trade', outTradeNo)
      if (trade === undefined || stateOf(store, trade, clock.now()) !== 'NOTPAY')
        throw new ControlError(409, 'WRONG_STATE', 'only an order that waits for its payment can be paid')
      const planned: (() => void)[] = []
      const paid = pay(core, trade, undefined, (after, transaction) => {
        const { writes, plan } = notifier.prepare(after, transaction)
        planned.push(plan, () => desk.planSettlement(transaction))
        return writes
      })
      if (paid.kind === 'not-enough')
        throw new ControlError(409, 'NOT_ENOUGH', 'there is not so much in the wallet of this payer')
      for (const plan of planned) plan()
      return view(outTradeNo)
    },
  }
}
