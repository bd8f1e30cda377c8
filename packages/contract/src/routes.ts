/** @module Every call of the HTTP interface: where it is and who may make it. Their inputs and answers are in schemas.ts. */

/**
 * `anyone` needs no session; `shopper` any session. The others need a role, read from the store at the moment of the
 * call: `staff` any, `finance` finance or owner, `owner` owner.
 */
export type Caller = 'anyone' | 'shopper' | 'staff' | 'finance' | 'owner'

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `:name` stands for a path parameter. */
  readonly path: string
  readonly caller: Caller
  /** Marked K in the documentation: `Idempotency-Key` is required. */
  readonly idempotent?: true
  /** Not JSON both ways: `takes` a multipart form with a picture in `file`, or `gives` the picture itself. */
  readonly picture?: 'takes' | 'gives'
  /** Its address is signed: whoever holds all of it needs no session, and without a member of it there is nothing. */
  readonly signed?: true
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
  getMessageTemplates: {
    method: 'GET',
    path: '/v1/message-templates',
    caller: 'anyone',
    summary: 'The template ids for wx.requestSubscribeMessage; null: that message is not sent.',
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
  requestRefund: {
    method: 'POST',
    path: '/v1/orders/:orderId/refunds',
    caller: 'shopper',
    idempotent: true,
    summary: 'Ask for a refund of a paid order: whole, part, or by items.',
  },
  listRefunds: {
    method: 'GET',
    path: '/v1/refunds',
    caller: 'shopper',
    summary: 'The caller’s refunds, newest first.',
  },
  getRefund: {
    method: 'GET',
    path: '/v1/refunds/:refundId',
    caller: 'shopper',
    summary: 'One refund of the caller.',
  },
  withdrawRefund: {
    method: 'POST',
    path: '/v1/refunds/:refundId/withdraw',
    caller: 'shopper',
    summary: 'Withdraw a request that no money has moved for.',
  },
  getReturnTerms: {
    method: 'GET',
    path: '/v1/refunds/:refundId/return',
    caller: 'shopper',
    summary: 'Where goods are sent back to, and by when. For the refund’s shopper, and for staff.',
  },
  returnGoods: {
    method: 'POST',
    path: '/v1/refunds/:refundId/return',
    caller: 'shopper',
    summary: 'The goods are on their way back.',
  },
  uploadFile: {
    method: 'POST',
    path: '/v1/uploads',
    caller: 'shopper',
    picture: 'takes',
    summary:
      'Keep a picture (JPEG, PNG or WebP, at most 2 MB) for the evidence of a refund or for a product.',
  },
  readFile: {
    method: 'GET',
    path: '/v1/uploads/:fileId',
    caller: 'shopper',
    picture: 'gives',
    signed: true,
    summary: 'A picture, for its uploader and staff, under an address that this server signed minutes ago.',
  },
  readPicture: {
    method: 'GET',
    path: '/v1/pictures/:fileId',
    caller: 'anyone',
    picture: 'gives',
    summary: 'A picture of the catalogue, under an address that does not change.',
  },
  listMerchantRefunds: {
    method: 'GET',
    path: '/v1/merchant/refunds',
    caller: 'staff',
    summary: 'Refunds of everybody; undecided ones oldest first.',
  },
  getMerchantRefund: {
    method: 'GET',
    path: '/v1/merchant/refunds/:refundId',
    caller: 'staff',
    summary: 'One refund with its order.',
  },
  approveRefund: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/approve',
    caller: 'finance',
    summary: 'Approve what the approver saw; then the transfer is tried once.',
  },
  rejectRefund: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/reject',
    caller: 'staff',
    summary: 'Reject a request, with a reason for the shopper.',
  },
  receiveReturn: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/goods-received',
    caller: 'staff',
    summary: 'The returned goods arrived: the money goes back.',
  },
  resubmitRefund: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/resubmit',
    caller: 'finance',
    summary: 'Send a failed refund again, or a new number after a closed one.',
  },
  redirectRefund: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/abnormal',
    caller: 'finance',
    summary: 'Send an abnormal refund (异常退款) to a bank card.',
  },
  settleRefundOffline: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/offline',
    caller: 'finance',
    summary: 'Record that the money was returned another way, with proof.',
  },
  abandonRefund: {
    method: 'POST',
    path: '/v1/merchant/refunds/:refundId/abandon',
    caller: 'finance',
    summary: 'Give a refund up after WeChat Pay is known not to pay it.',
  },
  listMerchantOrders: {
    method: 'GET',
    path: '/v1/merchant/orders',
    caller: 'staff',
    summary: 'Orders of everybody, newest first.',
  },
  getMerchantOrder: {
    method: 'GET',
    path: '/v1/merchant/orders/:orderId',
    caller: 'staff',
    summary: 'One order.',
  },
  refundOrder: {
    method: 'POST',
    path: '/v1/merchant/orders/:orderId/refund',
    caller: 'finance',
    idempotent: true,
    summary: 'Refund an order without a shopper’s request.',
  },
  shipOrder: {
    method: 'POST',
    path: '/v1/merchant/orders/:orderId/ship',
    caller: 'staff',
    summary:
      'The goods are on their way. The same person repeating the same gets the present state; another carrier or number for a shipped order is refused.',
  },
  resolveAttention: {
    method: 'POST',
    path: '/v1/merchant/attention/:id/resolve',
    caller: 'finance',
    summary:
      'Say what was done about something that needed a person; not about money of one’s own order. The same person repeating the same gets the present state, anything else is too late.',
  },
  listAttention: {
    method: 'GET',
    path: '/v1/merchant/attention',
    caller: 'staff',
    summary: 'What needs a person, newest first.',
  },
  listMerchantProducts: {
    method: 'GET',
    path: '/v1/merchant/products',
    caller: 'staff',
    summary: 'The catalogue with its stock.',
  },
  putProduct: {
    method: 'PUT',
    path: '/v1/merchant/products/:productId',
    caller: 'owner',
    summary: 'Create or change a product. Placed orders keep their price.',
  },
  listStaff: {
    method: 'GET',
    path: '/v1/merchant/staff',
    caller: 'owner',
    summary: 'Everybody who has a role.',
  },
  putStaff: {
    method: 'PUT',
    path: '/v1/merchant/staff/:openid',
    caller: 'owner',
    summary: 'Give somebody a role. The last owner stays owner.',
  },
  removeStaff: {
    method: 'DELETE',
    path: '/v1/merchant/staff/:openid',
    caller: 'owner',
    summary: 'Take somebody’s role away. The last owner stays.',
  },
} as const satisfies Record<string, Route>

export type CallName = keyof typeof ROUTES
/** Calls that speak JSON both ways: all but those that carry a picture. */
export type JsonCallName = {
  [N in CallName]: (typeof ROUTES)[N] extends { readonly picture: string } ? never : N
}[CallName]

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
