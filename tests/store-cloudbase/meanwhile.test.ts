/** @module Two processes, request by request: what the other one does in between decides, and is not undone. */
import type { Store } from '@yuanlu/shop'
import { anOrder, aRefund, changed, entryOf, NOON } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type CloudProxy, startCloudProxy } from './cloud-proxy.ts'

const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 60, imageUrl: '' }

let cloud: TestCloud
let proxy: CloudProxy
/** Its requests can be held up. */
let store: Store
let other: Store

beforeAll(async () => {
  cloud = await startTestCloud()
  proxy = await startCloudProxy(cloud.emulator.url)
  const options = { maxConcurrent: 1, sleep: async () => {}, now: () => NOON }
  store = await cloud.open({ ...options, cloud: { serviceUrl: proxy.url } })
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

/** Told again for each request: the other process is through with all of it when this one goes on. */
const atEachRequest = async (story: {
  readonly before: () => Promise<unknown>
  readonly act: () => Promise<unknown>
  readonly meanwhile: () => Promise<unknown>
  readonly check: (at: number) => Promise<void>
}): Promise<void> => {
  await story.before()
  proxy.arm()
  await story.act()
  const requests = proxy.count()
  expect(requests).toBeGreaterThan(1)
  for (let nth = 1; nth <= requests; nth++) {
    cloud.empty()
    await story.before()
    proxy.arm({ nth, meanwhile: story.meanwhile })
    await story.act()
    proxy.arm()
    await story.check(nth)
  }
}

const hold = (s: Store) => s.products.reserve({ productId: 'tea', orderId: 'one', quantity: 7 })
const release = (s: Store) => s.products.release({ productId: 'tea', orderId: 'one' })
const stock = async () => (await other.products.get('tea'))?.stock
const notes = async () => (await cloud.documents('products'))[0]?.moves

test('goods that the other process puts back meanwhile are put back once', () =>
  atEachRequest({
    before: async () => {
      await other.products.put(TEA)
      await hold(other)
    },
    act: () => release(store),
    meanwhile: () => release(other),
    check: async (at) => expect([at, await stock(), await notes()]).toEqual([at, 60, []]),
  }))

test('goods that the other process takes meanwhile for the same order are taken once', () =>
  atEachRequest({
    before: () => other.products.put(TEA),
    act: () => hold(store),
    meanwhile: () => hold(other),
    check: async (at) => expect([at, await stock(), await notes()]).toEqual([at, 53, []]),
  }))

test('goods of an order that the other process gives up meanwhile are not taken', () =>
  atEachRequest({
    before: () => other.products.put(TEA),
    act: () => hold(store),
    meanwhile: () => release(other),
    check: async (at) =>
      expect([at, await stock(), await hold(other)]).toEqual([at, 60, { kind: 'released' }]),
  }))

test('goods of one refund that both put back are put back once', () => {
  const restock = (s: Store) => s.products.restock({ productId: 'tea', refundId: 'r', quantity: 3 })
  return atEachRequest({
    before: () => other.products.put(TEA),
    act: () => restock(store),
    meanwhile: () => restock(other),
    check: async (at) => expect([at, await stock(), await notes()]).toEqual([at, 63, []]),
  })
})

test('goods counted anew while others are taken or put back end up as if one came after the other', async () => {
  const counted = { ...TEA, stock: 20 }
  for (let nth = 1; nth <= 4; nth++) {
    cloud.empty()
    await other.products.put(TEA)
    proxy.arm({ nth, meanwhile: () => other.products.put(counted) })
    expect(await hold(store)).toEqual({ kind: 'held' })
    const taken = await stock()
    expect([nth, taken]).toEqual([nth, nth <= 2 ? 13 : 20])
    await release(other)
    expect(await stock()).toBe((taken ?? 0) + 7)
  }
})

test('a refund is listed in the state of the newest version, however late the older one writes its rows', () => {
  const order = anOrder({ refunds: [aRefund('r')] })
  const approved = changed(order, { refunds: [aRefund('r', { state: 'refunding' })] })
  const done = changed(approved, { refunds: [aRefund('r', { state: 'refunded' })] })
  const listed = async (status: 'refunding' | 'refunded') =>
    (await other.refunds.list({ status, oldestFirst: true, limit: 9 })).length
  return atEachRequest({
    before: () => other.orders.insert(order),
    act: () => store.orders.replace(approved, order.version),
    meanwhile: () => other.orders.replace(done, approved.version),
    check: async (at) => {
      const moved = (await other.orders.get(order.id))?.version === done.version
      expect([at, await listed('refunding'), await listed('refunded')]).toEqual(
        moved ? [at, 0, 1] : [at, 1, 0],
      )
    },
  })
})

test('an entry that is journaled while a publisher works is published by the next', () => {
  const order = anOrder({ journal: [entryOf('payment:1')] })
  const next = changed(order, { journal: [...order.journal, entryOf('refund:1')] })
  return atEachRequest({
    before: () => other.orders.insert(order),
    act: () => store.journal.publish({ limit: 10 }),
    meanwhile: () => other.orders.replace(next, order.version),
    check: async (at) => {
      while ((await other.journal.publish({ limit: 10 })) > 0) {}
      const ledger = await other.journal.read({ after: 0, limit: 10 })
      expect([at, ledger.map(({ seq, cause }) => `${seq} ${cause}`)]).toEqual([
        at,
        ['1 payment:1', '2 payment:1', '3 refund:1', '4 refund:1'],
      ])
    },
  })
})

test('what another publisher numbers meanwhile is numbered once', () => {
  const order = anOrder({ journal: [entryOf('payment:1'), entryOf('payment:2')] })
  return atEachRequest({
    before: () => other.orders.insert(order),
    act: () => store.journal.publish({ limit: 1 }),
    meanwhile: () => other.journal.publish({ limit: 1 }),
    check: async (at) => {
      while ((await other.journal.publish({ limit: 10 })) > 0) {}
      const ledger = await other.journal.read({ after: 0, limit: 10 })
      expect([at, ledger.map(({ seq }) => seq)]).toEqual([at, [1, 2, 3, 4]])
      expect(new Set(ledger.map(({ cause }) => cause)).size).toBe(2)
    },
  })
})

test('a write whose answer was lost is known to be the own, though a worker has leased the order since', async () => {
  const order = anOrder({ nextActionAt: NOON })
  await other.orders.insert(order)
  const lease = () => other.orders.claimDue({ now: NOON, limit: 1, leaseMs: 60_000 })
  proxy.arm({ nth: 1, kind: 'after' }, { nth: 2, meanwhile: lease })
  expect(await store.orders.replace(changed(order, { remark: 'mine' }), order.version)).toBe(true)
})

test('an own write that somebody has built upon since its answer was lost says: look again', async () => {
  const order = anOrder()
  await other.orders.insert(order)
  const own = changed(order, { remark: 'own' })
  const built = changed(own, { remark: 'own, and more' })
  proxy.arm({ nth: 1, kind: 'after' }, { nth: 2, meanwhile: () => other.orders.replace(built, own.version) })
  expect(await store.orders.replace(own, order.version)).toBe(false)
  expect((await other.orders.get(order.id))?.remark).toBe('own, and more')
})

test('an order that somebody wrote meanwhile is not taken for the own when the request was lost', async () => {
  const order = anOrder()
  await other.orders.insert(order)
  const fast = () => other.orders.replace(changed(order, { remark: 'fast' }), order.version)
  proxy.arm({ nth: 1, kind: 'before' }, { nth: 2, meanwhile: fast })
  expect(await store.orders.replace(changed(order, { remark: 'slow' }), order.version)).toBe(false)
  expect((await other.orders.get(order.id))?.remark).toBe('fast')
})

test('a picture that its owner names while it is being cleared away is either kept or gone, never half', async () => {
  const file = { id: 'a', ownerOpenid: 'o', type: 'image/png', bytes: Uint8Array.of(1) } as const
  const touched: boolean[] = []
  await atEachRequest({
    before: () => other.files.put({ file, at: NOON, maxLoose: 9 }),
    act: () => store.files.clearLoose({ before: NOON + 1, limit: 9 }),
    meanwhile: async () => {
      touched.push(await other.files.touch({ ids: ['a'], ownerOpenid: 'o', at: NOON + 1 }))
    },
    check: async (at) => {
      const kept = (await other.files.get('a')) !== null
      expect([at, kept]).toEqual([at, touched.at(-1)])
      expect([at, (await cloud.contents()).files]).toEqual([at, kept ? 1 : 0])
    },
  })
  expect(new Set(touched)).toEqual(new Set([true, false]))
})

test('a lease that a clock set far ahead has given is void', async () => {
  await other.orders.insert(anOrder({ nextActionAt: NOON }))
  const lease = { limit: 1, leaseMs: 60_000 }
  await other.orders.claimDue({ ...lease, now: NOON + 86_400_000 })
  expect(await store.orders.claimDue({ ...lease, now: NOON })).toHaveLength(1)
  expect(await store.orders.claimDue({ ...lease, now: NOON })).toEqual([])
})

test('the row of another order’s attention is left alone', async () => {
  const flag = { id: 'same', kind: 'amountMismatch', since: NOON, resolvedAt: null } as const
  await other.orders.insert(anOrder({ id: 'a', attention: [{ ...flag, summary: "a's" }] }))
  await other.orders.insert(anOrder({ id: 'b', attention: [{ ...flag, summary: "b's" }] }))
  expect(await other.attention.listOpen({ limit: 10 })).toMatchObject([{ orderId: 'a', summary: "a's" }])
})
