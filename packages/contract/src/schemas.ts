/** @module Every call's input and answer as schemas. The server parses with them; pages import their types alone. */

import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { LIMITS } from './limits.ts'
import { MAX_ORDER_FEN } from './money.ts'
import type { CallName } from './routes.ts'
import {
  ATTENTION_KINDS,
  LEDGER_ACCOUNTS,
  ORDER_STATUSES,
  REFUND_STATUSES,
  ROLES,
  TRANSFER_STATUSES,
} from './states.ts'

// Without a language, messages say "Invalid input" and no more.
z.config(en())

/** Gives a schema its name in the OpenAPI document. */
const named = <S extends z.ZodMiniType>(name: string, schema: S): S => said(schema, { id: name })

/** Puts a remark about a schema into the OpenAPI document. */
const said = <S extends z.ZodMiniType>(schema: S, remark: Record<string, unknown>): S => {
  z.globalRegistry.add(schema, remark)
  return schema
}

/** Text that can stand in a database column, a log line and an XML document. */
const CLEAN_TEXT = /^(?:[\t\n\r]|[^\p{Cc}\ufffe\uffff])*$/u
const ONE_LINE = /^[^\t\n\r]*$/
const text = (min: number, max: number) =>
  // Counted in characters after trimming, below; said here for the OpenAPI document.
  said(
    z.string().check(
      z.refine((s) => s.isWellFormed() && CLEAN_TEXT.test(s), {
        error: 'contains control characters or broken surrogates',
        abort: true,
      }),
      z.trim(),
      z.refine((s) => [...s].length >= min, `needs at least ${min} character(s)`),
      z.refine((s) => [...s].length <= max, `may have at most ${max} characters`),
    ),
    { minLength: min, maxLength: max },
  )

const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -'))
const fen = z.int().check(z.gte(0))
const instant = said(z.string(), { format: 'date-time', description: 'ISO 8601, UTC' })

export const idempotencyKey = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -'))

export const product = named(
  'Product',
  z.strictObject({
    productId: id,
    title: z.string(),
    description: z.string(),
    priceFen: fen,
    stock: z.int().check(z.gte(0)),
    imageUrl: z.string(),
  }),
)
export type Product = z.infer<typeof product>

/** What an owner states about a product. */
const productInput = z.strictObject({
  title: text(1, 60).check(z.refine((s) => ONE_LINE.test(s), 'must be one line')),
  description: z._default(text(0, 500), ''),
  priceFen: z.int().check(z.gte(1), z.lte(MAX_ORDER_FEN)),
  stock: said(z.int().check(z.gte(0), z.lte(1_000_000_000)), {
    description:
      'what is on the shelf from now on, not a difference: read the product again before it is changed; goods held for orders are not among them',
  }),
  imageUrl: said(z._default(text(0, 500), ''), {
    description: 'any address; that of an own upload is answered by the public one, which does not change',
  }),
})

/** One row of `CATALOGUE_FILE`. */
export const catalogueRow = z.strictObject({ productId: id, ...productInput.shape })
export type CatalogueRow = z.infer<typeof catalogueRow>

export const delivery = named(
  'Delivery',
  z.strictObject({
    name: text(1, LIMITS.deliveryName),
    phone: z.string().check(z.regex(/^[+0-9][0-9 -]{4,19}$/, 'must be a phone number of 5 to 20 digits')),
    address: text(1, LIMITS.deliveryAddress),
  }),
)
export type Delivery = z.infer<typeof delivery>

export const orderItem = named(
  'OrderItem',
  z.strictObject({
    productId: id,
    title: z.string(),
    unitPriceFen: fen,
    quantity: z.int().check(z.gte(1)),
    amountFen: fen,
  }),
)
export type OrderItem = z.infer<typeof orderItem>

export const transfer = named(
  'Transfer',
  z.strictObject({
    status: z.enum(TRANSFER_STATUSES),
    outRefundNo: z.string(),
    wxRefundId: z.nullable(z.string()),
    attempts: z.int(),
    nextAttemptAt: z.nullable(instant),
    reasonCode: z.nullable(z.string()),
  }),
)
export type Transfer = z.infer<typeof transfer>

