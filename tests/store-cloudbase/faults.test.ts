/**
 * @module Every call of the port, cut off at every one of its requests: nothing happens twice, nothing is half done.
 *
 * Each story is told three times for each request that it makes: the request is lost, its answer is lost, or the
 * process dies there and another one is asked the same. What can be seen of the store in the end has to be what an
 * undisturbed story leaves.
 */
import type { Store } from '@yuanlu/shop'
import { anOrder, aRefund, attentionOf, changed, entryOf, NOON, newsOf, strayOf } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type CloudProxy, type Cut, startCloudProxy } from './cloud-proxy.ts'

const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 60, imageUrl: '' }
const ORDER = anOrder({ nextActionAt: NOON })
const PAID = changed(ORDER, {
  state: 'paid',
  journal: [entryOf('payment:1'), entryOf('payment:2')],
  attention: [attentionOf('odd')],
  refunds: [aRefund('r-1', { evidence: ['shown'] }), aRefund('r-2')],
})
const DECIDED = changed(PAID, {
  journal: [...PAID.journal, entryOf('refund:1')],
  attention: [attentionOf('odd', { resolvedAt: NOON + 1 })],
  refunds: [aRefund('r-1', { evidence: ['shown'], state: 'refunded' }), aRefund('r-2')],
})
const hold = (store: Store) => store.products.reserve({ productId: 'tea', orderId: 'one', quantity: 7 })
const release = (store: Store) => store.products.release({ productId: 'tea', orderId: 'one' })

const put = (store: Store, id: string) =>
  store.files.put({
    file: { id, ownerOpenid: 'o', type: 'image/png', bytes: Uint8Array.of(1, 2, 3) },
    at: NOON,
    maxLoose: 2,
  })

interface Story {
  /** Nothing is written: its answer is all there is to compare. */
  readonly reads?: true
  readonly before?: (store: Store) => Promise<unknown>
  readonly act: (store: Store) => Promise<unknown>
}

