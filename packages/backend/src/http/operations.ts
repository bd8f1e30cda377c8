/** @module Jobs and the money journal: for operators and monitoring. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { ShopDeps } from '@yuanlu/shop'
import type { Context, Hono } from 'hono'
import type { RunJobs } from '../job-queue.ts'
import type { AppEnv } from './base-app.ts'
import { httpRefusal } from './envelope.ts'
import { singleQuery } from './single-query.ts'

export interface OperationsDeps extends ShopDeps {
  /** Null: the operators' calls do not exist. */
  readonly jobsToken: string | null
}

/** The most items one tick handles. */
export const TICK_LIMIT = 1_000
const LEDGER_PAGE = 500

export const mountOperations = (app: Hono<AppEnv>, deps: OperationsDeps, runJobs: RunJobs): void => {
  app.post('/internal/tick', async (c) => {
    requireJobsToken(c, deps.jobsToken)
    return c.json({ ok: true, data: { ran: await runJobs(TICK_LIMIT) } })
  })
  app.get('/internal/ledger', async (c) => {
    requireJobsToken(c, deps.jobsToken)
    const after = readAfter(singleQuery(c))
    const entries = await deps.store.journal.read({ after, limit: LEDGER_PAGE })
    return c.json({ ok: true, data: { entries, nextAfter: entries.at(-1)?.seq ?? after } })
  })
}

/** By hand, because this one number is all that the jobs function would load the schemas for. */
const readAfter = ({ after = '0', ...others }: Record<string, string | string[]>): number => {
  const unknown = Object.keys(others)[0]?.slice(0, 100)
  if (unknown !== undefined)
    throw httpRefusal('INVALID_INPUT', `${unknown}: is not known here`, { field: unknown })
  if (typeof after !== 'string' || !/^[0-9]{1,15}$/.test(after))
    throw httpRefusal('INVALID_INPUT', 'after: must be a number', { field: 'after' })
  return Number(after)
}

/** Without a token configured these calls do not exist. Digests have equal length whatever was sent. */
const requireJobsToken = (c: Context<AppEnv>, token: string | null): void => {
  if (token === null) throw httpRefusal('NOT_FOUND', 'there is no such call')
  const given = createHash('sha256')
    .update(c.req.header('authorization') ?? '')
    .digest()
  const expected = createHash('sha256').update(`Bearer ${token}`).digest()
  if (!timingSafeEqual(given, expected)) throw httpRefusal('NOT_SIGNED_IN', 'the jobs token is wrong')
}
