/**
 * @module The control API as plain functions: what a test, a console or the HTTP routes may ask of the sandbox.
 */
import { createCode } from '../api/code2session.ts'
import { actAtCashier, type CashierAction, openCashier, type PaymentSheet } from '../cashier.ts'
import type { Core } from '../core.ts'
import { type FaultRecord, isWholeNumber, parseFault } from '../faults.ts'
import type { JsonRecord } from '../json.ts'
import { type LedgerEntryView, readLedger } from '../ledger.ts'
import type { ForgedKind, Notifier, Tampering } from '../notify/notifier.ts'
import type { Outcome, RefundDesk } from '../refunds/refund-desk.ts'
import type { Schedule } from '../schedule.ts'
import type { Notification, Trade } from '../state/tables.ts'
import { type ClockControl, makeClockControl } from './clock-operations.ts'
import { ControlError, readText } from './control-error.ts'
import { makeOrderControl, type OrderControl } from './order-operations.ts'
import { makePlatformControl, type PlatformControl } from './platform-operations.ts'
import { getRefund, makeRefundControl, type RefundControl } from './refund-operations.ts'
import { findRoute } from './routes.ts'
import { type NotificationView, type TradeView, viewNotification, viewTrade } from './views.ts'
import { makeWorkbenchControl, type WorkbenchControl } from './workbench-operations.ts'

export interface Control
  extends OrderControl,
    RefundControl,
    PlatformControl,
    ClockControl,
    WorkbenchControl {
  createCode(body: JsonRecord): { code: string }
  cashier(body: JsonRecord): { errMsg: string }
  openCashier(body: JsonRecord): PaymentSheet
  trade(outTradeNo: string): TradeView
  ledger(query: { after?: string | number | undefined }): { entries: LedgerEntryView[]; nextAfter: number }
  /** The newest 200, oldest first; `before` is the nextBefore of an earlier answer, which is null when there are none before. */
  notifications(query: {
    outTradeNo?: string | undefined
    outRefundNo?: string | undefined
    before?: string | undefined
  }): { notifications: NotificationView[]; nextBefore: string | null }
  sendNotification(id: string): Promise<{ notification: NotificationView }>
  /** Sends it once more, spoilt: `{fault: wrong-signature|unsigned|probe|stale-timestamp|other-order-body}`. Its own course goes on untouched. */
  tamperNotification(id: string, body: JsonRecord): Promise<{ notification: NotificationView }>
  /** Sends what a forger would: a notice that this order was paid, or this refund decided. Neither is touched. */
  forgeNotification(body: JsonRecord): Promise<{ notification: NotificationView }>
  faults(): { faults: FaultRecord[] }
  addFault(body: JsonRecord): { id: string }
  removeFault(id: string): Record<string, never>
}

const LIST_LIMIT = 200
const CLAIMS: readonly Outcome[] = ['SUCCESS', 'CLOSED', 'ABNORMAL']
const TAMPERINGS: readonly Tampering[] = [
  'wrong-signature',
  'unsigned',
  'probe',
  'stale-timestamp',
  'other-order-body',
]
const FORGED_KINDS: readonly ForgedKind[] = ['forged-notification', 'unsigned-notification', 'probe']

