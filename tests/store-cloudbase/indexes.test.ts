/** @module The declared indexes: with all of them every question is served, and none is for show. */
import type { Store } from '@yuanlu/shop'
import { COLLECTIONS, INDEXES } from '@yuanlu/store-cloudbase'
import { NOON } from '../store/builders.ts'
import { startTestCloud } from '../support/cloudbase.ts'

const page = { limit: 5 }
const buyerOpenid = 'o'
const after = { createdAt: NOON, requestedAt: NOON, since: NOON, id: 'x' }

/** Every way to ask the store for more than one document. */
const QUESTIONS: readonly ((store: Store) => Promise<unknown>)[] = [
  (s) => s.orders.claimDue({ now: NOON, limit: 5, leaseMs: 1 }),
  (s) => s.orders.list(page),
  (s) => s.orders.list({ ...page, after }),
  (s) => s.orders.list({ ...page, status: 'paid', after }),
  (s) => s.orders.list({ ...page, q: '4200' }),
  (s) => s.orders.listByBuyer({ ...page, buyerOpenid, after }),
  (s) => s.orders.listByBuyer({ ...page, buyerOpenid, status: 'paid' }),
  (s) => s.refunds.list({ ...page, oldestFirst: true }),
  (s) => s.refunds.list({ ...page, oldestFirst: false, after }),
  (s) => s.refunds.list({ ...page, oldestFirst: true, status: 'requested', after }),
  (s) => s.refunds.list({ ...page, oldestFirst: false, q: '4200' }),
  (s) => s.refunds.listByBuyer({ ...page, buyerOpenid, after }),
  (s) => s.attention.listOpen(page),
  (s) => s.attention.listOpen({ ...page, after }),
  (s) => s.journal.publish(page),
  (s) => s.journal.read({ ...page, after: 0 }),
  (s) => s.inbox.listUnapplied({ ...page, before: NOON }),
  (s) => s.products.list(),
  (s) => s.sessions.insert({ id: 's', openid: 'o', expiresAt: NOON }),
  (s) =>
    s.files.put({
      file: { id: 'a', ownerOpenid: 'o', type: 'image/png', bytes: Uint8Array.of(1) },
      at: NOON,
      maxLoose: 9,
    }),
  (s) => s.files.clearLoose({ ...page, before: NOON + 1 }),
  (s) =>
    s.strays.insert({
      transactionId: '4200',
      news: {
        outTradeNo: 'x',
        transactionId: '4200',
        totalFen: 1,
        currency: 'CNY',
        payerOpenid: 'o',
        paidAt: NOON,
      },
      attention: { id: 'u', kind: 'unknownTrade', since: NOON, summary: '', resolvedAt: null },
      journal: { cause: 'payment:4200', at: NOON, refundId: null, wxId: null, lines: [] },
    }),
  (s) => s.journal.publish(page),
]

/** What the store says is missing, when these indexes are there. */
const missingWith = async (indexes: typeof INDEXES): Promise<string[]> => {
  const cloud = await startTestCloud(undefined, indexes)
  try {
    const store = await cloud.open({ now: () => NOON })
    const missing: string[] = []
    for (const ask of QUESTIONS)
      await ask(store).catch((error: Error) => {
        if (error.name !== 'CloudbaseSetupError') throw error
        missing.push(error.message)
      })
    return missing
  } finally {
    await cloud.close()
  }
}

test('with all of them, every question is served', async () => {
  expect(await missingWith(INDEXES)).toEqual([])
})

test.each(INDEXES.map((index) => [`${index.collection}.${index.name}`, index] as const))(
  'without %s, a question is left',
  async (_, index) => {
    const missing = await missingWith(INDEXES.filter((other) => other !== index))
    expect(missing.length).toBeGreaterThan(0)
    expect(missing.every((message) => message.includes(`yuanlu_${index.collection}`))).toBe(true)
  },
)

test('no collection has more indexes than the smallest plan allows', () => {
  // 单集合索引限制 10 个, the one of _id among them.
  for (const collection of COLLECTIONS)
    expect(INDEXES.filter((index) => index.collection === collection).length).toBeLessThanOrEqual(9)
})
