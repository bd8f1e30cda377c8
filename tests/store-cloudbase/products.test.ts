/** @module Goods between shelf and hold: what is left behind is finished, what comes too late is undone. */
import type { Store } from '@yuanlu/shop'
import { StoreUnavailableError } from '@yuanlu/store-cloudbase'
import { NOON } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type CloudProxy, startCloudProxy } from './cloud-proxy.ts'

const TEA = { productId: 'tea', title: '茶', description: '', priceFen: 100, stock: 60, imageUrl: '' }
const times = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i))

jest.setTimeout(30_000)

let cloud: TestCloud
let proxy: CloudProxy
let store: Store
let other: Store
let clock: number

beforeAll(async () => {
  cloud = await startTestCloud()
  proxy = await startCloudProxy(cloud.emulator.url)
  const options = { maxConcurrent: 1, sleep: async () => {}, now: () => clock }
  store = await cloud.open({ ...options, cloud: { serviceUrl: proxy.url } })
  other = await cloud.open({ ...options, maxConcurrent: 16 })
})
afterAll(async () => {
  await proxy.close()
  await cloud.close()
})
beforeEach(async () => {
  clock = NOON
  proxy.arm()
  cloud.empty()
  await other.products.put(TEA)
})

const hold = (s: Store, quantity = 7) => s.products.reserve({ productId: 'tea', orderId: 'one', quantity })
const release = (s: Store) => s.products.release({ productId: 'tea', orderId: 'one' })
const stock = async (s: Store) => (await s.products.get('tea'))?.stock
const notes = async (): Promise<unknown> => {
  const [product] = await cloud.documents('products')
  return product?.moves
}

test('stock that was counted is not counted anew because its answer was lost: what was sold since stays sold', async () => {
  // The first request reads the product, the second puts it, the third would put it again.
  proxy.arm({ nth: 2, kind: 'after' }, { nth: 3, meanwhile: () => hold(other, 1) })
  await store.products.put({ ...TEA, stock: 10 })
  expect(proxy.count()).toBe(3)
  expect(await stock(other)).toBe(9)
})

test('a count that arrives a second time, long after, is not made', async () => {
  proxy.arm({ nth: 2, kind: 'late' })
  await store.products.put({ ...TEA, stock: 10 })
  await hold(other, 1)
  await proxy.deliverLate()
  expect(await stock(other)).toBe(9)
})

const otherCounts = () => other.products.put({ ...TEA, title: '龙井', stock: 30 })

test.each([
  ['counted', false],
  ['new', true],
])(
  'a %s product whose answer was lost is not put over what somebody else counted after it: a person looks and decides',
  async (_, isNew) => {
    if (isNew) cloud.empty()
    // The first request reads the product (a new one's place in the list is read then), the next puts it, and the one
    // after that looks what became of it.
    const at = isNew ? 3 : 2
    proxy.arm({ nth: at, kind: 'after' }, { nth: at + 1, meanwhile: otherCounts })
    await expect(store.products.put({ ...TEA, stock: 10 })).rejects.toThrow(StoreUnavailableError)
    expect(await other.products.get('tea')).toEqual({ ...TEA, title: '龙井', stock: 30 })
  },
)

test('nor is one without a mark put over another count, when its answer was lost', async () => {
  const [{ writeId: _, ...bare } = {}] = await cloud.documents('products')
  cloud.empty()
  await cloud.insert('products', bare)
  proxy.arm({ nth: 2, kind: 'after' }, { nth: 3, meanwhile: otherCounts })
  await expect(store.products.put({ ...TEA, stock: 10 })).rejects.toThrow(StoreUnavailableError)
  expect(await stock(other)).toBe(30)
})

test('a product that somebody changes meanwhile is put even so', async () => {
  proxy.arm({ nth: 2, meanwhile: () => other.products.put({ ...TEA, title: '龙井', stock: 30 }) })
  await store.products.put({ ...TEA, stock: 10 })
  expect(await other.products.get('tea')).toEqual({ ...TEA, stock: 10 })
})

