/**
 * @module The APIv3 calls: which path is which, and the checks that come before any of them.
 */
import type { Core } from '../core.ts'
import type { LimitName } from '../rate-limits.ts'
import type { RefundDesk } from '../refunds/refund-desk.ts'
import type { Signer } from '../state/tables.ts'
import { applyAbnormalRefund } from './abnormal-refund.ts'
import { errorAnswer, parameterError, type V3Answer } from './answer.ts'
import { checkAuthorization, type NonceMemory, type V3Request } from './authorization.ts'
import { applyForFundBill, applyForTradeBill, DOWNLOAD_PATH, downloadBill } from './bills.ts'
import { downloadCertificates } from './certificates.ts'
import { closeOrder, prepay, queryByOutTradeNo, queryByTransactionId } from './orders.ts'
import { queryRefund, requestRefund } from './refunds.ts'

interface CallInput {
  readonly id: string
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly signer: Signer
  readonly serial: string | undefined
  readonly desk: RefundDesk
  /** Scheme and host as the client called them. */
  readonly origin: string
}

interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** The transactions calls answer a missing signature in other words and don't insist on User-Agent. */
  readonly isTransactions: boolean
  readonly limit?: LimitName
  run(core: Core, call: CallInput): V3Answer
}

const CALLS: readonly Call[] = [
  {
    method: 'POST',
    path: /^\/v3\/pay\/transactions\/jsapi$/,
    isTransactions: true,
    limit: 'order',
    run: (core, { body, signer }) => prepay(core, body, signer),
  },
  {
    method: 'GET',
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)$/,
    isTransactions: true,
    run: (core, { id, query }) => queryByOutTradeNo(core, id, query.getAll('mchid')),
  },
  {
    method: 'GET',
    path: /^\/v3\/pay\/transactions\/id\/([^/]+)$/,
    isTransactions: true,
    run: (core, { id, query }) => queryByTransactionId(core, id, query.getAll('mchid')),
  },
  {
    method: 'POST',
    path: /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)\/close$/,
    isTransactions: true,
    run: (core, { id, body }) => closeOrder(core, id, body),
  },
  {
    method: 'GET',
    path: /^\/v3\/certificates$/,
    isTransactions: false,
    run: (core, { query }) => downloadCertificates(core, query.getAll('algorithm_type')),
  },
  {
    method: 'POST',
    path: /^\/v3\/refund\/domestic\/refunds$/,
    isTransactions: false,
    limit: 'refund',
    run: (_core, { desk, body, signer }) => requestRefund(desk, body, signer),
  },
  {
    method: 'GET',
    path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/,
    isTransactions: false,
    limit: 'refund-query',
    run: (core, { id }) => queryRefund(core, id),
  },
  {
    method: 'POST',
    path: /^\/v3\/refund\/domestic\/refunds\/([^/]+)\/apply-abnormal-refund$/,
    isTransactions: false,
    run: (core, { desk, id, body, serial }) =>
      applyAbnormalRefund(core, desk, { refundId: id, body, serial }),
  },
  {
    method: 'GET',
    path: /^\/v3\/bill\/tradebill$/,
    isTransactions: false,
    run: (core, { query, origin }) => applyForTradeBill(core, query, origin),
  },
  {
    method: 'GET',
    path: /^\/v3\/bill\/fundflowbill$/,
    isTransactions: false,
    limit: 'fund-bill',
    run: (core, { query, origin }) => applyForFundBill(core, query, origin),
  },
  {
    method: 'GET',
    path: new RegExp(`^${DOWNLOAD_PATH}$`),
    isTransactions: false,
    run: (core, { query }) => downloadBill(core, query.getAll('token')),
  },
]

/** Decides what to answer to a v3 request. */
export function answerV3(core: Core, desk: RefundDesk, nonces: NonceMemory, request: V3Request): V3Answer {
  const { path, query } = splitUrl(request.url)
  const found = CALLS.flatMap((call) => {
    const match = call.path.exec(path)
    return match === null ? [] : [{ call, id: decode(match[1] ?? '') }]
  })
  if (found.length === 0) return { kind: 'empty', status: 404 }
  const hit = found.find(({ call }) => call.method === request.method)
  if (hit === undefined) return { kind: 'empty', status: 405 }
  const { call, id } = hit
  const { headers } = request
  if (!call.isTransactions && (!headers['user-agent'] || !headers.accept)) {
    return errorAnswer(400, 'INVALID_REQUEST', 'Http头缺少Accept或User-Agent')
  }
  const refusal =
    checkAuthorization(core, nonces, request, call.isTransactions) ?? checkHeaders(core, request)
  if (refusal !== undefined) return refusal
  if (call.limit !== undefined && isTooOften(core, call.limit)) return tooOften()
  if (id === undefined) return { kind: 'empty', status: 404 }
  const named = headers['wechatpay-serial']
  const serial = typeof named === 'string' && named !== '' ? named : undefined
  const signer = signerFor(core, request)
  // A client that came by another name (hosts file, container) can download by that name too.
  const origin = `https://${headers.host ?? request.localHost}`
  const answer = call.run(core, { id, query, body: request.body, signer, serial, desk, origin })
  if (call.limit === 'refund' && answer.kind === 'error') core.limits.take('refused-refund')
  return answer
}

/** Of refunds there is a second limit, for those that were refused (错误或无效请求). */
function isTooOften({ limits }: Core, limit: LimitName): boolean {
  return (limit === 'refund' && limits.isReached('refused-refund')) || !limits.take(limit)
}

export function tooOften(): V3Answer {
  return errorAnswer(429, 'FREQUENCY_LIMITED', '频率超限，请降低请求接口频率')
}

/** Whoever names the public key gets answers signed with it; everyone else the platform certificate's. */
export function signerFor(core: Core, request: V3Request): Signer {
  const named = request.headers['wechatpay-serial']
  const namesPublicKey = typeof named === 'string' && named.startsWith('PUB_KEY_ID_')
  return namesPublicKey || !core.hasPlatformCertificate ? 'public-key' : 'certificate'
}

export function splitUrl(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?')
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) }
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function checkHeaders(core: Core, { method, headers }: V3Request): V3Answer | undefined {
  const serial = headers['wechatpay-serial']
  if (
    typeof serial === 'string' &&
    serial.startsWith('PUB_KEY_ID_') &&
    serial !== core.identity.publicKeyId
  ) {
    return parameterError({
      location: 'header',
      field: 'Wechatpay-Serial',
      value: serial.slice(0, 64),
      issue: 'unknown serial',
      message: 'Http头Wechatpay-Serial中的微信支付公钥ID有误',
    })
  }
  if (method !== 'POST') return undefined
  const contentType = headers['content-type'] ?? ''
  if (
    typeof contentType === 'string' &&
    /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType)
  ) {
    return undefined
  }
  return errorAnswer(400, 'INVALID_REQUEST', 'Http头Content-Type必须为application/json')
}
