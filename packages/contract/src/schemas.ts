/** @module Every call's input and answer as schemas. The server parses with them; pages import their types alone. */
import * as z from 'zod'
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

/** Text that can stand in a database column, a log line and an XML document. */
const CLEAN_TEXT = /^(?:[\t\n\r]|[^\p{Cc}\ufffe\uffff])*$/u
const ONE_LINE = /^[^\t\n\r]*$/
const text = (min: number, max: number) =>
  z
    .string()
    .refine((s) => s.isWellFormed() && CLEAN_TEXT.test(s), 'contains control characters or broken surrogates')
    // Counted in characters after trimming, below; said here for the OpenAPI document.
    .meta({ minLength: min, maxLength: max })
    .transform((s) => s.trim())
    .refine((s) => [...s].length >= min, `needs at least ${min} character(s)`)
    .refine((s) => [...s].length <= max, `may have at most ${max} characters`)

const id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -')
const fen = z.int().min(0)
const instant = z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC' })

export const idempotencyKey = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -')

export const product = z
  .strictObject({
    productId: id,
    title: z.string(),
    description: z.string(),
    priceFen: fen,
    stock: z.int().min(0),
    imageUrl: z.string(),
  })
  .meta({ id: 'Product' })
export type Product = z.infer<typeof product>

/** What an owner states about a product. */
const productInput = z.strictObject({
  title: text(1, 60).refine((s) => ONE_LINE.test(s), 'must be one line'),
  description: text(0, 500).default(''),
  priceFen: z.int().min(1).max(MAX_ORDER_FEN),
  stock: z.int().min(0).max(1_000_000_000),
  imageUrl: z.string().max(500).default('').meta({
    description: 'any address; that of an own upload is answered by the public one, which does not change',
  }),
})

/** One row of `CATALOGUE_FILE`. */
export const catalogueRow = z.strictObject({ productId: id, ...productInput.shape })
export type CatalogueRow = z.infer<typeof catalogueRow>

export const delivery = z
  .strictObject({
    name: text(1, LIMITS.deliveryName),
    phone: z.string().regex(/^[+0-9][0-9 -]{4,19}$/, 'must be a phone number of 5 to 20 digits'),
    address: text(1, LIMITS.deliveryAddress),
  })
  .meta({ id: 'Delivery' })
export type Delivery = z.infer<typeof delivery>

export const orderItem = z
  .strictObject({
    productId: id,
    title: z.string(),
    unitPriceFen: fen,
    quantity: z.int().min(1),
    amountFen: fen,
  })
  .meta({ id: 'OrderItem' })
export type OrderItem = z.infer<typeof orderItem>

export const transfer = z
  .strictObject({
    status: z.enum(TRANSFER_STATUSES),
    outRefundNo: z.string(),
    wxRefundId: z.string().nullable(),
    attempts: z.int(),
    nextAttemptAt: instant.nullable(),
    reasonCode: z.string().nullable(),
  })
  .meta({ id: 'Transfer' })
export type Transfer = z.infer<typeof transfer>

export const refund = z
  .strictObject({
    refundId: id,
    orderId: z.string().nullable(),
    kind: z.enum(['refundOnly', 'returnAndRefund']),
    origin: z.enum(['shopper', 'staff', 'system']),
    status: z.enum(REFUND_STATUSES),
    amountFen: fen,
    items: z.array(z.strictObject({ productId: id, quantity: z.int().min(1) })),
    reason: z.string(),
    description: z.string(),
    evidence: z
      .array(z.string())
      .meta({ description: 'addresses signed for whoever is answered; good for at least five minutes' }),
    requestedAt: instant,
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    rejectReason: z.string().nullable(),
    approvals: z.array(z.strictObject({ by: z.string(), at: instant })),
    transfer: transfer.nullable(),
    transfers: z.array(transfer),
    timeline: z.array(
      z.strictObject({
        at: instant,
        event: z.string(),
        actor: z.string(),
        note: z.string().nullable().meta({
          description:
            'to its shopper only what is meant for them: the reason of a rejection or of giving up, the parcel sent back, the proof of an off-line return',
        }),
      }),
    ),
  })
  .meta({ id: 'Refund' })
