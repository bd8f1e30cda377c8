/** @module Staff roles and sessions. */
import type { Clock, SessionStore, StaffStore } from '@yuanlu/shop'
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const postgresStaff = (database: Database): StaffStore => ({
  roleOf(openid) {
    return database.run('staff.roleOf', async (db) => {
      const row = await db.selectFrom('staff').select('role').where('openid', '=', openid).executeTakeFirst()
      return row?.role ?? null
    })
  },

  ensureOwners(openids) {
    if (openids.length === 0) return Promise.resolve()
    return database.run('staff.ensureOwners', async (db) => {
      await db
        .insertInto('staff')
        .values([...new Set(openids)].sort().map((openid) => ({ openid, role: 'owner' as const })))
        .onConflict((conflict) => conflict.column('openid').doNothing())
        .execute()
    })
  },

  list() {
    return database.run('staff.list', (db) =>
      db.selectFrom('staff').select(['openid', 'role']).orderBy('openid').execute(),
    )
  },

  setRole({ openid, role }) {
    return database.run('staff.setRole', (db) =>
      db.transaction().execute(async (transaction) => {
        // Owners as they are once nobody else is changing them, and they stay so until the end of this
        // transaction: of two that remove each other, the second one finds itself alone.
        const owners = await transaction
          .selectFrom('staff')
          .select('openid')
          .where('role', '=', 'owner')
          .orderBy('openid')
          .forUpdate()
          .execute()
        const leavesNone = role !== 'owner' && owners.length === 1 && owners[0]?.openid === openid
        if (leavesNone) return 'lastOwner'
        if (role === null) await transaction.deleteFrom('staff').where('openid', '=', openid).execute()
        else
          await transaction
            .insertInto('staff')
            .values({ openid, role })
            .onConflict((conflict) => conflict.column('openid').doUpdateSet({ role }))
            .execute()
        return 'done'
      }),
    )
  },
})

/** Ended sessions are kept this long, so that a process whose clock is behind still finds its own. */
const KEEP_EXPIRED_MS = 24 * 3_600_000
/** Each new session clears away up to this many old ones: the table stays as large as its living part. */
const CLEAR_AT_ONCE = 10

export const postgresSessions = (database: Database, now: Clock): SessionStore => ({
  insert(session) {
    return database.run('sessions.insert', async (db) => {
      await sql`
        with old as (
          delete from sessions where id in (
            select id from sessions where expires_at < ${now() - KEEP_EXPIRED_MS}
            order by expires_at limit ${CLEAR_AT_ONCE} for update skip locked
          )
        )
        insert into sessions (id, openid, expires_at)
        values (${session.id}, ${session.openid}, ${session.expiresAt})
        on conflict (id) do nothing`.execute(db)
    })
  },

  find(id) {
    return database.run('sessions.find', async (db) => {
      const row = await db
        .selectFrom('sessions')
        .select(['id', 'openid', 'expires_at as expiresAt'])
        .where('id', '=', id)
        .executeTakeFirst()
      return row ?? null
    })
  },

  end(id) {
    return database.run('sessions.end', async (db) => {
      await db.deleteFrom('sessions').where('id', '=', id).execute()
    })
  },
})
