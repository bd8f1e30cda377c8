/**
 * @module The control API's part about refunds: the truth, the merchant platform, the decision and the merchant's balance.
 */
import { type Core, newNumber } from '../core.ts'
import { isWholeNumber } from '../faults.ts'
import type { JsonRecord } from '../json.ts'
import { accounts } from '../ledger.ts'
import type { Outcome, RefundDesk } from '../refunds/refund-desk.ts'
import type { Refund } from '../state/tables.ts'
import { ControlError, readOptionalText, readText } from './control-error.ts'
import { type RefundView, viewRefund } from './views.ts'

export interface BalanceView {
  readonly availableFen: number
  readonly pendingFen: number
}

export interface RefundControl {
  refund(outRefundNo: string): RefundView
  /** Somebody refunds in the merchant platform: `{outTradeNo, amountFen, reason?}`. */
  startRefund(body: JsonRecord): { refund: RefundView }
  /** Decides a refund now: `{status: SUCCESS|CLOSED|ABNORMAL}`. */
  settleRefund(outRefundNo: string, body: JsonRecord): { refund: RefundView }
  balance(): BalanceView
  /** Tops the merchant's available balance up by `amountFen`, or takes so much out when it is negative. */
  moveBalance(body: JsonRecord): BalanceView
}

const OUTCOMES: readonly Outcome[] = ['SUCCESS', 'CLOSED', 'ABNORMAL']
const MAX_MOVE_FEN = 1_000_000_000_000

export function makeRefundControl(core: Core, desk: RefundDesk): RefundControl {
  const { store, clock, identity } = core

  const balance = (): BalanceView => ({
    availableFen: store.balances.of(accounts.available(identity.mchid)),
    pendingFen: store.balances.of(accounts.pending(identity.mchid)),
  })

  return {
    refund: (outRefundNo) => viewRefund(getRefund(core, outRefundNo)),
    startRefund(body) {
      const outTradeNo = readText(body, 'outTradeNo', 32)
      const { amountFen } = body
      if (!isWholeNumber(amountFen, 1, Number.MAX_SAFE_INTEGER))
        throw new ControlError(400, 'INVALID_INPUT', 'amountFen must be whole fen from 1')
      const trade = store.get('trade', outTradeNo)
      const [first] = trade?.transactionIds ?? []
      const requested = desk.request({
        outRefundNo: newNumber.platformRefundNo(clock.now()),
        transactionId: null,
        outTradeNo,
        totalFen: first === undefined ? 0 : (store.get('transaction', first)?.paidFen ?? 0),
        refundFen: amountFen,
        reason: readOptionalText(body, 'reason', 80),
        notifyUrl: null,
        from: [],
        funds: { kind: 'any' },
        protocol: 'v2',
        source: 'VENDOR_PLATFORM',
        signer: 'certificate',
        path: undefined,
      })
      if (requested.kind === 'refused') {
        const isMissing = requested.why === 'not-paid'
        throw new ControlError(
          isMissing ? 404 : 409,
          isMissing ? 'NOT_FOUND' : 'REFUSED',
          isMissing ? 'there is no paid trade of that number' : `WeChat Pay refuses it: ${requested.why}`,
        )
      }
      return { refund: viewRefund(requested.refund) }
    },
    settleRefund(outRefundNo, body) {
      const refund = getRefund(core, outRefundNo)
      const outcome = OUTCOMES.find((name) => name === body.status)
      if (outcome === undefined)
        throw new ControlError(400, 'INVALID_INPUT', `status must be one of ${OUTCOMES.join(', ')}`)
      const decided = desk.decide(refund, outcome)
      if (decided === 'is-final')
        throw new ControlError(409, 'WRONG_STATE', `the refund is ${refund.state} and stays so`)
      if (decided === 'not-enough')
        throw new ControlError(409, 'NOT_ENOUGH', 'the merchant has no money for it: POST /balance first')
      return { refund: viewRefund(decided) }
    },
    balance,
    moveBalance({ amountFen }) {
      if (!isWholeNumber(amountFen, -MAX_MOVE_FEN, MAX_MOVE_FEN) || amountFen === 0)
        throw new ControlError(400, 'INVALID_INPUT', 'amountFen must be whole fen, above or below zero')
      if (!desk.moveBalance(amountFen))
        throw new ControlError(409, 'NOT_ENOUGH', `only ${balance().availableFen} fen are available`)
      return balance()
    },
  }
}

export function getRefund({ store }: Core, outRefundNo: string): Refund {
  const refund = store.get('refund', outRefundNo)
  if (refund !== undefined) return refund
  throw new ControlError(404, 'NOT_FOUND', `there is no refund ${outRefundNo.slice(0, 64)}`)
}
