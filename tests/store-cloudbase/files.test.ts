/** @module Pictures whose upload or clearing broke off: nothing stays behind in the storage. */
import type { Store } from '@yuanlu/shop'
import { anOrder, aRefund, NOON } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'
import { type CloudProxy, startCloudProxy } from './cloud-proxy.ts'

let cloud: TestCloud
let proxy: CloudProxy
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

const file = { id: 'a', ownerOpenid: 'o', type: 'image/png', bytes: Uint8Array.of(1, 2) } as const
const put = (s: Store) => s.files.put({ file, at: NOON, maxLoose: 9 })
const clear = (s: Store) => s.files.clearLoose({ before: NOON + 1, limit: 9 })

/** How many requests this makes when nothing is cut. */
const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
  proxy.arm()
  await work()
  return proxy.count()
}

test.each(['before', 'after'] as const)(
  'an upload that ended %s any of its requests, and that nobody repeats, leaves nothing in the storage',
  async (kind) => {
    const requests = await requestsOf(() => put(store))
    for (let nth = 1; nth <= requests; nth++) {
      cloud.empty()
      proxy.arm({ nth, kind, forGood: true })
      await put(store).catch(() => false)
      proxy.arm()
      await clear(other)
      const { files, documents } = await cloud.contents()
      expect([nth, files, documents.files]).toEqual([nth, 0, 0])
    }
  },
)

test.each(['before', 'after'] as const)(
  'a clearing that ended %s any of its requests is gone on with by the next',
  async (kind) => {
    await put(other)
    const requests = await requestsOf(() => clear(store))
    for (let nth = 1; nth <= requests; nth++) {
      cloud.empty()
      await put(other)
      proxy.arm({ nth, kind, forGood: true })
      await clear(store).catch(() => 0)
      proxy.arm()
      await clear(other)
      const { files, documents } = await cloud.contents()
      expect([nth, files, documents.files]).toEqual([nth, 0, 0])
    }
  },
)

test('a picture that is being uploaded or cleared away is not shown', async () => {
  const requests = await requestsOf(() => put(store))
  cloud.empty()
  proxy.arm({ nth: requests, kind: 'before', forGood: true })
  await put(store).catch(() => false)
  expect(await other.files.get('a')).toBeNull()
  expect(await other.files.touch({ ids: ['a'], ownerOpenid: 'o', at: NOON })).toBe(false)
  // The same again finishes it.
  expect(await put(other)).toBe(true)
  expect([...((await other.files.get('a'))?.bytes ?? [])]).toEqual([1, 2])
})

test('a picture whose refund was written by a process that died right after is kept', async () => {
  await put(other)
  const order = anOrder({ refunds: [aRefund('r', { evidence: ['a'] })] })
  proxy.arm({ nth: 1, kind: 'after', forGood: true })
  await store.orders.insert(order).catch(() => false)
  proxy.arm()
  expect(await clear(other)).toBe(0)
  expect(await other.files.get('a')).not.toBeNull()
})

test('somebody else’s picture is not overwritten under its id', async () => {
  await put(other)
  const theirs = { ...file, ownerOpenid: 'somebody-else', bytes: Uint8Array.of(9) }
  expect(await other.files.put({ file: theirs, at: NOON, maxLoose: 9 })).toBe(false)
  expect((await other.files.get('a'))?.ownerOpenid).toBe('o')
})

test('a picture larger than two megabytes is refused before it is sent', async () => {
  const large = { ...file, bytes: new Uint8Array(2 * 1024 * 1024 + 1) }
  await expect(store.files.put({ file: large, at: NOON, maxLoose: 9 })).rejects.toThrow(RangeError)
  expect(proxy.count()).toBe(0)
})

test('the names of two pictures in the storage tell nothing of each other or of their owner', async () => {
  await put(other)
  await other.files.put({ file: { ...file, id: 'b' }, at: NOON, maxLoose: 9 })
  const paths = (await cloud.documents('files')).map(({ path }) => String(path))
  for (const path of paths)
    expect(path).toMatch(/^yuanlu-pictures\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(new Set(paths).size).toBe(2)
})
