/** @module Where the caller found us: the beginning of the addresses we hand out. */
import type { Context } from 'hono'
import type { ApiDeps } from './app.ts'
import type { AppEnv } from './base-app.ts'

/**
 * The origin of this call, with what a function's gateway puts before our paths. Behind a proxy the process itself sees
 * plain http: the proxy is believed as far as `TRUST_PROXY` says, and a call to the host of `NOTIFY_BASE_URL` came over
 * that address's scheme.
 */
export const ownOrigin = (
  c: Context<AppEnv>,
  deps: { readonly trustProxy: number; readonly gateway: Pick<ApiDeps['gateway'], 'paymentNotifyUrl'> },
): string => {
  const called = new URL(c.req.url)
  const configured = new URL(deps.gateway.paymentNotifyUrl)
  const prefix = c.env?.caller?.prefix ?? ''
  if (called.host === configured.host) return `${configured.origin}${prefix}`
  const said = c.req.header('x-forwarded-proto')?.split(',').at(-1)?.trim()
  const secure = deps.trustProxy > 0 && said === 'https'
  return `${secure ? `https://${called.host}` : called.origin}${prefix}`
}