export type Refund = z.infer<typeof refund>

export const order = z
  .strictObject({
    orderId: id,
    status: z.enum(ORDER_STATUSES),
    closing: z.boolean().meta({ description: 'the close has begun and WeChat Pay has not confirmed it yet' }),
    items: z.array(orderItem),
    amountFen: fen,
    paidFen: fen,
    refundedFen: fen,
    refundableFen: fen,
    delivery: delivery.nullable(),
    remark: z.string(),
    createdAt: instant,
    expiresAt: instant,
    paidAt: instant.nullable(),
    shippedAt: instant.nullable(),
    completedAt: instant.nullable(),
    closedAt: instant.nullable(),
    transactionId: z.string().nullable(),
    attention: z.array(z.enum(ATTENTION_KINDS)),
    refunds: z.array(refund),
    shipment: z.strictObject({ carrier: z.string(), trackingNo: z.string() }).nullable(),
  })
  .meta({ id: 'Order' })
export type Order = z.infer<typeof order>

/** What `wx.requestPayment` takes. */
export const paymentParams = z
  .strictObject({
    timeStamp: z.string(),
    nonceStr: z.string(),
    package: z.string(),
    signType: z.enum(['RSA', 'MD5', 'HMAC-SHA256']),
    paySign: z.string(),
  })
  .meta({ id: 'PaymentParams' })
export type PaymentParams = z.infer<typeof paymentParams>

const roles = z.array(z.enum(ROLES)).max(1)

export const session = z
  .strictObject({ token: z.string(), expiresAt: instant, roles })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof session>

export const me = z.strictObject({ openid: z.string(), roles }).meta({ id: 'Me' })
export type Me = z.infer<typeof me>

export const upload = z
  .strictObject({
    fileId: id,
    url: z
      .string()
      .meta({ format: 'uri', description: 'signed for the caller; good for at least five minutes' }),
  })
  .meta({ id: 'Upload' })
export type Upload = z.infer<typeof upload>

const templateId = z.string().nullable()
export const messageTemplates = z
  .strictObject({ refundResult: templateId, refundRequested: templateId, shipped: templateId })
  .meta({ id: 'MessageTemplates' })
export type MessageTemplates = z.infer<typeof messageTemplates>

export const returnTerms = z
  .strictObject({
    address: z.string().nullable().meta({ description: 'null: the shop has named none; it has to be asked' }),
    sendBy: instant.nullable().meta({
      description: 'the return is withdrawn after this; null unless the refund is `awaitingReturn`',
    }),
  })
  .meta({ id: 'ReturnTerms' })
export type ReturnTerms = z.infer<typeof returnTerms>

export const staffMember = z.strictObject({ openid: id, role: z.enum(ROLES) }).meta({ id: 'StaffMember' })
export type StaffMember = z.infer<typeof staffMember>

export const attentionItem = z
  .strictObject({
    id: z.string(),
    kind: z.enum(ATTENTION_KINDS),
    orderId: z.string().optional(),
    refundId: z.string().optional(),
    since: instant,
    summary: z.string(),
  })
  .meta({ id: 'AttentionItem' })
export type AttentionItem = z.infer<typeof attentionItem>

export const ledgerEntry = z
  .strictObject({
    seq: z.int(),
    at: instant,
    orderId: z.string().nullable(),
    refundId: z.string().nullable(),
    account: z.enum(LEDGER_ACCOUNTS),
    fen: z.int(),
    cause: z.string(),
    wxId: z.string().nullable(),
  })
  .meta({ id: 'LedgerEntry' })
export type LedgerEntry = z.infer<typeof ledgerEntry>

const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() })
const cursor = z.string().max(200).optional()
const none = z.strictObject({})

