/** @module The address that WeChat Pay calls back, tried from outside as WeChat Pay would: without a login, byte for byte. */
import { PAYMENT_NOTIFY_PATH } from '@yuanlu/gateway-wechat'
import { type Finding, failed, ok } from './finding.ts'

const ABOUT = 'public address (NOTIFY_BASE_URL)'
const PATIENCE_MS = 8_000
/** WeChat Pay takes an answer within 5 seconds for a failure. */
const MOST_MS = 5_000

/** @param origin without a trailing slash */
export const checkPublicAddress = async (origin: string, clock: () => number): Promise<Finding> => {
  const health = await ask(`${origin}/healthz`, {})
  if (health instanceof Error)
    return failed(
      ABOUT,
      `${origin}/healthz does not answer: ${health.message}`,
      'is the backend deployed, the domain bound and its certificate in place? WeChat Pay has to reach it from the internet',
    )
  if (health.status !== 200)
    return failed(
      ABOUT,
      `${origin}/healthz answers ${health.status}`,
      health.status === 503
        ? 'the backend runs but does not reach its database; see its log'
        : 'another program answers here, or a gateway in front asks for a login; the paths /v1, /wxpay and /healthz have to reach the backend',
    )
  const startedAt = clock()
  const notice = await ask(`${origin}${PAYMENT_NOTIFY_PATH}`, { method: 'POST', body: '{}' })
  const tookMs = clock() - startedAt
  if (notice instanceof Error || notice.status !== 401)
    return failed(
      ABOUT,
      `a notification without a signature is answered ${notice instanceof Error ? notice.message : notice.status}, not 401`,
      `POST ${PAYMENT_NOTIFY_PATH} has to reach the backend without a login, a redirect or a changed body`,
    )
  if (tookMs > MOST_MS)
    return failed(
      ABOUT,
      `a notification took ${tookMs} ms`,
      'WeChat Pay waits 5 seconds; look at cold starts and at the way to the database',
    )
  return ok(ABOUT, `${origin} answers, and refuses a notification that nobody signed`)
}

/** A redirect is an answer: WeChat Pay follows none. */
const ask = async (url: string, init: RequestInit): Promise<Response | Error> => {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE_MS) })
  } catch (error) {
    if (!(error instanceof Error)) return new Error('no connection')
    const cause = error.cause
    return cause instanceof Error ? cause : error
  }
}
