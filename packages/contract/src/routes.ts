/** @module Every call of the HTTP interface: where it is and who may make it. Their inputs and answers are in schemas.ts. */

/** `anyone` needs no session; `shopper` any session; `staff` any role, read from the store at the moment of the call. */
export type Caller = 'anyone' | 'shopper' | 'staff'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `:name` stands for a path parameter. */
  readonly path: string
  readonly caller: Caller
  /** Marked K in the documentation: `Idempotency-Key` is required. */
  readonly idempotent?: true
  readonly summary: string
}

export const ROUTES = {
  signIn: {
    method: 'POST',
    path: '/v1/sessions',
    caller: 'anyone',
    summary: 'Exchange a code of wx.login for a session token that lives two hours.',
  },
  signOut: {
    method: 'DELETE',
    path: '/v1/sessions',
    caller: 'shopper',
    summary: 'End the session of this token.',
  },
  getMe: { method: 'GET', path: '/v1/me', caller: 'shopper', summary: 'Who is signed in.' },
  listProducts: { method: 'GET', path: '/v1/products', caller: 'anyone', summary: 'The catalogue.' },
  getProduct: {
    method: 'GET',
    path: '/v1/products/:productId',
    caller: 'anyone',
    summary: 'One product.',
  },
  placeOrder: {
    method: 'POST',
    path: '/v1/orders',
    caller: 'shopper',
    idempotent: true,
    summary: 'Place an order. Price and stock are the server’s.',
  },
  listOrders: {
    method: 'GET',
    path: '/v1/orders',
    caller: 'shopper',
    summary: 'The caller’s orders, newest first.',
  },
  getOrder: {
    method: 'GET',
    path: '/v1/orders/:orderId',
    caller: 'shopper',
    summary: 'One order of the caller.',
  },
  startPayment: {
    method: 'POST',
    path: '/v1/orders/:orderId/payment',
    caller: 'shopper',
    summary: 'What wx.requestPayment needs. Repeated calls reuse the same trade number.',
  },
  syncPayment: {
    method: 'POST',
    path: '/v1/orders/:orderId/payment/sync',
    caller: 'shopper',
    summary: 'The order, after asking WeChat Pay if it is not known to be paid.',
  },
  cancelOrder: {
    method: 'POST',
    path: '/v1/orders/:orderId/cancel',
    caller: 'shopper',
    summary: 'Cancel an unpaid order: asks, closes at WeChat Pay, releases the stock.',
  },
  confirmReceipt: {
    method: 'POST',
    path: '/v1/orders/:orderId/received',
    caller: 'shopper',
    summary: 'The goods arrived: the order is completed.',
  },
  listAttention: {
    method: 'GET',
    path: '/v1/merchant/attention',
    caller: 'staff',
    summary: 'What needs a person, oldest first.',
  },
} as const satisfies Record<string, Route>

export type CallName = keyof typeof ROUTES

/**
 * The path of a call with its parameters filled in.
 *
 * @example
 * routePath('getOrder', { orderId: 'o1' }) // "/v1/orders/o1"
 */
export const routePath = (name: CallName, params: Readonly<Record<string, string>> = {}): string =>
  ROUTES[name].path.replace(/:([A-Za-z]+)/g, (_, key: string) => {
    const value = params[key]
    if (value === undefined) throw new RangeError(`call ${name} needs the path parameter ${key}`)
    return encodeURIComponent(value)
  })
