/** @module Opening a store: what is loaded when, and what is left when a call is over. */
import type * as package_ from '@yuanlu/store-cloudbase'
import { anOrder } from '../store/builders.ts'
import { startTestCloud, type TestCloud } from '../support/cloudbase.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await startTestCloud()
})
afterAll(() => cloud.close())
afterEach(() => {
  jest.dontMock('wx-server-sdk')
  cloud.empty()
})

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

test('the SDK is loaded by the first store that is opened, not by the import', async () => {
  let loaded = 0
  await jest.isolateModulesAsync(async () => {
    jest.doMock('wx-server-sdk', () => {
      loaded++
      return jest.requireActual('wx-server-sdk')
    })
    const { createCloudbaseStore } = jest.requireActual<typeof package_>('@yuanlu/store-cloudbase')
    expect(loaded).toBe(0)
    await (await createCloudbaseStore()).ping()
    expect(loaded).toBe(1)
  })
})

test('another SDK in its place is refused by name', async () => {
  await jest.isolateModulesAsync(async () => {
    jest.doMock('wx-server-sdk', () => ({ init() {} }))
    const { createCloudbaseStore } = jest.requireActual<typeof package_>('@yuanlu/store-cloudbase')
    await expect(createCloudbaseStore()).rejects.toThrow('the store needs version 4.0.2')
  })
})

test('a call that failed leaves no timer behind, as the SDK does when left alone', async () => {
  const store = await cloud.open({ sleep: async () => {} })
  await store.ping()
  const before = timers()
  cloud.emulator.faults.add({ fault: 'drop-before' })
  await store.orders.insert(anOrder())
  expect(timers()).toBe(before)

  delete process.env.SILENCE
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] })
  try {
    cloud.emulator.faults.add({ fault: 'drop-before' })
    await store.orders.insert(anOrder({ id: 'another' }))
    expect(jest.getTimerCount()).toBeGreaterThan(0)
  } finally {
    jest.useRealTimers()
    process.env.SILENCE = 'true'
  }
})

test('a store in a function needs no options: it works where the function runs', async () => {
  const store = await cloud.open()
  await store.orders.insert(anOrder())
  expect((await cloud.contents()).documents.orders).toBe(1)
})

test('two stores of one process keep their own options', async () => {
  const [mine, theirs] = [
    await cloud.open({ collectionPrefix: 'mine_' }),
    await cloud.open({ cloud: { serviceUrl: 'http://127.0.0.1:1/admin' }, sleep: async () => {} }),
  ]
  await expect(mine.ping()).rejects.toMatchObject({ name: 'CloudbaseSetupError', collection: 'mine_staff' })
  await expect(theirs.ping()).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  await (await cloud.open()).ping()
})

test('a cloud that cannot be reached is told without a key or a secret', async () => {
  const cloudOptions = {
    serviceUrl: 'http://127.0.0.1:1/admin',
    secretId: 'AKID-mine',
    secretKey: 'my-secret',
  }
  const store = await cloud.open({ cloud: cloudOptions, sleep: async () => {} })
  const failure = await store.ping().catch((error: Error) => error)
  expect(failure).toMatchObject({ name: 'StoreUnavailableError' })
  expect(String(failure)).toContain('ECONNREFUSED')
  expect(String(failure)).not.toMatch(/AKID-mine|my-secret/)
})
