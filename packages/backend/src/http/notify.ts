/** @module What WeChat Pay calls: verify, record durably, and only then acknowledge. */

import { LIMITS } from '@yuanlu/contract'
import {
  type NotificationReader,
  PAYMENT_NOTIFY_PATH,
  REFUND_NOTIFY_PATH,
  readPaymentNotice,
  readRefundNotice,
} from '@yuanlu/gateway-wechat'
import {
  recordAmbiguousNotice,
  recordNotifiedPayment,
  recordNotifiedRefund,
  type ShopDeps,
  storeRefundHint,
} from '@yuanlu/shop'
import type { Hono } from 'hono'
import { acknowledge, notificationApi, WxpayError } from 'wxpay-core'
import type { AppEnv } from './base-app.ts'
import { readBody } from './read-json.ts'

export interface NotificationDeps extends ShopDeps {
  readonly notifications: NotificationReader
  /** Keeps what a notification asks of WeChat within its patience. Default: whoever serves the event has done so. */
  readonly inTime?: ((serve: () => Promise<void>) => Promise<void>) | undefined
}

interface Acknowledgement {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const answer = (ack: Acknowledgement): Response =>
  new Response(ack.status === 204 ? null : ack.body, { status: ack.status, headers: ack.headers })

export const mountNotifications = (app: Hono<AppEnv>, deps: NotificationDeps): void => {
  const { inTime } = deps
  if (inTime !== undefined) app.use('/wxpay/notify/*', (_, next) => inTime(next))
  mountNotice(app, deps, PAYMENT_NOTIFY_PATH, async (input) => {
    const notice = await readPaymentNotice(deps.notifications, { ...input, now: deps.clock() })
    switch (notice.kind) {
      case 'paid':
        await recordNotifiedPayment(deps, notice.news)
        return 'kept'
      case 'ambiguous':
        await recordAmbiguousNotice(deps, notice.outTradeNo)
        return 'ambiguous'
      case 'notPaid':
        return 'kept'
    }
  })
  mountNotice(app, deps, REFUND_NOTIFY_PATH, async (input) => {
    const notice = await readRefundNotice(deps.notifications, input)
    if (notice.kind === 'verified') await recordNotifiedRefund(deps, notice)
    // Unsigned: stored, acknowledged, and asked about by the next job. Nothing of it is believed.
    else await storeRefundHint(deps, notice.hint)
    return 'kept'
  })
}

interface NoticeInput {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

const mountNotice = (
  app: Hono<AppEnv>,
  deps: NotificationDeps,
  path: string,
  record: (input: NoticeInput) => Promise<'kept' | 'ambiguous'>,
): void => {
  app.post(path, async (c) => {
    const body = await readBody(c.req.raw, LIMITS.bodyBytes)
    // Whatever is neither is refused the APIv3 way.
    const v2 = notificationApi(body) === 'v2'
    try {
      const outcome = await record({ headers: c.req.header(), body })
      // Under APIv3 any 200 is an acknowledgement, whatever its body says.
      if (outcome === 'ambiguous')
        return answer(v2 ? acknowledge.v2Failure('AMBIGUOUS') : acknowledge.v3Failure(500))
      return answer(v2 ? acknowledge.v2Success() : acknowledge.v3Success())
    } catch (error) {
      const refused = error instanceof WxpayError
      // A probe (探测流量) is WeChat testing that we verify: refused like a forgery, but nobody is alarmed.
      if (refused && error.code === 'ERR_WXPAY_NOTIFY_PROBE') deps.log.info('notify.probe')
      else if (refused) deps.log.warn('notify.refused', { code: error.code })
      else
        deps.log.error('notify.not-recorded', { reason: error instanceof Error ? error.message : 'unknown' })
      if (v2) return answer(acknowledge.v2Failure(refused ? 'SIGNERROR' : 'SYSTEMERROR'))
      return answer(acknowledge.v3Failure(refused ? 401 : 500))
    }
  })
}
