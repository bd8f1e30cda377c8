/** @module Uploaded pictures, and clearing away those that no refund shows. */
import type { FileStore } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresFiles = (database: Database): FileStore => ({
  put({ file, at, maxLoose }) {
    const { id, ownerOpenid, type } = file
    const bytes = Buffer.from(file.bytes)
    return database.run('files.put', async (db) => {
      const { rows } = await sql`
        insert into files (id, owner_openid, type, bytes, touched_at)
        select ${id}, ${ownerOpenid}, ${type}, ${bytes}, ${at}
        where (select count(*) from files where owner_openid = ${ownerOpenid} and not shown and id <> ${id})
          < ${maxLoose}
        -- Its own row, when the answer to an earlier try was lost.
        on conflict (id) do update set touched_at = excluded.touched_at
          where files.owner_openid = excluded.owner_openid
        returning id`.execute(db)
      return rows.length > 0
    })
  },

  get(id) {
    return database.run('files.get', async (db) => {
      const row = await db
        .selectFrom('files')
        .select(['id', 'owner_openid as ownerOpenid', 'type', 'bytes'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    })
  },

  touch({ ids, ownerOpenid, at }) {
    if (ids.length === 0) return Promise.resolve(true)
    return database.run('files.touch', async (db) => {
      const touched = await db
        .updateTable('files')
        .set({ touched_at: at })
        .where('id', 'in', ids)
        .where('owner_openid', '=', ownerOpenid)
        .returning('id')
        .execute()
      return touched.length === new Set(ids).size
    })
  },

  clearLoose({ before, limit }) {
    return database.run('files.clearLoose', async (db) => {
      // A file that is touched meanwhile is either locked and passed over, or looked at again and found fresh.
      const { rows } = await sql<{ cleared: number }>`
        with old as materialized (
          select f.id, exists (select 1 from refunds r where r.evidence @> array[f.id] and r.evidence <> '{}') as shown
          from files f
          where not f.shown and f.touched_at < ${before}
          order by f.touched_at, f.id
          limit ${limit}
          for update of f skip locked
        ),
        kept as (
          update files set shown = true from old where files.id = old.id and old.shown
        ),
        cleared as (
          delete from files using old where files.id = old.id and not old.shown
          returning files.id
        )
        select count(*) as cleared from cleared`.execute(db)
      return rows[0]?.cleared ?? 0
    })
  },
})
