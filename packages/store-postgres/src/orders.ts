/** @module Orders: one row and one statement per write, guarded by the version. */
import { randomUUID } from 'node:crypto'
import type { Log, Order, OrderStore } from '@yuanlu/shop'
import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import { writeWithFollowers } from './followers.ts'
import type { Tables } from './schema.ts'

const followersOf = (order: Order) => ({
  orderId: order.id,
  journal: order.journal,
  attention: order.attention,
  order,
})

/** Whether the stored version is the very one this call wrote: how a call whose answer was lost finds out. */
const isOurs = async (db: Kysely<Tables>, id: string, writeId: string): Promise<boolean> => {
  const row = await db.selectFrom('orders').select('write_id').where('id', '=', id).executeTakeFirst()
  return row?.write_id === writeId
}

export const postgresOrders = (database: Database, log: Log): OrderStore => ({
  insert(order) {
    const writeId = randomUUID()
    return database.run('orders.insert', async (db, attempt) => {
      const written = await writeWithFollowers(db, {
        write: sql`
          insert into orders
            (id, version, state, buyer_openid, created_at, next_action_at, write_id, document)
          values (${order.id}, ${order.version}, ${order.state}, ${order.buyerOpenid}, ${order.createdAt},
            ${order.nextActionAt}, ${writeId}, ${JSON.stringify(order)})
          on conflict (id) do nothing
          returning id`,
        followers: followersOf(order),
        log,
      })
      return written || (attempt.afterUnclear && (await isOurs(db, order.id, writeId)))
    })
  },

  get(id) {
    return database.run('orders.get', async (db) => {
      const row = await db.selectFrom('orders').select('document').where('id', '=', id).executeTakeFirst()
      return row?.document ?? null
    })
  },

  async replace(next, expectedVersion) {
    if (next.version !== expectedVersion + 1)
      throw new RangeError(`order ${next.id}: version ${next.version} does not follow ${expectedVersion}`)
    const writeId = randomUUID()
    return database.run('orders.replace', async (db, attempt) => {
      const written = await writeWithFollowers(db, {
        write: sql`
          update orders
          set version = ${next.version}, state = ${next.state}, next_action_at = ${next.nextActionAt},
            leased_until = null, write_id = ${writeId}, document = ${JSON.stringify(next)}
          where id = ${next.id} and version = ${expectedVersion}
          returning id`,
        followers: followersOf(next),
        log,
      })
      return written || (attempt.afterUnclear && (await isOurs(db, next.id, writeId)))
    })
  },

  claimDue({ now, limit, leaseMs }) {
    // Claims of a lost answer run out by themselves; repeating would only claim more.
    const options = { unclear: 'throw' } as const
    const claim = async (db: Kysely<Tables>): Promise<Order[]> => {
      // A lease that ends impossibly late was given by a clock that has since been set back: it is void.
      const { rows } = await sql<{ document: Order; due: number; id: string }>`
        with due as materialized (
          select id from orders
          where next_action_at <= ${now}
            and (leased_until is null or leased_until <= ${now} or leased_until > ${now + 2 * leaseMs})
          order by next_action_at, id
          limit ${limit}
          for update skip locked
        )
        update orders set leased_until = ${now + leaseMs}
        from due where orders.id = due.id
        returning orders.id, orders.next_action_at as due, orders.document`.execute(db)
      return rows.sort((a, b) => a.due - b.due || (a.id < b.id ? -1 : 1)).map((row) => row.document)
    }
    return database.run('orders.claimDue', claim, options)
  },

  list({ status, q, after, limit }) {
    return database.run('orders.list', async (db) => {
      let query = db
        .selectFrom('orders')
        .select('document')
        .where('state', 'not in', ['placing', 'refused'])
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (status !== undefined) query = query.where('state', '=', status)
      if (q !== undefined)
        query = query.where(sql<boolean>`(id = ${q} or document->'payment'->>'transactionId' = ${q})`)
      if (after !== undefined)
        query = query.where(sql<boolean>`(created_at, id) < (${after.createdAt}, ${after.id})`)
      const rows = await query.execute()
      return rows.map((row) => row.document)
    })
  },

  listByBuyer({ buyerOpenid, status, after, limit }) {
    return database.run('orders.listByBuyer', async (db) => {
      let query = db
        .selectFrom('orders')
        .select('document')
        .where('buyer_openid', '=', buyerOpenid)
        .where('state', 'not in', ['placing', 'refused'])
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
      if (status !== undefined) query = query.where('state', '=', status)
      if (after !== undefined)
        query = query.where(sql<boolean>`(created_at, id) < (${after.createdAt}, ${after.id})`)
      const rows = await query.execute()
      return rows.map((row) => row.document)
    })
  },
})
