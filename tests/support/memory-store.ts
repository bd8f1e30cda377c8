/** @module The store port in memory: the model that pure tests run on. It passes the same suite as real stores. */
import type {
  Attention,
  AttentionItem,
  InboxNews,
  JournalEntry,
  LedgerEntry,
  Order,
  Product,
  Refund,
  RefundPosition,
  RefundRow,
  Role,
  SessionRecord,
  Store,
  StoredFile,
  Stray,
  StrayRefund,
} from '@yuanlu/shop'
import { isVisible } from '@yuanlu/shop'

interface Hold {
  state: 'held' | 'released'
  quantity: number
}

/** Everything a test may look at or break. */
export interface MemoryStore extends Store {
  readonly rows: {
    readonly orders: Map<string, Order>
    readonly products: Map<string, Product>
    readonly holds: Map<string, Hold>
    readonly strays: Map<string, Stray>
    readonly ledger: LedgerEntry[]
  }
  /** Thrown by the next write, once: a crash between two steps. */
  failNextWrite: Error | null
}

const itemOf = (a: Attention, orderId: string | undefined): AttentionItem => ({
  id: a.id,
  kind: a.kind,
  ...(orderId === undefined ? {} : { orderId }),
  ...(a.refundId === undefined ? {} : { refundId: a.refundId }),
  since: new Date(a.since).toISOString(),
  summary: a.summary,
})
const copy = <T>(value: T): T => structuredClone(value)
const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const createMemoryStore = (products: readonly Product[] = []): MemoryStore => {
  const orders = new Map<string, Order>()
  const leases = new Map<string, number>()
  const shelf = new Map(products.map((p) => [p.productId, copy(p)]))
  const holds = new Map<string, Hold>()
  const staff = new Map<string, Role>()
  const sessions = new Map<string, SessionRecord>()
  const files = new Map<string, { file: StoredFile; touchedAt: number; shown: boolean }>()
  const inbox = new Map<string, { row: InboxNews; appliedAt: number | null }>()
  const strays = new Map<string, Stray>()
  const strayRefunds = new Map<string, StrayRefund>()
  const pending: { entry: JournalEntry; orderId: string | null }[] = []
  const causes = new Set<string>()
  const ledger: LedgerEntry[] = []

  const journal = (entries: readonly JournalEntry[], orderId: string | null): void => {
    for (const entry of entries) {
      if (causes.has(entry.cause)) continue
      causes.add(entry.cause)
      pending.push({ entry, orderId })
    }
  }
  const numbersOf = (order: Order, refund: Refund): string[] => [
    order.id,
    refund.id,
    refund.source.transactionId,
    ...refund.transfers.flatMap((t) => [t.request.outRefundNo, t.wxRefundId ?? '']),
  ]
  const refundRows = (
    ofOrder: (order: Order) => boolean,
    page: { oldestFirst: boolean; after: RefundPosition | undefined },
    ofRefund: (order: Order, refund: Refund) => boolean = () => true,
  ): RefundRow[] => {
    const sign = page.oldestFirst ? 1 : -1
    const compare = (a: RefundPosition, b: RefundPosition) =>
      sign * (a.requestedAt - b.requestedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
    return [...orders.values()]
      .filter(ofOrder)
      .flatMap((order) =>
        order.refunds.filter((r) => ofRefund(order, r)).map((refund) => ({ order, refund })),
      )
      .filter(({ refund }) => page.after === undefined || compare(refund, page.after) > 0)
      .sort((a, b) => compare(a.refund, b.refund))
      .map(({ order, refund }) => ({ order: copy(order), refundId: refund.id }))
  }
  const write = async (): Promise<void> => {
    await later()
    const failure = store.failNextWrite
    store.failNextWrite = null
    if (failure !== null) throw failure
  }

  const store: MemoryStore = {
    rows: { orders, products: shelf, holds, strays, ledger },
    failNextWrite: null,
    orders: {
      insert: async (order) => {
        await write()
        if (orders.has(order.id)) return false
        orders.set(order.id, copy(order))
        journal(order.journal, order.id)
        return true
      },
      get: async (id) => {
        await later()
        const order = orders.get(id)
        return order === undefined ? null : copy(order)
      },
      replace: async (next, expectedVersion) => {
        await write()
        if (orders.get(next.id)?.version !== expectedVersion) return false
        orders.set(next.id, copy(next))
        leases.delete(next.id)
        journal(next.journal, next.id)
        return true
      },
      claimDue: async ({ now, limit, leaseMs }) => {
        await later()
        const due = [...orders.values()]
          .filter((o) => o.nextActionAt !== null && o.nextActionAt <= now && (leases.get(o.id) ?? 0) <= now)
          .sort((a, b) => (a.nextActionAt ?? 0) - (b.nextActionAt ?? 0))
          .slice(0, limit)
        for (const order of due) leases.set(order.id, now + leaseMs)
        return due.map(copy)
      },
      list: async ({ status, q, after, limit }) =>
        [...orders.values()]
          .filter((o) => isVisible(o) && (status === undefined || o.state === status))
          .filter((o) => q === undefined || o.id === q || o.payment?.transactionId === q)
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
          .filter(
            (o) =>
              after === undefined ||
              o.createdAt < after.createdAt ||
              (o.createdAt === after.createdAt && o.id < after.id),
          )
          .slice(0, limit)
          .map(copy),
      listByBuyer: async ({ buyerOpenid, status, after, limit }) => {
        await later()
        return [...orders.values()]
          .filter((o) => o.buyerOpenid === buyerOpenid && isVisible(o))
          .filter((o) => status === undefined || o.state === status)
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
          .filter(
            (o) =>
              after === undefined ||
              o.createdAt < after.createdAt ||
              (o.createdAt === after.createdAt && o.id < after.id),
          )
          .slice(0, limit)
          .map(copy)
      },
    },
    refunds: {
      listByBuyer: async ({ buyerOpenid, after, limit }) =>
        refundRows((o) => o.buyerOpenid === buyerOpenid, { oldestFirst: false, after }).slice(0, limit),
      list: async ({ status, q, oldestFirst, after, limit }) =>
        refundRows(
          () => true,
          { oldestFirst, after },
          (order, refund) =>
            (status === undefined || refund.state === status) &&
            (q === undefined || numbersOf(order, refund).includes(q)),
        ).slice(0, limit),
    },
    products: {
      list: async () => [...shelf.values()].map(copy),
      get: async (productId) => {
        const product = shelf.get(productId)
        return product === undefined ? null : copy(product)
      },
      insertMissing: async (rows) => {
        await write()
        const missing = rows.filter((row) => !shelf.has(row.productId))
        for (const row of missing) shelf.set(row.productId, copy(row))
        return missing.length
      },
      put: async (row) => {
        await write()
        shelf.set(row.productId, copy(row))
      },
      reserve: async ({ productId, orderId, quantity }) => {
        await write()
        const product = shelf.get(productId)
        const hold = holds.get(`${productId} ${orderId}`)
        if (hold !== undefined) return { kind: hold.state }
        if (product === undefined || product.stock < quantity)
          return { kind: 'short', stock: product?.stock ?? 0 }
        shelf.set(productId, { ...product, stock: product.stock - quantity })
        holds.set(`${productId} ${orderId}`, { state: 'held', quantity })
        return { kind: 'held' }
      },
      restock: async ({ productId, refundId, quantity }) => {
        await write()
        const product = shelf.get(productId)
        if (holds.has(`${productId} ${refundId}`) || product === undefined) return
        holds.set(`${productId} ${refundId}`, { state: 'released', quantity })
        shelf.set(productId, { ...product, stock: product.stock + quantity })
      },
      release: async ({ productId, orderId }) => {
        await write()
        const hold = holds.get(`${productId} ${orderId}`)
        const product = shelf.get(productId)
        holds.set(`${productId} ${orderId}`, { state: 'released', quantity: hold?.quantity ?? 0 })
        if (hold?.state === 'held' && product !== undefined)
          shelf.set(productId, { ...product, stock: product.stock + hold.quantity })
      },
    },
    staff: {
      roleOf: async (openid) => staff.get(openid) ?? null,
      ensureOwners: async (openids) => {
        for (const openid of openids) if (!staff.has(openid)) staff.set(openid, 'owner')
      },
      list: async () =>
        [...staff].map(([openid, role]) => ({ openid, role })).sort((a, b) => (a.openid < b.openid ? -1 : 1)),
      setRole: async ({ openid, role }) => {
        await write()
        const others = [...staff].filter(([other, held]) => held === 'owner' && other !== openid)
        if (staff.get(openid) === 'owner' && role !== 'owner' && others.length === 0) return 'lastOwner'
        if (role === null) staff.delete(openid)
        else staff.set(openid, role)
        return 'done'
      },
    },
    files: {
      put: async ({ file, at, maxLoose }) => {
        await write()
        const loose = [...files.values()].filter((f) => f.file.ownerOpenid === file.ownerOpenid && !f.shown)
        if (loose.length >= maxLoose) return false
        files.set(file.id, { file: copy(file), touchedAt: at, shown: false })
        return true
      },
      get: async (id) => {
        await later()
        const row = files.get(id)
        return row === undefined ? null : copy(row.file)
      },
      touch: async ({ ids, ownerOpenid, at }) => {
        if (ids.length === 0) return true
        await write()
        const rows = ids.map((id) => files.get(id))
        for (const row of rows) if (row?.file.ownerOpenid === ownerOpenid) row.touchedAt = at
        return rows.every((row) => row?.file.ownerOpenid === ownerOpenid)
      },
      clearLoose: async ({ before, limit }) => {
        const shown = new Set(
          [...orders.values()].flatMap((o) => o.refunds.flatMap((refund) => refund.evidence)),
        )
        const old = [...files.values()]
          .filter((f) => !f.shown && f.touchedAt < before)
          .sort((a, b) => a.touchedAt - b.touchedAt)
          .slice(0, limit)
        for (const row of old) {
          if (shown.has(row.file.id)) row.shown = true
          else files.delete(row.file.id)
        }
        return old.filter((row) => !row.shown).length
      },
    },
    sessions: {
      insert: async (session) => void sessions.set(session.id, copy(session)),
      find: async (id) => sessions.get(id) ?? null,
      end: async (id) => void sessions.delete(id),
    },
    inbox: {
      put: async (row) => {
        await write()
        if (!inbox.has(row.id)) inbox.set(row.id, { row: copy(row), appliedAt: null })
      },
      markApplied: async (id, at) => {
        await write()
        const row = inbox.get(id)
        if (row !== undefined) row.appliedAt ??= at
      },
      listUnapplied: async ({ before, limit }) =>
        [...inbox.values()]
          .filter((r) => r.appliedAt === null && r.row.receivedAt < before)
          .sort((a, b) => a.row.receivedAt - b.row.receivedAt)
          .slice(0, limit)
          .map((r) => copy(r.row)),
    },
    strays: {
      insert: async (stray) => {
        await write()
        if (strays.has(stray.transactionId)) return false
        strays.set(stray.transactionId, copy(stray))
        journal([stray.journal], null)
        return true
      },
      find: async (transactionId) => {
        await later()
        const stray = strays.get(transactionId)
        if (stray === undefined) return null
        const back = [...strayRefunds.values()].filter((refund) => refund.transactionId === transactionId)
        return {
          paidFen: stray.news.totalFen,
          refundedFen: back.reduce((sum, { refundFen }) => sum + refundFen, 0),
        }
      },
      addRefund: async (refund) => {
        await write()
        if (!strays.has(refund.transactionId) || strayRefunds.has(refund.outRefundNo)) return false
        strayRefunds.set(refund.outRefundNo, copy(refund))
        journal([refund.journal], null)
        return true
      },
    },
    journal: {
      publish: async ({ limit }) => {
        const batch = pending.splice(0, limit)
        for (const { entry, orderId } of batch)
          for (const line of entry.lines)
            ledger.push({
              seq: ledger.length + 1,
              at: new Date(entry.at).toISOString(),
              orderId,
              refundId: entry.refundId,
              account: line.account,
              fen: line.fen,
              cause: entry.cause,
              wxId: entry.wxId,
            })
        return batch.length
      },
      read: async ({ after, limit }) => ledger.slice(after, after + limit).map(copy),
    },
    attention: {
      find: async (id) => {
        for (const order of orders.values())
          for (const a of order.attention)
            if (a.id === id)
              return {
                orderId: order.id,
                resolvedAt: a.resolvedAt,
                resolution: null,
                item: itemOf(a, order.id),
              }
        for (const stray of strays.values())
          if (stray.attention.id === id)
            return {
              orderId: null,
              resolvedAt: stray.attention.resolvedAt,
              resolution: stray.attention.resolution ?? null,
              item: itemOf(stray.attention, undefined),
            }
        return null
      },
      resolveStray: async ({ id, at, by, note }) => {
        await write()
        for (const [key, stray] of strays)
          if (stray.attention.id === id && stray.attention.resolvedAt === null) {
            const resolution = { by, action: null, note }
            strays.set(key, { ...stray, attention: { ...stray.attention, resolvedAt: at, resolution } })
          }
      },
      listOpen: async ({ after, limit }) => {
        const ofOrders = [...orders.values()].flatMap((o) => o.attention.map((a) => ({ a, orderId: o.id })))
        const ofStrays = [...strays.values()].map((s) => ({ a: s.attention, orderId: undefined }))
        return [...ofOrders, ...ofStrays]
          .filter(({ a }) => a.resolvedAt === null)
          .sort((x, y) => y.a.since - x.a.since || (x.a.id < y.a.id ? 1 : -1))
          .filter(
            ({ a }) =>
              after === undefined || a.since < after.since || (a.since === after.since && a.id < after.id),
          )
          .slice(0, limit)
          .map(({ a, orderId }) => itemOf(a, orderId))
      },
    },
    ping: async () => undefined,
    close: async () => undefined,
  }
  return store
}
