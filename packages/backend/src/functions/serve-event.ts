/** @module Serves an HTTP event, or a call of the mini-program, with the function's application. */
import type { FunctionCaller } from '../http/base-app.ts'
import { clientIp } from '../http/client-ip.ts'
import { type CallAnswer, refused, toCallAnswer } from './answers.ts'
import type { FunctionParts, Instance } from './create-function.ts'
import type { FunctionEvent, HttpAccessEvent } from './function-event.ts'
import { type HttpAccessAnswer, socketAddressOf, toAnswer, toRequest } from './http-event.ts'
import { routePath } from './route-path.ts'

interface Server {
  readonly parts: FunctionParts
  readonly instance: Instance
}

/** Whoever calls over HTTP is nobody until a session token says otherwise. */
export const serveHttp = async (
  event: HttpAccessEvent,
  { parts, instance }: Server,
): Promise<HttpAccessAnswer> => {
  const { path, prefix } = routePath(event.path, parts.roots)
  if (!isServed({ method: event.httpMethod, path }, parts))
    return refused('NOT_FOUND', 'there is no such call')
  const request = toRequest(event, path)
  const ip = callerIp(event, { request, trustProxy: instance.config.trustProxy })
  const caller: FunctionCaller = { ip, prefix, openid: null }
  return toAnswer(await instance.app.fetch(request, { caller }))
}

/** As for a server: the HTTP access service is one proxy in front, and believed when `TRUST_PROXY` counts it. */
const callerIp = (
  event: HttpAccessEvent,
  { request, trustProxy }: { readonly request: Request; readonly trustProxy: number },
): string =>
  clientIp({
    socketAddress: socketAddressOf(event.requestContext) ?? '127.0.0.1',
    forwardedFor: request.headers.get('x-forwarded-for') ?? undefined,
    trustProxy,
  })

/** The one header of a call that means something to us; all others speak of HTTP. */
const CALL_HEADER = 'idempotency-key'

/** Whom WeChat vouches for is signed in; a token beside it is not looked at. */
export const serveCall = async (
  { call, openid, ip }: Extract<FunctionEvent, { kind: 'call' }>,
  { parts, instance }: Server,
): Promise<CallAnswer> => {
  if (openid === null) {
    instance.log.warn('function.callerDoubted', { function: parts.name })
    return toCallAnswer(refused('NOT_SIGNED_IN', 'WeChat does not vouch for this caller'))
  }
  const [path = '', query] = call.path.split('?', 2)
  if (!isServed({ method: call.method, path }, parts))
    return toCallAnswer(refused('NOT_FOUND', 'there is no such call'))
  const hasBody = call.data !== undefined && call.method !== 'GET' && call.method !== 'HEAD'
  const request = toRequest(
    {
      path,
      httpMethod: call.method,
      headers: {
        host: new URL(instance.config.notifyBaseUrl).host,
        'content-type': 'application/json',
        ...Object.fromEntries(
          Object.entries(call.headers).filter(([name]) => name.toLowerCase() === CALL_HEADER),
        ),
      },
      multiValueHeaders: {},
      queryStringParameters: Object.fromEntries(new URLSearchParams(query)),
      multiValueQueryStringParameters: {},
      requestContext: {},
      body: hasBody ? JSON.stringify(call.data) : '',
      isBase64Encoded: false,
    },
    path,
  )
  const caller: FunctionCaller = { ip: ip === '' ? '127.0.0.1' : ip, prefix: '', openid }
  return toCallAnswer(await toAnswer(await instance.app.fetch(request, { caller })))
}

/** What a web-standard request cannot have for its method, whoever sent it. */
const NEVER_SERVED = new Set(['CONNECT', 'TRACE', 'TRACK'])

const isServed = (
  { method, path }: { readonly method: string; readonly path: string },
  { roots }: FunctionParts,
): boolean => !NEVER_SERVED.has(method) && roots.some((root) => path === root || path.startsWith(`${root}/`))