const STORIES: Readonly<Record<string, Story>> = {
  'orders.insert': { act: (s) => s.orders.insert(ORDER) },
  'orders.insert with all that follows': { act: (s) => s.orders.insert({ ...PAID, version: 1 }) },
  'orders.get': { reads: true, before: (s) => s.orders.insert(ORDER), act: (s) => s.orders.get(ORDER.id) },
  'orders.replace': {
    before: (s) => s.orders.insert(ORDER),
    act: (s) => s.orders.replace(changed(ORDER, { remark: 'next' }), ORDER.version),
  },
  'orders.replace with all that follows': {
    before: async (s) => {
      await s.orders.insert(ORDER)
      await s.orders.replace(PAID, ORDER.version)
      await s.journal.publish({ limit: 1 })
    },
    act: (s) => s.orders.replace(DECIDED, PAID.version),
  },
  'orders.replace of an order that moved on': {
    before: async (s) => {
      await s.orders.insert(ORDER)
      await s.orders.replace(changed(ORDER, { remark: 'faster' }), ORDER.version)
    },
    act: (s) => s.orders.replace(changed(ORDER, { remark: 'late' }), ORDER.version),
  },
  'orders.claimDue': {
    before: (s) => s.orders.insert(ORDER),
    act: (s) => s.orders.claimDue({ now: NOON, limit: 2, leaseMs: 60_000 }),
  },
  'orders.list': {
    reads: true,
    before: (s) => s.orders.insert(ORDER),
    act: (s) => s.orders.list({ limit: 10 }),
  },
  'orders.list by number': {
    reads: true,
    before: (s) => s.orders.insert(ORDER),
    act: (s) => s.orders.list({ q: ORDER.id, limit: 10 }),
  },
  'orders.listByBuyer': {
    reads: true,
    before: (s) => s.orders.insert(ORDER),
    act: (s) => s.orders.listByBuyer({ buyerOpenid: ORDER.buyerOpenid, limit: 10 }),
  },
  'refunds.list': {
    before: (s) => s.orders.insert(PAID),
    act: (s) => s.refunds.list({ status: 'requested', oldestFirst: true, limit: 10 }),
  },
  'refunds.listByBuyer': {
    before: (s) => s.orders.insert(PAID),
    act: (s) => s.refunds.listByBuyer({ buyerOpenid: PAID.buyerOpenid, limit: 10 }),
  },
  'products.insertMissing': {
    act: (s) => s.products.insertMissing([TEA, { ...TEA, productId: 'coffee' }]),
  },
  'products.put of a new one': { act: (s) => s.products.put(TEA) },
  'products.put of one that is there': {
    before: (s) => s.products.put(TEA),
    act: (s) => s.products.put({ ...TEA, stock: 5 }),
  },
  'products.get': { reads: true, before: (s) => s.products.put(TEA), act: (s) => s.products.get('tea') },
  'products.reserve': { before: (s) => s.products.put(TEA), act: hold },
  'products.reserve again': {
    before: async (s) => {
      await s.products.put(TEA)
      await hold(s)
    },
    act: hold,
  },
  'products.reserve of too many': {
    before: (s) => s.products.put(TEA),
    act: (s) => s.products.reserve({ productId: 'tea', orderId: 'one', quantity: 61 }),
  },
  'products.reserve after a release': {
    before: async (s) => {
      await s.products.put(TEA)
      await release(s)
    },
    act: hold,
  },
  'products.release': {
    before: async (s) => {
      await s.products.put(TEA)
      await hold(s)
    },
    act: release,
  },
  'products.release of nothing': { before: (s) => s.products.put(TEA), act: release },
  'products.restock': {
    before: (s) => s.products.put(TEA),
    act: (s) => s.products.restock({ productId: 'tea', refundId: 'r-1', quantity: 3 }),
  },
  'staff.ensureOwners': { act: (s) => s.staff.ensureOwners(['o-boss', 'o-chief']) },
  'staff.setRole': {
    before: (s) => s.staff.ensureOwners(['o-boss']),
    act: (s) => s.staff.setRole({ openid: 'o-clerk', role: 'finance' }),
  },
  'staff.setRole of the last owner': {
    before: (s) => s.staff.ensureOwners(['o-boss']),
    act: (s) => s.staff.setRole({ openid: 'o-boss', role: null }),
  },
  'staff.roleOf': {
    reads: true,
    before: (s) => s.staff.ensureOwners(['o-boss']),
    act: (s) => s.staff.roleOf('o-boss'),
  },
  'sessions.insert': { act: (s) => s.sessions.insert({ id: 's', openid: 'o', expiresAt: NOON }) },
  'sessions.end': {
    before: (s) => s.sessions.insert({ id: 's', openid: 'o', expiresAt: NOON }),
    act: (s) => s.sessions.end('s'),
  },
  'inbox.put': { act: (s) => s.inbox.put(newsOf('n')) },
  'inbox.markApplied': {
    before: (s) => s.inbox.put(newsOf('n')),
    act: (s) => s.inbox.markApplied('n', NOON),
  },
  'inbox.listUnapplied': {
    reads: true,
    before: (s) => s.inbox.put(newsOf('n')),
    act: (s) => s.inbox.listUnapplied({ before: NOON + 1, limit: 10 }),
  },
  'strays.insert': { act: (s) => s.strays.insert(strayOf('42001')) },
  'journal.publish': {
    before: async (s) => {
      await s.orders.insert(PAID)
      await s.strays.insert(strayOf('42001'))
    },
    act: (s) => s.journal.publish({ limit: 10 }),
  },
  'journal.publish of a part': {
    before: (s) => s.orders.insert(PAID),
    act: (s) => s.journal.publish({ limit: 1 }),
  },
  'journal.read': {
    reads: true,
    before: async (s) => {
      await s.orders.insert(PAID)
      await s.journal.publish({ limit: 10 })
    },
    act: (s) => s.journal.read({ after: 1, limit: 2 }),
  },
  'attention.find': { before: (s) => s.orders.insert(PAID), act: (s) => s.attention.find('odd') },
  'attention.resolveStray': {
    before: (s) => s.strays.insert(strayOf('42001')),
    act: (s) =>
      s.attention.resolveStray({ id: 'unknownTrade-42001', at: NOON, by: 'oOwner', note: '已退回' }),
  },
  'attention.listOpen': {
    before: (s) => s.orders.insert(PAID),
    act: (s) => s.attention.listOpen({ limit: 10 }),
  },
  'files.put': { act: (s) => put(s, 'a') },
  'files.get': {
    reads: true,
    before: (s) => put(s, 'a'),
    act: async (s) => [...((await s.files.get('a'))?.bytes ?? [])],
  },
  'files.touch': {
    before: (s) => put(s, 'a'),
    act: (s) => s.files.touch({ ids: ['a'], ownerOpenid: 'o', at: NOON + 20 }),
  },
  'files.clearLoose': {
    before: async (s) => {
      await put(s, 'a')
      await put(s, 'shown')
      await s.orders.insert(PAID)
    },
    act: (s) => s.files.clearLoose({ before: NOON + 1, limit: 10 }),
  },
  ping: { reads: true, act: (s) => s.ping() },
}

