/** @module Products and their stock: each reservation and each release is one statement. */
import type { ProductStore, ReserveAnswer } from '@yuanlu/shop'
import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import type { Tables } from './schema.ts'

/** A statement that met a twin at work is asked again; nobody meets one this often. */
const MAX_ROUNDS = 8

const PRODUCT_COLUMNS = [
  'product_id as productId',
  'title',
  'description',
  'price_fen as priceFen',
  'stock',
  'image_url as imageUrl',
] as const

export const postgresProducts = (database: Database): ProductStore => ({
  list() {
    return database.run('products.list', (db) =>
      db.selectFrom('products').select(PRODUCT_COLUMNS).orderBy('position').orderBy('product_id').execute(),
    )
  },

  get(productId) {
    return database.run('products.get', async (db) => {
      const row = await db
        .selectFrom('products')
        .select(PRODUCT_COLUMNS)
        .where('product_id', '=', productId)
        .executeTakeFirst()
      return row ?? null
    })
  },

  insertMissing(rows) {
    if (rows.length === 0) return Promise.resolve(0)
    return database.run('products.insertMissing', async (db) => {
      // Several processes start with the same catalogue: all insert in one order, so none waits in a circle.
      const { rows: added } = await sql`
        insert into products (product_id, position, title, description, price_fen, stock, image_url)
        select r."productId", r.nr + (select coalesce(max(position), 0) from products),
          r.title, r.description, r."priceFen", r.stock, r."imageUrl"
        from json_to_recordset(${JSON.stringify(rows.map((row, i) => ({ ...row, nr: i + 1 })))}::json)
          as r("productId" text, nr bigint, title text, description text, "priceFen" bigint, stock bigint,
            "imageUrl" text)
        order by r."productId"
        on conflict (product_id) do nothing
        returning product_id`.execute(db)
      return added.length
    })
  },

  put({ productId, title, description, priceFen, stock, imageUrl }) {
    const put = async (db: Kysely<Tables>): Promise<void> => {
      await sql`
        insert into products (product_id, position, title, description, price_fen, stock, image_url)
        values (${productId}, (select coalesce(max(position), 0) + 1 from products),
          ${title}, ${description}, ${priceFen}, ${stock}, ${imageUrl})
        on conflict (product_id) do update set title = excluded.title, description = excluded.description,
          price_fen = excluded.price_fen, stock = excluded.stock, image_url = excluded.image_url`.execute(db)
    }
    // Repeated, it would put back on the shelf what was sold since: whoever counted looks and decides.
    return database.run('products.put', put, { unclear: 'throw' })
  },

  reserve(hold) {
    return database.run('products.reserve', async (db): Promise<ReserveAnswer> => {
      let stock = 0
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const answer = await tryReserve(db, hold)
        if (answer.kind !== 'short') return answer
        // The stock that was read may be older than the one that was short: goods came back meanwhile.
        stock = answer.stock
        if (stock < hold.quantity) return answer
      }
      return { kind: 'short', stock: Math.min(stock, hold.quantity - 1) }
    })
  },

  restock({ productId, refundId, quantity }) {
    return database.run('products.restock', async (db) => {
      // The row under the refund's number is what makes a repeated job put nothing back a second time.
      await sql`
        with once as (
          insert into holds (product_id, order_id, quantity, state)
          values (${productId}, ${refundId}, ${quantity}::bigint, 'released')
          on conflict do nothing
          returning quantity
        )
        update products set stock = stock + once.quantity from once where product_id = ${productId}`.execute(
        db,
      )
    })
  },

  release({ productId, orderId }) {
    return database.run('products.release', async (db) => {
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const { rows } = await sql<{ done: boolean }>`
          with freed as (
            update holds set state = 'released'
            where product_id = ${productId} and order_id = ${orderId} and state = 'held'
            returning quantity
          ),
          returned as (
            update products set stock = stock + freed.quantity from freed where product_id = ${productId}
          ),
          -- Nothing was held: this row tells a reserve that is still under way that it comes too late.
          tombstone as (
            insert into holds (product_id, order_id, quantity, state)
            select ${productId}, ${orderId}, 0, 'released' where not exists (select 1 from freed)
            on conflict do nothing
            returning state
          )
          select exists (select 1 from freed) or exists (select 1 from tombstone) or exists (
            select 1 from holds
            where product_id = ${productId} and order_id = ${orderId} and state = 'released'
          ) as done`.execute(db)
        // Not done: a reserve was committed between our look and our tombstone. Now there is a hold to release.
        if (rows[0]?.done === true) return
      }
      throw new Error(`product ${productId}: its hold for order ${orderId} could not be released`)
    })
  },
})

/**
 * Takes the goods and writes the hold in one statement. A twin that does the same is stopped by the hold's
 * key, which undoes its taking too; it is then repeated and finds the hold.
 */
const tryReserve = async (
  db: Kysely<Tables>,
  hold: { readonly productId: string; readonly orderId: string; readonly quantity: number },
): Promise<ReserveAnswer> => {
  const { productId, orderId, quantity } = hold
  const { rows } = await sql<{ taken: boolean }>`
    with taken as (
      update products set stock = stock - ${quantity}::bigint
      where product_id = ${productId} and stock >= ${quantity}::bigint
        and not exists (select 1 from holds where product_id = ${productId} and order_id = ${orderId})
      returning product_id
    ),
    held as (
      insert into holds (product_id, order_id, quantity, state)
      select product_id, ${orderId}, ${quantity}::bigint, 'held' from taken
    )
    select exists (select 1 from taken) as taken`.execute(db)
  if (rows[0]?.taken === true) return { kind: 'held' }
  // A new statement, because the one above saw the tables as they were before it waited for its turn.
  const { rows: present } = await sql<{ stock: number | null; state: 'held' | 'released' | null }>`
    select
      (select stock from products where product_id = ${productId}) as stock,
      (select state from holds where product_id = ${productId} and order_id = ${orderId}) as state`.execute(
    db,
  )
  const { stock = null, state = null } = present[0] ?? {}
  return state === null ? { kind: 'short', stock: stock ?? 0 } : { kind: state }
}
