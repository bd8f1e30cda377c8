/** @module What goes wrong on purpose, and the calls under /control/. */
import { type CloudbaseEmulator, FaultError, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Db, errorOf, openCloud } from './sdk'

let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['notes', 'others'] })
  db = openCloud(emulator).database()
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

const add = (n: number, collection = 'notes'): Promise<unknown> =>
  db.collection(collection).add({ data: { n } })
const count = async (collection = 'notes'): Promise<number> => (await db.collection(collection).count()).total

test('an error is answered instead of doing it, once', async () => {
  emulator.faults.add({
    fault: 'error',
    code: 'EXCEED_REQUEST_LIMIT',
    message: 'slow down',
    match: { action: 'database.insertDocument' },
  })
  const error = await errorOf(add(1))
  expect([error.errCode, error.errMsg.includes('slow down')]).toEqual([-501003, true])
  await add(2)
  expect([await count(), emulator.faults.list()]).toEqual([1, []])
})

test('a drop before does nothing, a drop after has done it; the SDK can’t tell them apart', async () => {
  emulator.faults.add({ fault: 'drop-before' })
  const before = await errorOf(add(1))
  expect(await count()).toBe(0)
  emulator.faults.add({ fault: 'drop-after' })
  const after = await errorOf(add(2))
  expect(await count()).toBe(1)
  expect([before.errMsg.includes('socket hang up'), after.errMsg.includes('socket hang up')]).toEqual([
    true,
    true,
  ])
  expect(emulator.requests().map(({ fault }) => fault)).toEqual(['drop-before', null, 'drop-after', null])
})

test('a commit whose answer is lost is a commit', async () => {
  emulator.faults.add({ fault: 'drop-after', match: { action: 'database.commit*' } })
  const transaction = await db.startTransaction()
  await transaction.collection('notes').add({ data: { n: 1 } })
  await errorOf(transaction.commit())
  expect(await count()).toBe(1)
})

test('latency comes after the deed', async () => {
  emulator.faults.add({ fault: 'latency', ms: 50, match: { collection: 'notes' } })
  await add(1)
  expect(emulator.requests()).toMatchObject([{ fault: 'latency', code: null }])
  expect(await count()).toBe(1)
})

test('a fault strikes its action and its collection only, as often as it says', async () => {
  const id = emulator.faults.add({
    fault: 'error',
    match: { action: 'database.*', collection: 'notes' },
    times: 2,
  })
  await add(1, 'others')
  await errorOf(add(1))
  expect(emulator.faults.list()).toMatchObject([{ id, times: 1, matched: 1, struck: 1 }])
  await errorOf(add(1))
  await add(1)
  expect(await count()).toBe(1)
})

test('a rate strikes by chance, the same series for the same seed, until it is removed', async () => {
  const series = async (): Promise<string> => {
    const id = emulator.faults.add({
      fault: 'error',
      rate: 0.5,
      seed: 'seven',
      match: { action: 'database.calculateDocument' },
    })
    let seen = ''
    for (let i = 0; i < 12; i++)
      seen += await count().then(
        () => '.',
        () => 'x',
      )
    expect(emulator.faults.remove(id)).toBe(true)
    return seen
  }
  const first = await series()
  expect(await series()).toBe(first)
  expect(first).toBe('..x.x..xx..x')
  expect(await count()).toBe(0)
})

test.each<[object, string]>([
  [{ fault: 'explode' }, 'fault must be one of error, drop-before, drop-after, latency'],
  [{ fault: 'error', often: 1 }, 'often is no member of a fault'],
  [{ fault: 'error', match: { path: '/' } }, 'match must be'],
  [{ fault: 'error', times: 0 }, 'times must be'],
  [{ fault: 'error', rate: 2 }, 'rate must be'],
  [{ fault: 'latency', ms: -1 }, 'ms must be'],
  [{ fault: 'error', code: '' }, 'code must be'],
])('the fault %j is refused', (fault, message) => {
  expect(() => emulator.faults.add(fault as never)).toThrow(FaultError)
  expect(() => emulator.faults.add(fault as never)).toThrow(message)
})

async function control(
  method: string,
  path: string,
  body?: unknown,
  token = emulator.controlToken,
): Promise<[number, unknown]> {
  const response = await fetch(`${emulator.controlUrl}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return [response.status, await response.json()]
}

test('the same over HTTP, with the token', async () => {
  expect((await control('GET', 'state', undefined, 'guessed'))[0]).toBe(401)
  const [status, created] = await control('POST', 'faults', { fault: 'error', times: 3 })
  expect([status, created]).toEqual([200, { id: emulator.faults.list()[0]?.id }])
  expect((await control('GET', 'faults'))[1]).toMatchObject({ faults: [{ fault: 'error', times: 3 }] })
  const id = String(Reflect.get(Object(created), 'id'))
  expect(await control('DELETE', `faults/${id}`)).toEqual([200, {}])
  expect((await control('DELETE', `faults/${id}`))[0]).toBe(404)
  expect(await control('POST', 'faults', { fault: 'x' })).toEqual([
    400,
    { message: expect.stringContaining('fault must be one of') },
  ])
  expect(await control('POST', 'collections', { name: 'made' })).toEqual([200, {}])
  expect((await control('POST', 'collections', { name: 'no/name' }))[0]).toBe(400)
  const index = { collection: 'made', fields: [{ name: 'no', direction: 1 }], unique: true }
  expect(await control('POST', 'indexes', index)).toEqual([200, {}])
  for (const wrong of [
    {},
    { collection: 'made' },
    { ...index, fields: [{ name: 'no', direction: 2 }] },
    { ...index, sparse: true },
  ]) {
    expect((await control('POST', 'indexes', wrong))[0]).toBe(400)
  }
  await add(1, 'made')
  expect((await control('GET', 'state'))[1]).toEqual({
    collections: [
      { name: 'notes', documents: 0, indexes: [] },
      { name: 'others', documents: 0, indexes: [] },
      { name: 'made', documents: 1, indexes: [index] },
    ],
    files: 0,
  })
  expect((await control('GET', 'requests'))[1]).toMatchObject({
    requests: [{ action: 'database.insertDocument', collection: 'made' }],
  })
  expect(await control('POST', 'reset')).toEqual([200, {}])
  expect(await count('made')).toBe(0)
  expect((await control('POST', 'reset', '[]'))[0]).toBe(400)
  expect((await control('POST', 'faults', 'x'.repeat(70_000)))[0]).toBe(413)
  expect((await control('GET', 'nothing'))[0]).toBe(404)
})

test('the record of requests holds the last thousand', async () => {
  await Promise.all(Array.from({ length: 1_010 }, () => db.collection('notes').count()))
  expect(emulator.requests()).toHaveLength(1_000)
})