export const refund = named(
  'Refund',
  z.strictObject({
    refundId: id,
    orderId: z.nullable(z.string()),
    kind: z.enum(['refundOnly', 'returnAndRefund']),
    origin: z.enum(['shopper', 'staff', 'system']),
    status: z.enum(REFUND_STATUSES),
    amountFen: fen,
    items: z.array(z.strictObject({ productId: id, quantity: z.int().check(z.gte(1)) })),
    reason: z.string(),
    description: z.string(),
    evidence: said(z.array(z.string()), {
      description: 'addresses signed for whoever is answered; good for at least five minutes',
    }),
    requestedAt: instant,
    decidedAt: z.nullable(instant),
    decidedBy: z.nullable(z.string()),
    rejectReason: z.nullable(z.string()),
    approvals: z.array(z.strictObject({ by: z.string(), at: instant })),
    transfer: z.nullable(transfer),
    transfers: z.array(transfer),
    timeline: z.array(
      z.strictObject({
        at: instant,
        event: z.string(),
        actor: z.string(),
        note: said(z.nullable(z.string()), {
          description:
            'to its shopper only what is meant for them: the reason of a rejection or of giving up, the parcel sent back, the proof of an off-line return',
        }),
      }),
    ),
  }),
)
export type Refund = z.infer<typeof refund>

export const order = named(
  'Order',
  z.strictObject({
    orderId: id,
    status: z.enum(ORDER_STATUSES),
    closing: said(z.boolean(), {
      description: 'the close has begun and WeChat Pay has not confirmed it yet',
    }),
    items: z.array(orderItem),
    amountFen: fen,
    paidFen: fen,
    refundedFen: fen,
    refundableFen: fen,
    delivery: z.nullable(delivery),
    remark: z.string(),
    createdAt: instant,
    expiresAt: instant,
    paidAt: z.nullable(instant),
    shippedAt: z.nullable(instant),
    completedAt: z.nullable(instant),
    closedAt: z.nullable(instant),
    transactionId: z.nullable(z.string()),
    attention: z.array(z.enum(ATTENTION_KINDS)),
    refunds: z.array(refund),
    shipment: z.nullable(z.strictObject({ carrier: z.string(), trackingNo: z.string() })),
  }),
)
export type Order = z.infer<typeof order>

/** What `wx.requestPayment` takes. */
export const paymentParams = named(
  'PaymentParams',
  z.strictObject({
    timeStamp: z.string(),
    nonceStr: z.string(),
    package: z.string(),
    signType: z.enum(['RSA', 'MD5', 'HMAC-SHA256']),
    paySign: z.string(),
  }),
)
export type PaymentParams = z.infer<typeof paymentParams>

const roles = z.array(z.enum(ROLES)).check(z.maxLength(1))

export const session = named('Session', z.strictObject({ token: z.string(), expiresAt: instant, roles }))
export type Session = z.infer<typeof session>

export const me = named('Me', z.strictObject({ openid: z.string(), roles }))
export type Me = z.infer<typeof me>

export const upload = named(
  'Upload',
  z.strictObject({
    fileId: id,
    url: said(z.string(), {
      format: 'uri',
      description: 'signed for the caller; good for at least five minutes',
    }),
  }),
)
export type Upload = z.infer<typeof upload>

const templateId = z.nullable(z.string())
export const messageTemplates = named(
  'MessageTemplates',
  z.strictObject({ refundResult: templateId, refundRequested: templateId, shipped: templateId }),
)
export type MessageTemplates = z.infer<typeof messageTemplates>

export const returnTerms = named(
  'ReturnTerms',
  z.strictObject({
    address: said(z.nullable(z.string()), {
      description: 'null: the shop has named none; it has to be asked',
    }),
    sendBy: said(z.nullable(instant), {
      description: 'the return is withdrawn after this; null unless the refund is `awaitingReturn`',
    }),
  }),
)
export type ReturnTerms = z.infer<typeof returnTerms>

export const staffMember = named('StaffMember', z.strictObject({ openid: id, role: z.enum(ROLES) }))
export type StaffMember = z.infer<typeof staffMember>

export const attentionItem = named(
  'AttentionItem',
  z.strictObject({
    id: z.string(),
    kind: z.enum(ATTENTION_KINDS),
    orderId: z.optional(z.string()),
    refundId: z.optional(z.string()),
    since: instant,
    summary: z.string(),
    // Of money that reached an order and did not fit: what came, and what the order asks for.
    paidFen: z.optional(fen),
    currency: z.optional(z.string()),
    orderFen: z.optional(fen),
  }),
)
export type AttentionItem = z.infer<typeof attentionItem>

