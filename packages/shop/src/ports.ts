/** @module The only doors out of the shop: clock, store, WeChat Pay, the platform, the log. */
import type {
  AttentionItem,
  CatalogueRow,
  Fen,
  LedgerEntry,
  OrderStatus,
  PaymentParams,
  Product,
  RefundStatus,
  Role,
  StaffMember,
} from '@yuanlu/contract'
import type { Attention, Instant, JournalEntry, Order, Resolution } from './order/order.ts'
import type { PaidNews, TradeRequest } from './payment/payment.ts'
import type { TransferRequest } from './refund/refund.ts'
import type { RefundNews } from './refund/steps.ts'

/** Milliseconds since 1970. Rules use this clock, never a database's. */
export type Clock = () => Instant

/** Resolves after so many milliseconds: for a call that waits for its twin, and never in a rule. */
export type Pause = (ms: number) => Promise<unknown>

// ---------------------------------------------------------------- WeChat Pay

/** Why an answer of WeChat Pay is not known; goes to the log, never to a rule. */
export interface Unclear {
  readonly kind: 'unknown'
  readonly reason: string
}

export type PrepayAnswer =
  | { readonly kind: 'ready'; readonly prepayId: string }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'alreadyClosed' }
  | { readonly kind: 'refused'; readonly apiCode: string; readonly message: string }
  /** Nothing left us: sending again is safe and changes nothing. */
  | { readonly kind: 'notSent'; readonly reason: string }
  | Unclear

export type TradeAnswer =
  /** `refunded`: money of it went back already, or is on its way (转入退款), whoever sent it. */
  | { readonly kind: 'paid'; readonly news: PaidNews; readonly refunded: boolean }
  | { readonly kind: 'unpaid' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'missing' }
  | Unclear

export type CloseAnswer =
  | { readonly kind: 'closed' }
  | { readonly kind: 'alreadyPaid' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly apiCode: string; readonly message: string }
  | Unclear

export type RefundAnswer =
  | { readonly kind: 'reported'; readonly news: RefundNews }
  /** `verified` is false where the refusal was not signed: a query has to agree before it is final. */
  | {
      readonly kind: 'refused'
      readonly apiCode: string
      readonly message: string
      readonly verified: boolean
    }
  | { readonly kind: 'notSent'; readonly reason: string }
  | Unclear

export type RefundQueryAnswer =
  | { readonly kind: 'reported'; readonly news: RefundNews }
  /** WeChat Pay does not know this number: nothing was accepted under it. */
  | { readonly kind: 'missing' }
  | Unclear

/** Where the money of an abnormal refund goes instead. */
export type BankCard =
  | { readonly to: 'merchantBankCard' }
  | {
      readonly to: 'userBankCard'
      readonly bankType: string
      readonly bankAccount: string
      readonly realName: string
    }

/** WeChat Pay, in the shop's words. Never called with anything open in the store. */
export interface PaymentGateway {
  /** The protocol of new trades. */
  readonly newTradesApi: 'v2' | 'v3'
  /** Where WeChat Pay reports payments. */
  readonly paymentNotifyUrl: string
  /** Place (or place again, with identical parameters) a trade. */
  prepay(trade: TradeRequest): Promise<PrepayAnswer>
  queryTrade(trade: TradeRequest): Promise<TradeAnswer>
  closeTrade(trade: TradeRequest): Promise<CloseAnswer>
  /** Where WeChat Pay reports refunds. */
  readonly refundNotifyUrl: string
  /** Send (or send again, with identical parameters) a refund. Accepted is not refunded. */
  refund(request: TransferRequest): Promise<RefundAnswer>
  queryRefund(
    request: Pick<TransferRequest, 'api' | 'outRefundNo' | 'transactionId'>,
  ): Promise<RefundQueryAnswer>
  /** Send an abnormal refund (异常退款) to a bank card. APIv3 only. */
  redirectRefund(request: TransferRequest, wxRefundId: string, card: BankCard): Promise<RefundAnswer>
  /** What `wx.requestPayment` takes, signed afresh. */
  paymentParams(trade: TradeRequest, prepayId: string): PaymentParams
}

// ---------------------------------------------------------------- store

/** One order is one unit of consistency; across orders there are only steps that can be repeated. */
export interface OrderStore {
  /** False when an order of this id is there already. */
  insert(order: Order): Promise<boolean>
  get(id: string): Promise<Order | null>
  /**
   * Compare and swap: writes `next` (whose version is `expectedVersion + 1`) only while the stored version is
   * `expectedVersion`. New journal entries and attention of `next` are stored in the same write.
   */
  replace(next: Order, expectedVersion: number): Promise<boolean>
  /** Orders whose `nextActionAt` has come, leased so that no other caller gets them meanwhile. */
  claimDue(input: { now: Instant; limit: number; leaseMs: number }): Promise<Order[]>
  /** A buyer's visible orders, newest first. `after` is the position of the last one already seen. */
  listByBuyer(input: {
    buyerOpenid: string
    status?: OrderStatus
    after?: OrderPosition
    limit: number
  }): Promise<Order[]>
  /** Everybody's visible orders, newest first. `q` is an order or transaction number, whole. */
  list(input: { status?: OrderStatus; q?: string; after?: OrderPosition; limit: number }): Promise<Order[]>
}

