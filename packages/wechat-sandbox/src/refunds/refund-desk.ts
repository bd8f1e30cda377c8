/**
 * @module Refunds at WeChat Pay: accepted or refused, worked off on the virtual clock, the books and the notice moving as one.
 */
import { type Core, newNumber } from '../core.ts'
import type { FaultName, FaultRecord } from '../faults.ts'
import { accounts, openWallet, post } from '../ledger.ts'
import type { Notifier } from '../notify/notifier.ts'
import type { Schedule } from '../schedule.ts'
import type { Write } from '../state/store.ts'
import { BOUNDS, type Refund, type RefundReceiver, type Transaction } from '../state/tables.ts'
import { paymentOf, refundsOf, settle } from '../trades.ts'
import {
  comesBack,
  type FundsWish,
  findFunding,
  giveBackLines,
  type Lines,
  moveMoney,
  takeLines,
} from './funding.ts'
import {
  brokenRule,
  isSameRefund,
  LATE_AFTER_MS,
  type RuleBroken,
  UNFUNDED_LIVES_MS,
} from './refund-rules.ts'

/** How long an accepted refund takes, virtual. */
export const REFUND_TAKES_MS = 1_000

export type Outcome = Refund['outcome']

export type RefundWish = Pick<
  Refund,
  | 'outRefundNo'
  | 'protocol'
  | 'source'
  | 'signer'
  | 'totalFen'
  | 'refundFen'
  | 'reason'
  | 'notifyUrl'
  | 'from'
> & {
  readonly transactionId: string | null
  readonly outTradeNo: string | null
  readonly funds: FundsWish
  /** Of the request, for faults. */
  readonly path: string | undefined
}

export type RefundRefusal =
  | RuleBroken
  | 'not-paid'
  | 'numbers-disagree'
  | 'terms-differ'
  | 'account-abnormal'
  | 'not-enough'
  /** A fault said so: v2 means that nothing was accepted, v3 that nobody knows. */
  | 'limited'
  | 'full'

export type Requested =
  | { readonly kind: 'accepted'; readonly refund: Refund }
  | { readonly kind: 'refused'; readonly why: RefundRefusal }

const refuse = (why: RefundRefusal): Requested => ({ kind: 'refused', why })

export interface RefundDesk {
  /** A new refund, or the present state of the one that has this number already. */
  request(wish: RefundWish): Requested
  /** Sends the money of an ABNORMAL refund to a bank card; undefined unless it is one. */
  sendToCard(refund: Refund, receiver: RefundReceiver): Refund | undefined
  /** Decides a refund now; says why it can't be. */
  decide(refund: Refund, outcome: Outcome): Refund | 'is-final' | 'not-enough'
  /** The merchant's own money in or out (fen below zero); false when there isn't so much. */
  moveBalance(fen: number): boolean
  /** Plans the settlement of this payment. */
  planSettlement(transaction: Transaction): void
  /** Plans everything that was still to come when the sandbox last stopped. */
  planAll(): void
}

