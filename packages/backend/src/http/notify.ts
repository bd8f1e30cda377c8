/** @module What WeChat Pay calls: verify, record durably, and only then acknowledge. */

import { LIMITS } from '@yuanlu/contract'
import { PAYMENT_NOTIFY_PATH, readPaymentNotice } from '@yuanlu/gateway-wechat'
import { recordAmbiguousNotice, recordNotifiedPayment } from '@yuanlu/shop'
import type { Hono } from 'hono'
import { acknowledge, notificationApi, WxpayError } from 'wxpay-core'
import type { AppDeps, AppEnv } from './app.ts'
import { readBody } from './read-json.ts'

interface Acknowledgement {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const answer = (ack: Acknowledgement): Response =>
  new Response(ack.status === 204 ? null : ack.body, { status: ack.status, headers: ack.headers })

export const mountNotifications = (app: Hono<AppEnv>, deps: AppDeps): void => {
  app.post(PAYMENT_NOTIFY_PATH, async (c) => {
    const body = await readBody(c.req.raw, LIMITS.bodyBytes)
    // Whatever is neither is refused the APIv3 way.
    const v2 = notificationApi(body) === 'v2'
    try {
      const notice = await readPaymentNotice(deps.notifications, {
        headers: c.req.header(),
        body,
        now: deps.clock(),
      })
      switch (notice.kind) {
        case 'paid':
          await recordNotifiedPayment(deps, notice.news)
          break
        case 'ambiguous':
          await recordAmbiguousNotice(deps, notice.outTradeNo)
          // Under APIv3 any 200 is an acknowledgement, whatever its body says.
          return answer(v2 ? acknowledge.v2Failure('AMBIGUOUS') : acknowledge.v3Failure(500))
        case 'notPaid':
          break
      }
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
