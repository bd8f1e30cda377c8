/** @module Transactions through the real SDK, traps of the SDK included. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Db, errorOf, openCloud } from './sdk'

let now = 1_800_000_000_000
let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({
    clock: () => now,
    collections: ['notes'],
    indexes: [{ collection: 'orders', fields: [{ name: 'no', direction: 1 }], unique: true }],
  })
  db = openCloud(emulator).database({ throwOnNotFound: false })
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

const numberIn = async (id: string): Promise<unknown> =>
  (await db.collection('notes').doc(id).get()).data?.n ?? null

test('nobody sees a transaction’s writes before its commit, and then all of them at once', async () => {
  await db.collection('notes').add({
    data: [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ],
  })
  const transaction = await db.startTransaction()
  await transaction
    .collection('notes')
    .doc('a')
    .update({ data: { n: 2 } })
  await transaction.collection('notes').doc('b').remove()
  await transaction.collection('notes').add({ data: { _id: 'c', n: 3 } })
  await transaction
    .collection('notes')
    .doc('d')
    .set({ data: { n: 4 } })
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(numberIn))).toEqual([1, 1, null, null])
  const own = await transaction
    .collection('notes')
    .where({ n: db.command.gte(1) })
    .orderBy('n', 'asc')
    .get()
  expect(own.data).toEqual([
    { _id: 'a', n: 2 },
    { _id: 'c', n: 3 },
    { _id: 'd', n: 4 },
  ])
  await transaction.commit()
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(numberIn))).toEqual([2, null, 3, 4])
})

test('a rolled back transaction leaves nothing', async () => {
  const transaction = await db.startTransaction()
  await transaction.collection('notes').add({ data: { _id: 'a', n: 1 } })
  await transaction.rollback()
  expect(await numberIn('a')).toBeNull()
})

test('a transaction sees what there was when it began, also through an index', async () => {
  await db.collection('orders').add({
    data: [
      { _id: 'a', no: 1 },
      { _id: 'b', no: 2 },
    ],
  })
  const transaction = await db.startTransaction()
  await db
    .collection('orders')
    .doc('a')
    .update({ data: { no: 9 } })
  await db.collection('orders').doc('b').remove()
  await db.collection('orders').add({ data: { _id: 'c', no: 1 } })
  const seen = transaction.collection('orders')
  expect((await seen.where({ no: 1 }).get()).data).toEqual([{ _id: 'a', no: 1 }])
  expect((await seen.where({ no: 9 }).get()).data).toEqual([])
  expect((await seen.doc('b').get()).data).toEqual({ _id: 'b', no: 2 })
  expect((await seen.doc('c').get()).data).toBeNull()
  await transaction.rollback()
})

test('the first writer wins: another’s lock or a newer document is a conflict, and the transaction is over', async () => {
  await db.collection('notes').add({
    data: [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ],
  })
  const [first, second, third] = await Promise.all([
    db.startTransaction(),
    db.startTransaction(),
    db.startTransaction(),
  ])
  await first
    .collection('notes')
    .doc('a')
    .update({ data: { n: 2 } })
  const locked = await errorOf(
    second
      .collection('notes')
      .doc('a')
      .update({ data: { n: 3 } }),
  )
  expect([locked.errCode, locked.code]).toEqual([-501001, undefined])
  expect(locked.errMsg).toContain('[ResourceUnavailable.TransactionConflict]')
  const over = await errorOf(second.collection('notes').doc('b').get())
  expect(over.errMsg).toContain('TransactionNotExist')
  await first.commit()
  const conflict = await errorOf(
    third
      .collection('notes')
      .doc('a')
      .update({ data: { n: 4 } }),
  )
  expect(conflict.errMsg).toContain('TransactionConflict')
  expect(await numberIn('a')).toBe(2)
})

test('a unique value is held by the transaction that wrote it', async () => {
  const [first, second] = await Promise.all([db.startTransaction(), db.startTransaction()])
  await first.collection('orders').add({ data: { _id: 'a', no: 1 } })
  expect((await errorOf(second.collection('orders').add({ data: { _id: 'b', no: 1 } }))).errMsg).toContain(
    'TransactionConflict',
  )
  const duplicate = await errorOf(first.collection('orders').add({ data: { _id: 'c', no: 1 } }))
  expect(duplicate.errMsg).toContain('E11000')
})

test('a transaction that begins later sees, and may change, what was committed while another one was open', async () => {
  await db.collection('notes').add({ data: { _id: 'a', n: 1 } })
  const early = await db.startTransaction()
  await db
    .collection('notes')
    .doc('a')
    .update({ data: { n: 2 } })
  const late = await db.startTransaction()
  expect((await early.collection('notes').doc('a').get()).data.n).toBe(1)
  expect((await late.collection('notes').doc('a').get()).data.n).toBe(2)
  await late
    .collection('notes')
    .doc('a')
    .update({ data: { n: db.command.inc(1) } })
  await late.commit()
  expect((await early.collection('notes').doc('a').get()).data.n).toBe(1)
  await early.rollback()
  expect(await numberIn('a')).toBe(3)
})

test('a unique value taken since a transaction began is a conflict, one taken before it a duplicate', async () => {
  await db.collection('orders').add({ data: { _id: 'old', no: 1 } })
  const [first, second] = await Promise.all([db.startTransaction(), db.startTransaction()])
  await db.collection('orders').add({ data: { _id: 'new', no: 2 } })
  const add = (transaction: typeof first, no: number) =>
    errorOf(transaction.collection('orders').add({ data: { _id: 'mine', no } }))
  expect((await add(first, 2)).errMsg).toContain('TransactionConflict')
  expect((await add(second, 1)).errMsg).toContain('E11000')
})

test('a unique value moves from one document to another within a transaction', async () => {
  await db.collection('orders').add({ data: { _id: 'old', no: 1 } })
  await db.runTransaction(async (transaction) => {
    await transaction.collection('orders').doc('old').remove()
    await transaction.collection('orders').add({ data: { _id: 'new', no: 1 } })
  })
  expect((await db.collection('orders').where({ no: 1 }).get()).data).toEqual([{ _id: 'new', no: 1 }])
  expect((await errorOf(db.collection('orders').add({ data: { no: 1 } }))).errMsg).toContain('E11000')
})

test('a write outside waits for the transaction that holds the document', async () => {
  await db.collection('notes').add({ data: { _id: 'a', n: 1 } })
  const transaction = await db.startTransaction()
  await transaction
    .collection('notes')
    .doc('a')
    .update({ data: { n: 2 } })
  const outside = db
    .collection('notes')
    .where({ _id: 'a', n: 1 })
    .update({ data: { n: 3 } })
  await transaction.commit()
  expect((await outside).stats.updated).toBe(0)
  expect(await numberIn('a')).toBe(2)
})

test('a transaction lives thirty seconds', async () => {
  const transaction = await db.startTransaction()
  await transaction.collection('notes').add({ data: { _id: 'a', n: 1 } })
  now += 29_999
  await transaction.collection('notes').doc('a').get()
  now += 1
  const error = await errorOf(transaction.commit())
  expect(error.code).toBe('DATABASE_TRANSACTION_FAIL')
  expect(await numberIn('a')).toBeNull()
})

test('trap: runTransaction does not repeat after a conflict that an operation met', async () => {
  await db.collection('notes').add({ data: { _id: 'a', n: 0 } })
  const runs = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      db.runTransaction(async (transaction) => {
        const { data } = await transaction.collection('notes').doc('a').get()
        await transaction
          .collection('notes')
          .doc('a')
          .update({ data: { n: Number(data.n) + 1 } })
      }),
    ),
  )
  const won = runs.filter(({ status }) => status === 'fulfilled').length
  expect(won).toBeLessThan(20)
  expect(await numberIn('a')).toBe(won)
  expect(emulator.requests().filter(({ action }) => action === 'database.startTransaction')).toHaveLength(20)
})

test('runTransaction repeats after a conflict at its commit', async () => {
  emulator.faults.add({
    fault: 'error',
    match: { action: 'database.commitTransaction' },
    code: 'DATABASE_TRANSACTION_CONFLICT',
    times: 2,
  })
  let runs = 0
  await db.runTransaction(async (transaction) => {
    runs++
    await transaction
      .collection('notes')
      .doc(`run${runs}`)
      .set({ data: { n: runs } })
  })
  expect(runs).toBe(3)
  expect(await Promise.all(['run1', 'run2', 'run3'].map(numberIn))).toEqual([null, null, 3])
})

test('a loop of one’s own around startTransaction gets everybody through', async () => {
  await db.collection('notes').add({ data: { _id: 'a', n: 0 } })
  const increment = async (): Promise<void> => {
    for (;;) {
      const transaction = await db.startTransaction()
      try {
        const { data } = await transaction.collection('notes').doc('a').get()
        await transaction
          .collection('notes')
          .doc('a')
          .update({ data: { n: Number(data.n) + 1 } })
        await transaction.commit()
        return
      } catch (error) {
        if (!/Transaction(Conflict|Busy)/.test(String(Reflect.get(Object(error), 'errMsg')))) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: 8 }, increment))
  expect(await numberIn('a')).toBe(8)
})

test('trap: two operations of one transaction at the same time are refused; one after the other they are not', async () => {
  await db.collection('notes').add({
    data: [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ],
  })
  const transaction = await db.startTransaction()
  const notes = transaction.collection('notes')
  const [first, second] = await Promise.allSettled(['a', 'b'].map((id) => notes.doc(id).get()))
  const refused = [first, second].filter((result) => result?.status === 'rejected')
  expect(refused).toMatchObject([
    { reason: { errCode: -501001, errMsg: expect.stringContaining('TransactionBusy') } },
  ])
  expect((await notes.doc('b').get()).data).toEqual({ _id: 'b', n: 2 })
  await transaction.commit()
})

test('trap: where().update() and where().remove() of a transaction are sent without it', async () => {
  await db.collection('notes').add({
    data: [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 1 },
    ],
  })
  const transaction = await db.startTransaction()
  await transaction
    .collection('notes')
    .where({ _id: 'a' })
    .update({ data: { n: 2 } })
  await transaction.collection('notes').where({ _id: 'b' }).remove()
  await transaction.rollback()
  expect(await Promise.all(['a', 'b'].map(numberIn))).toEqual([2, null])
  const written = emulator.requests().filter(({ action }) => /modify|remove/.test(action))
  expect(written.map(({ inTransaction }) => inTransaction)).toEqual([false, false])
})