/** Refunds found through their orders. */
export interface RefundRow {
  readonly order: Order
  readonly refundId: string
}

export interface RefundPosition {
  readonly requestedAt: Instant
  readonly id: string
}

export interface RefundIndex {
  /** A buyer's refunds, newest first. Those of the system for money in suspense are among them. */
  listByBuyer(input: { buyerOpenid: string; after?: RefundPosition; limit: number }): Promise<RefundRow[]>
  /** Everybody's. `q` is an order, refund or transaction number, whole. */
  list(input: {
    status?: RefundStatus
    q?: string
    oldestFirst: boolean
    after?: RefundPosition
    limit: number
  }): Promise<RefundRow[]>
}

export interface OrderPosition {
  readonly createdAt: Instant
  readonly id: string
}

export type ReserveAnswer =
  | { readonly kind: 'held' }
  | { readonly kind: 'short'; readonly stock: number }
  /** This order's hold was given back already: it can't be taken again under the same number. */
  | { readonly kind: 'released' }

export interface ProductStore {
  list(): Promise<Product[]>
  get(productId: string): Promise<Product | null>
  /** Puts rows in place that are not there; overwrites nothing. Answers how many were new. */
  insertMissing(rows: readonly CatalogueRow[]): Promise<number>
  /**
   * Creates or changes a product. `stock` is what is on the shelf from now on: goods held for orders are not
   * among them, and come back to it when their hold ends.
   */
  put(row: CatalogueRow): Promise<void>
  /** Takes goods off the shelf for an order, once per product and order. */
  reserve(input: { productId: string; orderId: string; quantity: number }): Promise<ReserveAnswer>
  /** Puts goods of a done refund on the shelf, once per product and refund. */
  restock(input: { productId: string; refundId: string; quantity: number }): Promise<void>
  /** Puts them back, once; remembers it even when nothing was held, so that a late reserve finds out. */
  release(input: { productId: string; orderId: string }): Promise<void>
}

export interface StaffStore {
  /** Read at the moment of a decision, never from a token. */
  roleOf(openid: string): Promise<Role | null>
  /** Makes these people owners where they have no role yet. */
  ensureOwners(openids: readonly string[]): Promise<void>
  /** Everybody who has a role, by openid. */
  list(): Promise<StaffMember[]>
  /**
   * Gives a role, or takes it away (null). An owner always remains: what would leave none changes nothing and answers
   * `lastOwner`, even when the last two remove each other at once.
   */
  setRole(input: { openid: string; role: Role | null }): Promise<'done' | 'lastOwner'>
}

/** The pictures that are kept, as their first bytes say. */
export type PictureType = 'image/jpeg' | 'image/png' | 'image/webp'

export interface StoredFile {
  readonly id: string
  readonly ownerOpenid: string
  readonly type: PictureType
  readonly bytes: Uint8Array
}

/** Uploaded pictures. One that no refund shows is cleared away after a while. */
export interface FileStore {
  /** False, and nothing kept, when its owner already has `maxLoose` files that no refund is known to show. */
  put(input: { file: StoredFile; at: Instant; maxLoose: number }): Promise<boolean>
  get(id: string): Promise<StoredFile | null>
  /** True when all of these are this owner's; their time to be cleared away starts anew. */
  touch(input: { ids: readonly string[]; ownerOpenid: string; at: Instant }): Promise<boolean>
  /** Clears away files untouched since `before` that no refund shows, looking at `limit` of them. Answers how many. */
  clearLoose(input: { before: Instant; limit: number }): Promise<number>
}

export interface SessionRecord {
  readonly id: string
  readonly openid: string
  readonly expiresAt: Instant
}

export interface SessionStore {
  insert(session: SessionRecord): Promise<void>
  /** Null when it was ended or never was. */
  find(id: string): Promise<SessionRecord | null>
  end(id: string): Promise<void>
}

/** A refund that WeChat Pay told us about without a signature, or that we did not start: a reason to ask. */
export interface RefundHint {
  readonly outRefundNo: string
  readonly outTradeNo: string
  readonly transactionId: string
}

/** News as it was received, kept before anything is done about it. */
export interface InboxNews {
  readonly id: string
  readonly receivedAt: Instant
  readonly news:
    | { readonly kind: 'payment'; readonly paid: PaidNews }
    | { readonly kind: 'refundHint'; readonly hint: RefundHint }
}

export interface InboxStore {
  /** Idempotent by id. */
  put(news: InboxNews): Promise<void>
  markApplied(id: string, at: Instant): Promise<void>
  /** News received before `before` that was never applied, oldest first. */
  listUnapplied(input: { before: Instant; limit: number }): Promise<InboxNews[]>
}

/** Money for a trade we do not know: its journal entry and its attention have no order to live in. */
export interface Stray {
  readonly transactionId: string
  readonly news: PaidNews
  readonly attention: Attention
  readonly journal: JournalEntry
}