test('a product that was written by hand, without a mark, is put like any other', async () => {
  const [{ writeId: _, ...bare } = {}] = await cloud.documents('products')
  cloud.empty()
  await cloud.insert('products', bare)
  await other.products.put({ ...TEA, stock: 10 })
  expect(await stock(other)).toBe(10)
})

test('goods that were taken by a process that then died come back when somebody reads the product a minute later', async () => {
  // The first request looks for a hold, the second takes, the third would write the hold.
  proxy.arm({ nth: 3, kind: 'before', forGood: true })
  await expect(hold(store)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(await stock(other)).toBe(53)
  expect(await notes()).toHaveLength(1)
  clock = NOON + 60_001
  await other.products.get('tea')
  // What was begun is finished, not undone: the order has its goods and may give them back.
  expect(await notes()).toEqual([])
  expect(await hold(other)).toEqual({ kind: 'held' })
  await release(other)
  expect(await stock(other)).toBe(60)
})

test('a taking that arrives after its order was released is undone', async () => {
  proxy.arm({ nth: 2, kind: 'late', forGood: true })
  await expect(hold(store)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  await release(other)
  await proxy.deliverLate()
  expect(await stock(other)).toBe(53)
  clock = NOON + 60_001
  expect(await stock(other)).toBe(60)
  expect(await notes()).toEqual([])
  expect(await hold(other)).toEqual({ kind: 'released' })
})

test('a taking that arrives a second time, after the order took its goods at another try, is undone', async () => {
  proxy.arm({ nth: 2, kind: 'late' })
  expect(await hold(store)).toEqual({ kind: 'held' })
  expect(await stock(other)).toBe(53)
  await proxy.deliverLate()
  expect(await stock(other)).toBe(46)
  clock = NOON + 60_001
  expect(await stock(other)).toBe(53)
  await release(other)
  expect(await stock(other)).toBe(60)
})

test('goods put back by a process that then died are put back once', async () => {
  await hold(other)
  // Product, hold, goods and note in one; then the hold is let go.
  proxy.arm({ nth: 4, kind: 'before', forGood: true })
  await expect(release(store)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(await stock(other)).toBe(60)
  expect(await notes()).toHaveLength(1)
  // The hold still says "held", but these goods are on the shelf already.
  expect(await hold(other)).toEqual({ kind: 'released' })
  await Promise.all(times(5, () => release(other)))
  expect(await stock(other)).toBe(60)
  expect(await notes()).toEqual([])
})

test('goods of a refund put back by a process that then died are put back once', async () => {
  const restock = (s: Store) => s.products.restock({ productId: 'tea', refundId: 'r-1', quantity: 3 })
  proxy.arm({ nth: 4, kind: 'before', forGood: true })
  await expect(restock(store)).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(await stock(other)).toBe(63)
  await Promise.all(times(5, () => restock(other)))
  expect(await stock(other)).toBe(63)
  expect(await notes()).toEqual([])
})

test('a release that arrives twice, the second time long after, puts back once', async () => {
  await hold(other)
  proxy.arm({ nth: 3, kind: 'late' })
  await release(store)
  expect(await stock(other)).toBe(60)
  await proxy.deliverLate()
  expect(await stock(other)).toBe(60)
  expect(await notes()).toEqual([])
})

test('a product stays as small as it was, however much is sold', async () => {
  await Promise.all(
    times(40, async (i) => {
      const goods = { productId: 'tea', orderId: `order-${i}` }
      await other.products.reserve({ ...goods, quantity: 1 })
      if (i % 2 === 0) await other.products.release(goods)
    }),
  )
  expect(await notes()).toEqual([])
})

test('a product full of notes that others left is tidied before another is taken', async () => {
  const left = times(256, (i) => ({
    id: `left-${i}`,
    key: `order-${i}:tea`,
    kind: 'take',
    quantity: 0,
    at: NOON,
  }))
  await cloud.change('products', 'tea', { moves: left })
  expect(await hold(other)).toEqual({ kind: 'held' })
  expect(await stock(other)).toBe(53)
  expect(await notes()).toEqual([])
})