interface CallSchema {
  readonly params: z.ZodType
  readonly query: z.ZodType
  /** Absent where the call takes no body. */
  readonly body?: z.ZodType
  readonly data: z.ZodType
}

const byOrder = z.strictObject({ orderId: id })
const byRefund = z.strictObject({ refundId: id })
const byOpenid = z.strictObject({ openid: id })
const refundItem = z.strictObject({ productId: id, quantity: z.int().min(1).max(LIMITS.quantity) })
const parcel = z.strictObject({ carrier: text(1, 60), trackingNo: text(1, 60) })
const positiveFen = z.int().min(1).max(MAX_ORDER_FEN)

export const refundWithOrder = z.strictObject({ refund, order }).meta({ id: 'RefundWithOrder' })
export type RefundWithOrder = z.infer<typeof refundWithOrder>

export const CALLS = {
  signIn: {
    params: none,
    query: none,
    body: z.strictObject({ code: z.string().min(1).max(128) }),
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
        .array(z.strictObject({ productId: id, quantity: z.int().min(1).max(LIMITS.quantity) }))
        .min(1)
        .max(LIMITS.orderLines),
      delivery: delivery.optional(),
      remark: text(0, LIMITS.remark).optional(),
    }),
    data: order,
  },
  listOrders: {
    params: none,
    query: z.strictObject({ cursor, status: z.enum(ORDER_STATUSES).optional() }),
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
      kind: z.enum(['refundOnly', 'returnAndRefund']).default('refundOnly'),
      amountFen: positiveFen,
      items: z.array(refundItem).max(LIMITS.orderLines).optional(),
      reason: text(1, LIMITS.refundReason),
      description: text(0, LIMITS.refundDescription).optional(),
      evidence: z
        .array(id)
        .max(LIMITS.evidence)
        .optional()
        .meta({ description: 'file ids of the caller’s uploads' }),
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
      status: z.enum(REFUND_STATUSES).optional(),
      q: z.string().min(1).max(64).optional(),
    }),
    data: page(refund),
  },
  getMerchantRefund: { params: byRefund, query: none, data: refundWithOrder },
  approveRefund: {
    params: byRefund,
    query: none,
    body: z.strictObject({ amountFen: positiveFen, note: text(0, LIMITS.note).optional() }),
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
          .regex(/^[A-Z0-9_]{1,16}$/, 'must be WeChat Pay’s name of the bank, such as CMB_DEBIT'),
        bankAccount: z.string().regex(/^[0-9]{8,32}$/, 'must be 8 to 32 digits'),
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
      status: z.enum(ORDER_STATUSES).optional(),
      q: z.string().min(1).max(64).optional(),
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
    body: z.strictObject({ note: text(1, LIMITS.note), action: z.enum(['accept', 'refund']).optional() }),
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
      expires: z.string().max(20).optional(),
      viewer: z.string().max(64).optional(),
      signature: z.string().max(64).optional(),
    }),
    data: z.string().meta({ format: 'binary' }),
  },
  /** Its answer is the picture itself. */
  readPicture: {
    params: z.strictObject({ fileId: id }),
    query: none,
    data: z.string().meta({ format: 'binary' }),
  },
  listMerchantProducts: { params: none, query: none, data: z.strictObject({ items: z.array(product) }) },
  putProduct: {
    params: z.strictObject({ productId: id }),
    query: none,
    // The id may be repeated, so that a product can be sent back as it was read.
    body: z.strictObject({ ...productInput.shape, productId: id.optional() }),
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
  SchemaOf<N, 'body'> extends z.ZodType ? z.input<SchemaOf<N, 'body'>> : undefined
/** The query a caller sends. */
export type CallQuery<N extends CallName> = z.input<(typeof CALLS)[N]['query']>
/** The path parameters of a call. */
export type CallParams<N extends CallName> = z.input<(typeof CALLS)[N]['params']>
/** What a successful call answers. */
export type CallData<N extends CallName> = z.output<(typeof CALLS)[N]['data']>