let cloud: TestCloud
let proxy: CloudProxy
/** Its way to the cloud leads through the proxy. */
let store: Store
/** Another process, whose way is straight. */
let other: Store

beforeAll(async () => {
  cloud = await startTestCloud()
  proxy = await startCloudProxy(cloud.emulator.url)
  // One call at a time: then the nth request is the same one each time a story is told.
  const options = { sleep: async () => {}, now: () => NOON }
  store = await cloud.open({ ...options, maxConcurrent: 1, cloud: { serviceUrl: proxy.url } })
  other = await cloud.open(options)
})
afterAll(async () => {
  await proxy.close()
  await cloud.close()
})
beforeEach(() => {
  proxy.arm()
  cloud.empty()
})

/** Everything that can be seen through the port: first what only reads, then what goods, pictures and leases do. */
const everything = async (seen: Store): Promise<string> => {
  while ((await seen.journal.publish({ limit: 10 })) > 0) {}
  const due = { now: NOON, limit: 10, leaseMs: 60_000 }
  const read = await Promise.all([
    seen.orders.get(ORDER.id),
    seen.orders.list({ limit: 10 }),
    seen.refunds.list({ oldestFirst: true, limit: 10 }),
    seen.refunds.list({ status: 'refunded', oldestFirst: true, limit: 10 }),
    seen.attention.listOpen({ limit: 10 }),
    seen.attention.find('unknownTrade-42001'),
    seen.journal.read({ after: 0, limit: 100 }),
    seen.products.list(),
    seen.staff.list(),
    seen.sessions.find('s'),
    seen.inbox.listUnapplied({ before: NOON + 1, limit: 10 }),
    seen.files.get('a'),
    seen.files.get('shown'),
  ])
  return JSON.stringify({
    read,
    goods: [await hold(seen), await seen.products.list()],
    back: [await release(seen), await seen.products.list(), await hold(seen)],
    cleared: [await put(seen, 'another'), await seen.files.clearLoose({ before: NOON + 10, limit: 10 })],
    inTheCloud: await cloud.contents(),
    due: [await seen.orders.claimDue(due), await seen.orders.claimDue({ ...due, now: NOON + 60_000 })],
  })
}

/** The story told without a cut: its answer, what it leaves, and how many requests it makes. */
const undisturbed = async (story: Story) => {
  await story.before?.(other)
  proxy.arm()
  const answer = JSON.stringify(await story.act(store))
  const requests = proxy.count()
  const left = await leftBy(story)
  cloud.empty()
  return { answer, requests, left }
}

const leftBy = async (story: Story): Promise<string> => (story.reads ? '' : await everything(other))

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  test.each<Cut>(['before', 'after'])(
    'cut once %s each of its requests, ends as if nothing had been',
    async (kind) => {
      const { answer, requests, left } = await undisturbed(story)
      expect(requests).toBeGreaterThan(0)
      for (let nth = 1; nth <= requests; nth++) {
        await story.before?.(other)
        proxy.arm({ nth, kind })
        expect([nth, JSON.stringify(await story.act(store))]).toEqual([nth, answer])
        proxy.arm()
        expect([nth, await leftBy(story)]).toEqual([nth, left])
        cloud.empty()
      }
    },
  )

  test.each<Cut>(['before', 'after'])(
    'begun by a process that dies %s each of its requests, is ended by another',
    async (kind) => {
      const { requests, left } = await undisturbed(story)
      for (let nth = 1; nth <= requests; nth++) {
        await story.before?.(other)
        proxy.arm({ nth, kind, forGood: true })
        await story.act(store).catch((error: Error) => expect(error.name).toBe('StoreUnavailableError'))
        proxy.arm()
        await story.act(other)
        expect([nth, await leftBy(story)]).toEqual([nth, left])
        cloud.empty()
      }
    },
  )
})