export function openRefundDesk(core: Core, schedule: Schedule, notifier: Notifier): RefundDesk {
  const { store, clock, identity, faults } = core

  const put = (refund: Refund): Write => ({ table: 'refund', id: refund.outRefundNo, value: refund })

  const bookLines = (cause: string, refund: Refund, lines: Lines, alreadyQueued = 0): Write[] => {
    const { outTradeNo, transactionId, outRefundNo } = refund
    const about = { outTradeNo, transactionId, outRefundNo }
    return post(store, clock.now(), `${cause}:${outRefundNo}`, lines, about, alreadyQueued)
  }

  const plan = (refund: Refund): void => {
    const { outRefundNo, dueAt } = refund
    if (dueAt === null) return
    // Decided by hand or funded in between: then this plan is no longer the refund's own.
    const awaited = (): Refund | undefined => {
      const latest = store.get('refund', outRefundNo)
      return latest?.state === 'PROCESSING' && latest.dueAt === dueAt ? latest : undefined
    }
    schedule.plan(dueAt, outRefundNo, {
      isAwaited: () => awaited() !== undefined,
      async run() {
        const latest = awaited()
        if (latest !== undefined) finish(latest, latest.outcome)
      },
    })
  }

  const planSettlement = ({ transactionId, settleAt }: Transaction): void => {
    if (settleAt === null) return
    schedule.plan(settleAt, transactionId, {
      isAwaited: () => store.get('transaction', transactionId)?.settleAt === settleAt,
      run: async () => settle(core, transactionId),
    })
  }

  /** WeChat's own number when it is given, otherwise the first payment of the trade. */
  const findPayment = ({ transactionId, outTradeNo }: RefundWish): Transaction | undefined => {
    if (transactionId !== null) return store.get('transaction', transactionId)
    const trade = outTradeNo === null ? undefined : store.get('trade', outTradeNo)
    return trade && paymentOf(store, trade)
  }

  const takeFault = (
    name: FaultName,
    wish: RefundWish,
    outTradeNo: string | undefined,
  ): FaultRecord | undefined => {
    const { path, outRefundNo } = wish
    return faults.take('refund', { path, outTradeNo, outRefundNo }, name)
  }

  /** The end of the way, as one commit: where the money went, the new state and the notice of it. */
  const finish = (refund: Refund, outcome: Outcome): Refund => {
    const now = clock.now()
    const after: Refund = {
      ...refund,
      state: outcome,
      dueAt: null,
      finishedAt: outcome === 'ABNORMAL' ? null : now,
      ...(outcome === 'ABNORMAL' ? { abnormalAt: refund.abnormalAt ?? now } : {}),
    }
    const notice = notifier.prepareRefund(after)
    store.commit([...moneyOut(refund, outcome), put(after), ...(notice?.writes ?? [])])
    notice?.plan()
    if (outcome === 'CLOSED') replanSettlements(refund)
    core.log('refund.finished', { outRefundNo: refund.outRefundNo, state: outcome })
    return after
  }

  const moneyOut = (refund: Refund, outcome: Outcome): Write[] => {
    const { funding, refundFen, transactionId } = refund
    // Abnormal money stays in transit until somebody says where else it shall go.
    if (outcome === 'ABNORMAL' || funding === null) return []
    if (outcome === 'CLOSED') {
      const returned = comesBack(core, funding)
      return [
        ...bookLines('refund-closed', refund, giveBackLines(core, returned)),
        ...moveMoney(core, transactionId, returned, -1),
      ]
    }
    const wallet = openWallet(store, clock.now(), refund.openid)
    const lines: Lines = [
      [accounts.transit, -refundFen],
      [destinationOf(refund), refundFen],
    ]
    return [...wallet, ...bookLines('refund', refund, lines, wallet.length)]
  }

  const destinationOf = ({ receiver, openid }: Refund): string => {
    switch (receiver.to) {
      case 'origin':
        return accounts.payer(openid)
      case 'USER_BANK_CARD':
        return accounts.payerCard(openid)
      case 'MERCHANT_BANK_CARD':
        return accounts.merchantCard(identity.mchid)
    }
  }

  const replanSettlements = ({ funding }: Refund): void => {
    for (const { transactionId } of funding?.unsettled ?? []) {
      const transaction = store.get('transaction', transactionId)
      if (transaction !== undefined) planSettlement(transaction)
    }
  }

  /** Takes the money for a refund that had none; undefined when it still isn't there. */
  const fund = (refund: Refund): Refund | undefined => {
    const payment = store.get('transaction', refund.transactionId)
    const funding = payment && findFunding(core, payment, refund.refundFen, { kind: 'any' })
    if (funding === undefined) return undefined
    const funded: Refund = {
      ...refund,
      funding,
      outcome: 'SUCCESS',
      dueAt: refund.isHeld === true ? null : clock.now() + REFUND_TAKES_MS,
    }
    store.commit([
      ...bookLines('refund-accepted', refund, takeLines(core, funding)),
      ...moveMoney(core, refund.transactionId, funding, 1),
      put(funded),
    ])
    return funded
  }

  const accept = (wish: RefundWish, payment: Transaction): Requested => {
    const now = clock.now()
    const { transactionId: _id, outTradeNo: _no, funds, path: _path, ...said } = wish
    const { outTradeNo, transactionId } = payment
    const strikes = (name: FaultName): boolean => takeFault(name, wish, outTradeNo) !== undefined
    if (strikes('user-account-abnormal')) return refuse('account-abnormal')
    const short = takeFault('not-enough', wish, outTradeNo)
    const funding = short === undefined ? findFunding(core, payment, wish.refundFen, funds) : undefined
    if (funding === undefined && short?.applied !== true) return refuse('not-enough')
    const outcome: Outcome =
      funding === undefined || strikes('refund-closed')
        ? 'CLOSED'
        : strikes('refund-abnormal')
          ? 'ABNORMAL'
          : 'SUCCESS'
    const isHeld = strikes('hold-refund')
    const refund: Refund = {
      ...said,
      outTradeNo,
      transactionId,
      refundId: newNumber.refundId(now),
      openid: payment.openid,
      currency: payment.currency,
      funding: funding ?? null,
      receiver: { to: 'origin' },
      state: 'PROCESSING',
      outcome,
      ...(isHeld ? { isHeld } : {}),
      dueAt: isHeld ? null : now + (funding === undefined ? UNFUNDED_LIVES_MS : REFUND_TAKES_MS),
      createdAt: now,
      finishedAt: null,
    }
    const { outRefundNo } = refund
    const earlier = store.get('refundsOf', transactionId)?.outRefundNos ?? []
    const taken =
      funding === undefined
        ? []
        : [
            ...bookLines('refund-accepted', refund, takeLines(core, funding)),
            ...moveMoney(core, transactionId, funding, 1),
          ]
    store.commit([
      ...taken,
      put(refund),
      { table: 'refundsOf', id: transactionId, value: { outRefundNos: [...earlier, outRefundNo] } },
      { table: 'refundNumber', id: refund.refundId, value: { outRefundNo } },
    ])
    plan(refund)
    core.log('refund.accepted', { outRefundNo, refundFen: refund.refundFen })
    return { kind: 'accepted', refund }
  }

  const judge = (wish: RefundWish): Requested => {
    const payment = findPayment(wish)
    if (wish.transactionId !== null && wish.outTradeNo !== null && payment !== undefined) {
      if (payment.outTradeNo !== wish.outTradeNo) return refuse('numbers-disagree')
    }
    const known = store.get('refund', wish.outRefundNo)
    const { totalFen, refundFen } = wish
    const terms = { transactionId: payment?.transactionId ?? '', totalFen, refundFen }
    if (known !== undefined) {
      return isSameRefund(known, terms) ? { kind: 'accepted', refund: known } : refuse('terms-differ')
    }
    if (payment === undefined) return refuse('not-paid')
    const broken = brokenRule(payment, refundsOf(store, payment.transactionId), terms, clock.now())
    if (broken !== undefined) return refuse(broken)
    if (store.size('refund') >= BOUNDS.refunds) return refuse('full')
    if (clock.now() >= payment.paidAt + LATE_AFTER_MS && !core.limits.take('late-refund'))
      return refuse('limited')
    return accept(wish, payment)
  }

  return {
    request(wish) {
      const limited = takeFault('frequency-limited', wish, findPayment(wish)?.outTradeNo)
      if (limited?.applied === false) return refuse('limited')
      const requested = judge(wish)
      return limited === undefined ? requested : refuse('limited')
    },
    sendToCard(refund, receiver) {
      if (refund.state !== 'ABNORMAL') return undefined
      const sent: Refund = {
        ...refund,
        receiver,
        state: 'PROCESSING',
        outcome: 'SUCCESS',
        dueAt: clock.now() + REFUND_TAKES_MS,
      }
      store.commit([put(sent)])
      plan(sent)
      return sent
    },
    decide(refund, outcome) {
      if (refund.state === outcome) return refund
      // What the person in the merchant platform would do by hand is allowed too: an abnormal refund made good.
      const isOpen = refund.state === 'PROCESSING' || (refund.state === 'ABNORMAL' && outcome === 'SUCCESS')
      if (!isOpen) return 'is-final'
      if (refund.funding !== null || outcome === 'CLOSED') return finish(refund, outcome)
      const funded = fund(refund)
      return funded === undefined ? 'not-enough' : finish(funded, outcome)
    },
    moveBalance(fen) {
      const available = accounts.available(identity.mchid)
      if (store.balances.of(available) + fen < 0) return false
      const cause = `${fen < 0 ? 'withdrawal' : 'top-up'}:${store.size('entry') + 1}`
      const lines: Lines = [
        [accounts.outside, -fen],
        [available, fen],
      ]
      store.commit(post(store, clock.now(), cause, lines))
      if (fen > 0) {
        for (const refund of store.all('refund')) {
          if (refund.state !== 'PROCESSING' || refund.funding !== null) continue
          const funded = fund(refund)
          if (funded !== undefined) plan(funded)
        }
      }
      return true
    },
    planSettlement,
    planAll() {
      for (const transaction of store.all('transaction')) planSettlement(transaction)
      for (const refund of store.all('refund')) {
        if (refund.state === 'PROCESSING') plan(refund)
      }
    },
  }
}
