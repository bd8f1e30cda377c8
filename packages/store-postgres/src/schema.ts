/** @module The tables as Kysely sees them; migrations.ts makes them. */
import type {
  Attention,
  InboxNews,
  JournalEntry,
  Order,
  PaidNews,
  Refund,
  Role,
  StoredFile,
} from '@yuanlu/shop'
import type { ColumnType, Generated } from 'kysely'

/** Written as text, read back parsed. */
type Document<T> = ColumnType<T, string, string>

/** Instants are milliseconds of the process's clock in `bigint` columns, money is fen in `bigint` columns. */
export interface Tables {
  orders: {
    id: string
    version: number
    state: string
    buyer_openid: string
    created_at: number
    next_action_at: number | null
    leased_until: number | null
    write_id: string
    document: Document<Order>
  }
  products: {
    product_id: string
    position: number
    title: string
    description: string
    price_fen: number
    stock: number
    image_url: string
  }
  holds: {
    product_id: string
    order_id: string
    quantity: number
    state: 'held' | 'released'
  }
  staff: { openid: string; role: Role }
  sessions: { id: string; openid: string; expires_at: number }
  files: {
    id: string
    owner_openid: string
    type: StoredFile['type']
    bytes: Buffer
    touched_at: number
    shown: Generated<boolean>
  }
  inbox: { id: string; received_at: number; applied_at: number | null; news: Document<InboxNews['news']> }
  strays: { transaction_id: string; news: Document<PaidNews> }
  stray_refunds: { out_refund_no: string; transaction_id: string; refund_fen: number }
  refunds: {
    id: string
    order_id: string
    buyer_openid: string
    state: Refund['state']
    requested_at: number
    numbers: string[]
    evidence: Generated<string[]>
  }
  attention: {
    id: string
    kind: Attention['kind']
    order_id: string | null
    refund_id: string | null
    note: string | null
    resolved_by: string | null
    since: number
    summary: string
    resolved_at: number | null
  }
  journal_entry: {
    cause: string
    at: number
    order_id: string | null
    refund_id: string | null
    wx_id: string | null
    published: Generated<boolean>
  }
  journal_line: {
    cause: string
    line: number
    account: JournalEntry['lines'][number]['account']
    fen: number
    seq: number | null
  }
  journal_head: { id: number; last_seq: number }
}