export const ledgerEntry = named(
  'LedgerEntry',
  z.strictObject({
    seq: z.int(),
    at: instant,
    orderId: z.nullable(z.string()),
    refundId: z.nullable(z.string()),
    account: z.enum(LEDGER_ACCOUNTS),
    fen: z.int(),
    cause: z.string(),
    wxId: z.nullable(z.string()),
  }),
)
export type LedgerEntry = z.infer<typeof ledgerEntry>

const page = <T extends z.ZodMiniType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.nullable(z.string()) })
const cursor = z.optional(z.string().check(z.maxLength(200)))
const none = z.strictObject({})

interface CallSchema {
  readonly params: z.ZodMiniType
  readonly query: z.ZodMiniType
  /** Absent where the call takes no body. */
  readonly body?: z.ZodMiniType
  readonly data: z.ZodMiniType
}

const byOrder = z.strictObject({ orderId: id })
const byRefund = z.strictObject({ refundId: id })
const byOpenid = z.strictObject({ openid: id })
const refundItem = z.strictObject({
  productId: id,
  quantity: z.int().check(z.gte(1), z.lte(LIMITS.quantity)),
})
const parcel = z.strictObject({ carrier: text(1, 60), trackingNo: text(1, 60) })
const positiveFen = z.int().check(z.gte(1), z.lte(MAX_ORDER_FEN))

export const refundWithOrder = named('RefundWithOrder', z.strictObject({ refund, order }))
export type RefundWithOrder = z.infer<typeof refundWithOrder>

