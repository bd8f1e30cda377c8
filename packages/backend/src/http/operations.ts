/** @module Health, jobs and the money journal: for operators and monitoring. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { RunJobs } from '../job-queue.ts'
import type { AppDeps, AppEnv } from './app.ts'
import { httpRefusal } from './envelope.ts'
import { singleQuery } from './mount.ts'
import { parseInput } from './read-json.ts'

/** The most items one tick handles. */
export const TICK_LIMIT = 1_000
const LEDGER_PAGE = 500

const ledgerQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[0-9]{1,15}$/, 'must be a number')
    .default('0')
    .transform(Number),
})

export const mountOperations = (app: Hono<AppEnv>, deps: AppDeps, runJobs: RunJobs): void => {
  app.get('/healthz', async (c) => {
    try {
      await deps.store.ping()
    } catch {
      throw httpRefusal('UNAVAILABLE', 'the database cannot be reached')
    }
    return c.json({ ok: true, data: { status: 'ok' } })
  })
  app.post('/internal/tick', async (c) => {
    requireJobsToken(c, deps.jobsToken)
    return c.json({ ok: true, data: { ran: await runJobs(TICK_LIMIT) } })
  })
  app.get('/internal/ledger', async (c) => {
    requireJobsToken(c, deps.jobsToken)
    const { after } = parseInput(ledgerQuery, singleQuery(c), 'query')
    const entries = await deps.store.journal.read({ after, limit: LEDGER_PAGE })
    return c.json({ ok: true, data: { entries, nextAfter: entries.at(-1)?.seq ?? after } })
  })
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
