/**
 * @module The control API's calls: which method and path is which operation.
 */
import type { JsonRecord } from '../json.ts'
import { ControlError } from './control-error.ts'
import type { Control } from './operations.ts'

interface Call {
  readonly id: string
  readonly query: URLSearchParams
  readonly body: JsonRecord
}

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  run(control: Control, call: Call): unknown
}

const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/code$/, run: (control, { body }) => control.createCode(body) },
  { method: 'POST', path: /^\/cashier$/, run: (control, { body }) => control.cashier(body) },
  { method: 'POST', path: /^\/cashier\/open$/, run: (control, { body }) => control.openCashier(body) },
  { method: 'GET', path: /^\/trades\/([^/]+)$/, run: (control, { id }) => control.trade(id) },
  {
    method: 'GET',
    path: /^\/ledger$/,
    run: (control, { query }) => control.ledger({ after: query.get('after') ?? undefined }),
  },
  {
    method: 'GET',
    path: /^\/notifications$/,
    run: (control, { query }) =>
      control.notifications({
        outTradeNo: query.get('outTradeNo') ?? undefined,
        outRefundNo: query.get('outRefundNo') ?? undefined,
        before: query.get('before') ?? undefined,
      }),
  },
  { method: 'POST', path: /^\/refunds$/, run: (control, { body }) => control.startRefund(body) },
  { method: 'GET', path: /^\/refunds\/([^/]+)$/, run: (control, { id }) => control.refund(id) },
  {
    method: 'POST',
    path: /^\/refunds\/([^/]+)\/settle$/,
    run: (control, { id, body }) => control.settleRefund(id, body),
  },
  { method: 'GET', path: /^\/balance$/, run: (control) => control.balance() },
  { method: 'POST', path: /^\/balance$/, run: (control, { body }) => control.moveBalance(body) },
  {
    method: 'POST',
    path: /^\/notifications\/forge$/,
    run: (control, { body }) => control.forgeNotification(body),
  },
  {
    method: 'POST',
    path: /^\/notifications\/([^/]+)\/send$/,
    run: (control, { id }) => control.sendNotification(id),
  },
  { method: 'POST', path: /^\/subscriptions$/, run: (control, { body }) => control.subscribe(body) },
  { method: 'POST', path: /^\/templates$/, run: (control, { body }) => control.markTemplate(body) },
  {
    method: 'GET',
    path: /^\/messages$/,
    run: (control, { query }) => control.messages({ openid: query.get('openid') ?? undefined }),
  },
  { method: 'GET', path: /^\/shipments\/([^/]+)$/, run: (control, { id }) => control.shipments(id) },
  { method: 'GET', path: /^\/clock$/, run: (control) => control.clock() },
  { method: 'POST', path: /^\/clock$/, run: (control, { body }) => control.moveClock(body) },
  { method: 'GET', path: /^\/faults$/, run: (control) => control.faults() },
  { method: 'POST', path: /^\/faults$/, run: (control, { body }) => control.addFault(body) },
  { method: 'DELETE', path: /^\/faults\/([^/]+)$/, run: (control, { id }) => control.removeFault(id) },
  {
    method: 'POST',
    path: /^\/notifications\/([^/]+)\/tamper$/,
    run: (control, { id, body }) => control.tamperNotification(id, body),
  },
  { method: 'POST', path: /^\/orders$/, run: (control, { body }) => control.placeOrder(body) },
  { method: 'POST', path: /^\/orders\/([^/]+)\/pay$/, run: (control, { id }) => control.payOrder(id) },
  { method: 'POST', path: /^\/clear$/, run: (control) => control.clear() },
  { method: 'GET', path: /^\/certificates$/, run: (control) => control.certificates() },
  { method: 'POST', path: /^\/certificates\/rotate$/, run: (control) => control.rotateCertificate() },
  { method: 'POST', path: /^\/scenario$/, run: (control, { body }) => control.runScenario(body) },
]

/** The route of this call; refuses unknown paths and wrong methods. */
export function findRoute(
  method: string,
  path: string,
): { readonly method: string; run(control: Control, query: URLSearchParams, body: JsonRecord): unknown } {
  const found = ROUTES.flatMap((route) => {
    const match = route.path.exec(path)
    return match === null ? [] : [{ route, id: match[1] ?? '' }]
  })
  if (found.length === 0)
    throw new ControlError(404, 'NOT_FOUND', `there is no ${path.slice(0, 100)}; see README.md`)
  const hit = found.find(({ route }) => route.method === method)
  if (hit === undefined) {
    throw new ControlError(
      405,
      'WRONG_METHOD',
      `${path.slice(0, 100)} takes ${found.map(({ route }) => route.method).join(', ')}`,
    )
  }
  return {
    method: hit.route.method,
    run: (control, query, body) => hit.route.run(control, { id: decodeId(hit.id), query, body }),
  }
}

function decodeId(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ControlError(400, 'INVALID_INPUT', 'the path is not well encoded')
  }
}