/** Money of a stray that somebody sent back in the merchant platform, with its journal entry. */
export interface StrayRefund {
  readonly transactionId: string
  readonly outRefundNo: string
  readonly refundFen: Fen
  readonly journal: JournalEntry
}

export interface StrayStore {
  /** False when this transaction is there already. */
  insert(stray: Stray): Promise<boolean>
  /** What came and what of it went back; null when this transaction is not there. */
  find(transactionId: string): Promise<{ readonly paidFen: Fen; readonly refundedFen: Fen } | null>
  /** Keeps and journals it, once. False when this refund is there already, or its stray is not. */
  addRefund(refund: StrayRefund): Promise<boolean>
}

export interface JournalStore {
  /** Numbers entries that have no number yet; safe from many places at once. Answers how many. */
  publish(input: { limit: number }): Promise<number>
  /** Numbered entries above `after`, in order. */
  read(input: { after: number; limit: number }): Promise<LedgerEntry[]>
}

export interface AttentionStore {
  /** An item as it is stored, open or not, with its order (an unknown trade has none); null when it is not there. */
  find(id: string): Promise<FoundAttention | null>
  /** Closes attention that belongs to no order, once: the first who does is kept with what they wrote. */
  resolveStray(input: { id: string; at: Instant; by: string; note: string }): Promise<void>
  /** What is open, newest first. `after` is the position of the last one already seen. */
  listOpen(input: { after?: AttentionPosition; limit: number }): Promise<AttentionItem[]>
}

export interface FoundAttention {
  readonly orderId: string | null
  readonly resolvedAt: Instant | null
  /** Of what belongs to no order; null while it is open, and in what was resolved before this was kept. */
  readonly resolution: Resolution | null
  readonly item: AttentionItem
}

export interface AttentionPosition {
  readonly since: Instant
  readonly id: string
}

export interface Store {
  readonly orders: OrderStore
  readonly refunds: RefundIndex
  readonly products: ProductStore
  readonly staff: StaffStore
  readonly sessions: SessionStore
  readonly files: FileStore
  readonly inbox: InboxStore
  readonly strays: StrayStore
  readonly journal: JournalStore
  readonly attention: AttentionStore
  /** Throws when the store cannot be reached. */
  ping(): Promise<void>
  close(): Promise<void>
}

// ---------------------------------------------------------------- platform and log

export type LoginAnswer =
  | { readonly kind: 'known'; readonly openid: string }
  | { readonly kind: 'badCode' }
  | { readonly kind: 'unavailable'; readonly reason: string }

interface MessageBase {
  readonly toOpenid: string
  readonly orderId: string
  /** When the thing happened that is told. */
  readonly at: Instant
}

interface RefundMessage extends MessageBase {
  readonly refundId: string
  readonly amountFen: Fen
}

/** A subscribe message (订阅消息), in the shop's words. */
export type Message =
  | (RefundMessage & { readonly kind: 'refundRequested'; readonly reason: string })
  | (RefundMessage & {
      readonly kind: 'refundAwaitsGoods' | 'refunded' | 'refundedOtherwise' | 'refundAbnormal'
    })
  | (RefundMessage & { readonly kind: 'refundRejected'; readonly reason: string })
  | (MessageBase & {
      readonly kind: 'shipped'
      readonly goods: string
      readonly carrier: string
      readonly trackingNo: string
    })

/** What WeChat has to know about goods on their way (发货信息录入). */
export interface ShippingInfo {
  readonly transactionId: string
  readonly payerOpenid: string
  readonly goods: string
  readonly carrier: string
  readonly trackingNo: string
  readonly receiverPhone: string | null
  readonly shippedAt: Instant
}

export type DeliveryAnswer =
  | { readonly kind: 'delivered' }
  /** Nothing was delivered, and that is all right: nobody asked for it, or it is not set up. */
  | { readonly kind: 'notWanted'; readonly code: string }
  /** Final. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The same again after a pause. */
  | { readonly kind: 'notYet'; readonly code: string }
  /** The platform does not answer: others need not be tried either just now. */
  | { readonly kind: 'unavailable'; readonly reason: string }

/** The mini-program platform (微信小程序服务端). */
export interface Platform {
  sendMessage(message: Message): Promise<DeliveryAnswer>
  /** Repeating the same is success. */
  uploadShipping(info: ShippingInfo): Promise<DeliveryAnswer>
  /** code2session (小程序登录). The session key stays inside. */
  login(code: string): Promise<LoginAnswer>
}

/** Events, not prose: never keys, whole openids or bodies. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}

export interface ShopDeps {
  readonly clock: Clock
  readonly pause: Pause
  readonly store: Store
  readonly gateway: PaymentGateway
  readonly platform: Platform
  readonly log: Log
  readonly settings: {
    readonly orderTtlMs: number
    /** An undecided request is approved after this; null: never. */
    readonly autoApproveMs: number | null
    /** From this sum of an order's refunds on, two must approve; null: never. */
    readonly secondApprovalFen: number | null
    /** How long a shopper has for sending goods back. */
    readonly returnMs: number
  }
}