export const CALLS = {
  signIn: {
    params: none,
    query: none,
    body: z.strictObject({ code: z.string().check(z.minLength(1), z.maxLength(128)) }),
    data: session,
  },
  signOut: { params: none, query: none, data: none },
  getMe: { params: none, query: none, data: me },
  listProducts: { params: none, query: none, data: z.strictObject({ items: z.array(product) }) },
  getProduct: { params: z.strictObject({ productId: id }), query: none, data: product },
  getMessageTemplates: { params: none, query: none, data: messageTemplates },
  placeOrder: {
    params: none,
    query: none,
    body: z.strictObject({
      items: z
        .array(z.strictObject({ productId: id, quantity: z.int().check(z.gte(1), z.lte(LIMITS.quantity)) }))
        .check(z.minLength(1), z.maxLength(LIMITS.orderLines)),
      delivery: z.optional(delivery),
      remark: z.optional(text(0, LIMITS.remark)),
    }),
    data: order,
  },
  listOrders: {
    params: none,
    query: z.strictObject({ cursor, status: z.optional(z.enum(ORDER_STATUSES)) }),
    data: page(order),
  },
  getOrder: { params: byOrder, query: none, data: order },
  startPayment: { params: byOrder, query: none, body: none, data: paymentParams },
  syncPayment: { params: byOrder, query: none, body: none, data: order },
  cancelOrder: { params: byOrder, query: none, body: none, data: order },
  confirmReceipt: { params: byOrder, query: none, body: none, data: order },
  requestRefund: {
    params: byOrder,
    query: none,
    body: z.strictObject({
      kind: z._default(z.enum(['refundOnly', 'returnAndRefund']), 'refundOnly'),
      amountFen: positiveFen,
      items: z.optional(z.array(refundItem).check(z.maxLength(LIMITS.orderLines))),
      reason: text(1, LIMITS.refundReason),
      description: z.optional(text(0, LIMITS.refundDescription)),
      evidence: said(z.optional(z.array(id).check(z.maxLength(LIMITS.evidence))), {
        description: 'file ids of the caller’s uploads',
      }),
    }),
    data: refund,
  },
  listRefunds: { params: none, query: z.strictObject({ cursor }), data: page(refund) },
  getRefund: { params: byRefund, query: none, data: refund },
  withdrawRefund: { params: byRefund, query: none, body: none, data: refund },
  getReturnTerms: { params: byRefund, query: none, data: returnTerms },
  returnGoods: {
    params: byRefund,
    query: none,
    body: parcel,
    data: refund,
  },
  listMerchantRefunds: {
    params: none,
    query: z.strictObject({
      cursor,
      status: z.optional(z.enum(REFUND_STATUSES)),
      q: z.optional(text(1, 64)),
    }),
    data: page(refund),
  },
  getMerchantRefund: { params: byRefund, query: none, data: refundWithOrder },
  approveRefund: {
    params: byRefund,
    query: none,
    body: z.strictObject({ amountFen: positiveFen, note: z.optional(text(0, LIMITS.note)) }),
    data: refund,
  },
  rejectRefund: {
    params: byRefund,
    query: none,
    body: z.strictObject({ reason: text(1, LIMITS.rejectReason) }),
    data: refund,
  },
  receiveReturn: { params: byRefund, query: none, body: none, data: refund },
  resubmitRefund: { params: byRefund, query: none, body: none, data: refund },
  redirectRefund: {
    params: byRefund,
    query: none,
    body: z.discriminatedUnion('to', [
      z.strictObject({
        to: z.literal('userBankCard'),
        bankType: z
          .string()
          .check(z.regex(/^[A-Z0-9_]{1,16}$/, 'must be WeChat Pay’s name of the bank, such as CMB_DEBIT')),
        bankAccount: z.string().check(z.regex(/^[0-9]{8,32}$/, 'must be 8 to 32 digits')),
        realName: text(1, 60),
      }),
      z.strictObject({ to: z.literal('merchantBankCard') }),
    ]),
    data: refund,
  },
  settleRefundOffline: {
    params: byRefund,
    query: none,
    body: z.strictObject({ proof: text(1, LIMITS.proof) }),
    data: refund,
  },
  abandonRefund: {
    params: byRefund,
    query: none,
    body: z.strictObject({ reason: text(1, LIMITS.rejectReason) }),
    data: refund,
  },
  listMerchantOrders: {
    params: none,
    query: z.strictObject({
      cursor,
      status: z.optional(z.enum(ORDER_STATUSES)),
      q: z.optional(text(1, 64)),
    }),
    data: page(order),
  },
  getMerchantOrder: { params: byOrder, query: none, data: order },
  refundOrder: {
    params: byOrder,
    query: none,
    body: z.strictObject({ amountFen: positiveFen, reason: text(1, LIMITS.refundReason) }),
    data: refund,
  },
  shipOrder: { params: byOrder, query: none, body: parcel, data: order },
  resolveAttention: {
    params: z.strictObject({ id }),
    query: none,
    body: z.strictObject({ note: text(1, LIMITS.note), action: z.optional(z.enum(['accept', 'refund'])) }),
    data: attentionItem,
  },
  listAttention: { params: none, query: z.strictObject({ cursor }), data: page(attentionItem) },
  /** Its body is multipart/form-data with the picture in `file`. */
  uploadFile: { params: none, query: none, data: upload },
  /** Its answer is the picture itself. */
  readFile: {
    params: z.strictObject({ fileId: id }),
    // All of them come with the address. Without them the picture is not there.
    query: z.strictObject({
      expires: z.optional(z.string().check(z.maxLength(20))),
      viewer: z.optional(z.string().check(z.maxLength(64))),
      signature: z.optional(z.string().check(z.maxLength(64))),
    }),
    data: said(z.string(), { format: 'binary' }),
  },
  /** Its answer is the picture itself. */
  readPicture: {
    params: z.strictObject({ fileId: id }),
    query: none,
    data: said(z.string(), { format: 'binary' }),
  },
  listMerchantProducts: { params: none, query: none, data: z.strictObject({ items: z.array(product) }) },
  putProduct: {
    params: z.strictObject({ productId: id }),
    query: none,
    // The id may be repeated, so that a product can be sent back as it was read.
    body: z.strictObject({ ...productInput.shape, productId: z.optional(id) }),
    data: product,
  },
  listStaff: { params: none, query: none, data: z.strictObject({ items: z.array(staffMember) }) },
  putStaff: {
    params: byOpenid,
    query: none,
    body: z.strictObject({ role: z.enum(ROLES) }),
    data: staffMember,
  },
  removeStaff: { params: byOpenid, query: none, data: none },
} as const satisfies Record<CallName, CallSchema>

type SchemaOf<N extends CallName, K extends string> = (typeof CALLS)[N] extends Record<K, infer S> ? S : never
/** The body a caller sends (before defaults are filled in). */
export type CallBody<N extends CallName> =
  SchemaOf<N, 'body'> extends z.ZodMiniType ? z.input<SchemaOf<N, 'body'>> : undefined
/** The query a caller sends. */
export type CallQuery<N extends CallName> = z.input<(typeof CALLS)[N]['query']>
/** The path parameters of a call. */
export type CallParams<N extends CallName> = z.input<(typeof CALLS)[N]['params']>
/** What a successful call answers. */
export type CallData<N extends CallName> = z.output<(typeof CALLS)[N]['data']>