export function makeControl(core: Core, schedule: Schedule, notifier: Notifier, desk: RefundDesk): Control {
  const { store, clock, faults } = core

  const getTrade = (outTradeNo: string): Trade => {
    const trade = store.get('trade', outTradeNo)
    if (trade === undefined)
      throw new ControlError(404, 'NOT_FOUND', `there is no trade ${outTradeNo.slice(0, 64)}`)
    return trade
  }

  const forgeRefund = async (body: JsonRecord, kind: ForgedKind): Promise<Notification> => {
    if (body.outTradeNo !== undefined)
      throw new ControlError(400, 'INVALID_INPUT', 'give either outTradeNo or outRefundNo')
    const refund = getRefund(core, readText(body, 'outRefundNo', 64))
    const { status = 'SUCCESS' } = body
    const state = CLAIMS.find((name) => name === status)
    if (state === undefined)
      throw new ControlError(400, 'INVALID_INPUT', `status must be one of ${CLAIMS.join(', ')}`)
    const claim = { ...refund, state, finishedAt: clock.now() }
    const sent = await notifier.forgeRefund(claim, kind)
    if (sent !== undefined) return sent
    throw new ControlError(400, 'INVALID_INPUT', 'that refund named no notify_url: nobody would believe it')
  }

  desk.planAll()
  notifier.planAll()

  const control: Control = {
    ...makeOrderControl(core, notifier, desk),
    ...makeRefundControl(core, desk),
    ...makePlatformControl(core),
    ...makeClockControl(core, schedule),
    ...makeWorkbenchControl(core, schedule, async (method, path, body) =>
      findRoute(method, path).run(control, new URLSearchParams(), body),
    ),
    createCode: (body) => ({ code: createCode(core, readText(body, 'openid', 128)) }),
    openCashier: (body) => openCashier(core, body, readText(body, 'openid', 128)),
    cashier(body) {
      const openid = readText(body, 'openid', 128)
      const planned: (() => void)[] = []
      const answer = actAtCashier(core, body, openid, readAction(body), (trade, transaction) => {
        const { writes, plan } = notifier.prepare(trade, transaction)
        planned.push(plan, () => desk.planSettlement(transaction))
        return writes
      })
      for (const plan of planned) plan()
      return answer
    },
    trade: (outTradeNo) => viewTrade(store, getTrade(outTradeNo), clock.now()),
    ledger({ after = 0 }) {
      const from = typeof after === 'number' ? after : /^\d{1,15}$/.test(after) ? Number(after) : Number.NaN
      if (!isWholeNumber(from, 0, Number.MAX_SAFE_INTEGER)) {
        throw new ControlError(400, 'INVALID_INPUT', 'after must be the nextAfter of an earlier answer, or 0')
      }
      return readLedger(store, from)
    },
    notifications({ outTradeNo, outRefundNo, before }) {
      const found = [...store.all('notification')].filter(
        (notification) =>
          (outTradeNo === undefined || notification.outTradeNo === outTradeNo) &&
          (outRefundNo === undefined || notification.outRefundNo === outRefundNo),
      )
      const end = before === undefined ? found.length : found.findIndex(({ id }) => id === before)
      if (end < 0)
        throw new ControlError(400, 'INVALID_INPUT', 'before must be the nextBefore of an earlier answer')
      const page = found.slice(Math.max(0, end - LIST_LIMIT), end)
      return {
        notifications: page.map(viewNotification),
        nextBefore: end > LIST_LIMIT ? (page[0]?.id ?? null) : null,
      }
    },
    async sendNotification(id) {
      const notification = store.get('notification', id)
      if (notification === undefined)
        throw new ControlError(404, 'NOT_FOUND', 'there is no such notification')
      if (notification.status === 'forged') {
        throw new ControlError(400, 'INVALID_INPUT', 'a forged notification is sent once; forge another')
      }
      return { notification: viewNotification(await notifier.send(notification)) }
    },
    async tamperNotification(id, body) {
      const notification = store.get('notification', id)
      if (notification === undefined)
        throw new ControlError(404, 'NOT_FOUND', 'there is no such notification')
      const kind = TAMPERINGS.find((name) => name === body.fault)
      if (kind === undefined)
        throw new ControlError(400, 'INVALID_INPUT', `fault must be one of ${TAMPERINGS.join(', ')}`)
      return { notification: viewNotification(await notifier.tamper(notification, kind)) }
    },
    async forgeNotification(body) {
      const kind = FORGED_KINDS.find((name) => name === body.fault)
      if (kind === undefined) {
        throw new ControlError(400, 'INVALID_INPUT', `fault must be one of ${FORGED_KINDS.join(', ')}`)
      }
      const sent =
        body.outRefundNo === undefined
          ? await notifier.forge(getTrade(readText(body, 'outTradeNo', 32)), kind)
          : await forgeRefund(body, kind)
      return { notification: viewNotification(sent) }
    },
    faults: () => ({ faults: faults.list() }),
    addFault(body) {
      const parsed = parseFault(body)
      if (!parsed.ok) throw new ControlError(400, 'INVALID_INPUT', parsed.message)
      if (faults.isFull())
        throw new ControlError(400, 'TOO_MANY', 'there are 1000 faults already; remove some')
      return { id: faults.add(parsed.fault) }
    },
    removeFault(id) {
      if (!faults.remove(id))
        throw new ControlError(404, 'NOT_FOUND', 'there is no such fault (or it is used up)')
      return {}
    },
  }
  return control
}

function readAction(body: JsonRecord): CashierAction {
  const { action } = body
  if (action === 'pay' || action === 'cancel' || action === 'fail') return action
  throw new ControlError(400, 'INVALID_INPUT', 'action must be pay, cancel or fail')
}
