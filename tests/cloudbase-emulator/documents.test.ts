/** @module Documents through the real SDK: adding, finding, changing, removing. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Db, errorOf, openCloud } from './sdk'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({
    clock: () => NOW,
    collections: ['notes'],
    indexes: [{ collection: 'orders', fields: [{ name: 'outTradeNo', direction: 1 }], unique: true }],
  })
  db = openCloud(emulator).database({ throwOnNotFound: false })
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

test('what is added is found again, every type as it was', async () => {
  const at = new Date('2026-11-23T10:00:00.123Z')
  const document = {
    n: 1.5,
    big: 2 ** 40,
    text: '分',
    yes: true,
    none: null,
    at,
    list: [1, [2], { a: 'b' }],
    deep: { a: { b: 1 } },
  }
  await db.collection('notes').add({ data: { _id: 'one', ...document } })
  expect((await db.collection('notes').doc('one').get()).data).toEqual({ _id: 'one', ...document })
})

test('a document without an id gets one', async () => {
  const { _id } = await db.collection('notes').add({ data: { n: 1 } })
  expect(_id).toMatch(/^[0-9a-f]{32}$/)
  expect((await db.collection('notes').doc(_id).get()).data).toEqual({ _id, n: 1 })
})

test('a server date is the server’s time, with its offset, wherever it is written', async () => {
  const note = db.collection('notes').doc('one')
  await note.set({ data: { at: db.serverDate() } })
  await note.update({ data: { later: db.serverDate({ offset: 60_000 }), deep: { at: db.serverDate() } } })
  const { data } = await note.get()
  expect(data).toEqual({
    _id: 'one',
    at: new Date(NOW),
    later: new Date(NOW + 60_000),
    deep: { at: new Date(NOW) },
  })
})

test('a second document with the same id or the same unique field is refused with E11000 in the text', async () => {
  await db.collection('orders').add({ data: { _id: 'a', outTradeNo: 'T1' } })
  for (const data of [
    { _id: 'a', outTradeNo: 'T2' },
    { _id: 'b', outTradeNo: 'T1' },
  ]) {
    const error = await errorOf(db.collection('orders').add({ data }))
    expect(error.errCode).toBe(-502001)
    expect(error.errMsg).toContain('E11000 duplicate key error')
    expect(error.code).toBeUndefined()
  }
  await db.collection('orders').add({ data: { _id: 'c', outTradeNo: 'T2' } })
  const error = await errorOf(
    db
      .collection('orders')
      .doc('c')
      .update({ data: { outTradeNo: 'T1' } }),
  )
  expect(error.errMsg).toContain('index: outTradeNo_1 dup key: { outTradeNo: "T1" }')
  expect((await db.collection('orders').doc('c').get()).data.outTradeNo).toBe('T2')
})

test('of fifty compare-and-swaps at once one wins', async () => {
  const orders = db.collection('orders')
  await orders.add({ data: { _id: 'o', outTradeNo: 'T', ver: 1, outbox: [] } })
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      orders
        .where({ _id: 'o', ver: 1 })
        .update({ data: { ver: 2, winner: i, outbox: db.command.push([{ i }]) } }),
    ),
  )
  expect(results.reduce((sum, { stats }) => sum + stats.updated, 0)).toBe(1)
  const winner = results.findIndex(({ stats }) => stats.updated === 1)
  expect((await orders.doc('o').get()).data).toEqual({
    _id: 'o',
    outTradeNo: 'T',
    ver: 2,
    winner,
    outbox: [{ i: winner }],
  })
})

test('queries: comparison, logic, lists, existence, patterns, order, pages, fields', async () => {
  const { command: _ } = db
  const notes = db.collection('notes')
  for (let n = 1; n <= 5; n++) {
    await notes.add({
      data: {
        _id: `n${n}`,
        n,
        tags: n % 2 === 0 ? ['even'] : ['odd', 'x'],
        deep: { n },
        ...(n === 5 ? { last: true } : {}),
      },
    })
  }
  const ids = async (query: object): Promise<unknown[]> =>
    (await notes.where(query).orderBy('n', 'asc').get()).data.map(({ _id }) => _id)
  expect(await ids({ n: _.gt(1).and(_.lte(3)) })).toEqual(['n2', 'n3'])
  expect(await ids({ n: _.in([1, 5, 9]) })).toEqual(['n1', 'n5'])
  expect(await ids({ n: _.nin([1, 2, 3]) })).toEqual(['n4', 'n5'])
  expect(await ids({ n: _.neq(1), last: _.exists(false) })).toEqual(['n2', 'n3', 'n4'])
  expect(await ids(_.or([{ n: 1 }, { 'deep.n': 2 }]))).toEqual(['n1', 'n2'])
  expect(await ids({ deep: { n: 3 } })).toEqual(['n3'])
  expect(await ids({ tags: 'even' })).toEqual(['n2', 'n4'])
  expect(await ids({ tags: _.all(['odd', 'x']) })).toEqual(['n1', 'n3', 'n5'])
  expect(await ids({ _id: /^N[12]$/i })).toEqual(['n1', 'n2'])
  expect(await ids({ _id: db.RegExp({ regexp: '[45]$' }) })).toEqual(['n4', 'n5'])
  expect((await notes.where({ n: _.gt(1) }).count()).total).toBe(4)
  const page = await notes.orderBy('n', 'desc').skip(1).limit(2).field({ n: true, _id: false }).get()
  expect(page.data).toEqual([{ n: 4 }, { n: 3 }])
  const part = notes.where({ n: 2 })
  expect((await part.field({ 'deep.n': true }).get()).data).toEqual([{ _id: 'n2', deep: { n: 2 } }])
  expect((await part.field({ 'deep.n': false, n: false }).get()).data).toEqual([
    { _id: 'n2', tags: ['even'], deep: {} },
  ])
  expect((await part.get()).data).toEqual([{ _id: 'n2', n: 2, tags: ['even'], deep: { n: 2 } }])
})

test('a page is a hundred documents unless asked, and never more than a thousand', async () => {
  const notes = db.collection('notes')
  const many = Array.from({ length: 600 }, (_, n) => ({ n }))
  await notes.add({ data: many })
  await notes.add({ data: many })
  expect((await notes.get()).data).toHaveLength(100)
  expect((await notes.limit(150).get()).data).toHaveLength(150)
  expect((await notes.limit(5_000).get()).data).toHaveLength(1_000)
  expect((await notes.count()).total).toBe(1_200)
})

test('updates: the operators of db.command', async () => {
  const { command: _ } = db
  const note = db.collection('notes').doc('one')
  await note.set({
    data: { n: 1, m: 4, list: [1, 2, 3], gone: 1, old: 'x', deep: { a: 1, b: 2 }, low: 5, high: 5 },
  })
  await note.update({
    data: {
      n: _.inc(2),
      m: _.mul(2),
      list: _.push({ each: [9, 8], position: 1, slice: 4 }),
      gone: _.remove(),
      old: _.rename('fresh'),
      deep: { a: 7 },
      low: _.min(3),
      high: _.max(3),
    },
  })
  expect((await note.get()).data).toEqual({
    _id: 'one',
    n: 3,
    m: 8,
    list: [1, 9, 8, 2],
    fresh: 'x',
    deep: { a: 7, b: 2 },
    low: 3,
    high: 5,
  })
  await note.update({ data: { list: _.pull(9), deep: _.set({ c: 1 }) } })
  await note.update({ data: { list: _.pop() } })
  await note.update({
    data: {
      list: _.unshift([0]),
      made: _.push({ each: [3, 1, 2], sort: 1, slice: 2 }),
      set: _.addToSet('a'),
    },
  })
  await note.update({ data: { list: _.pull(_.gte(8)), set: _.addToSet('a') } })
  const { data } = await note.get()
  expect([data.list, data.deep, data.made, data.set]).toEqual([[0, 1], { c: 1 }, [1, 2], ['a']])
})

test('an update counts what it changed; set() makes or replaces; removing tells how many', async () => {
  const notes = db.collection('notes')
  expect((await notes.doc('one').set({ data: { n: 1, x: 1 } })).stats).toEqual({ updated: 0, created: 1 })
  expect((await notes.doc('one').set({ data: { n: 2 } })).stats).toEqual({ updated: 1, created: 0 })
  expect((await notes.doc('one').get()).data).toEqual({ _id: 'one', n: 2 })
  expect((await notes.doc('one').update({ data: { n: 2 } })).stats).toEqual({ updated: 0 })
  expect((await notes.doc('none').update({ data: { n: 2 } })).stats).toEqual({ updated: 0 })
  await notes.add({ data: [{ n: 7 }, { n: 7 }, { n: 7 }] })
  expect((await notes.where({ n: 7 }).update({ data: { n: 8 }, multi: false })).stats).toEqual({ updated: 1 })
  expect((await notes.where({ n: 7 }).update({ data: { n: 8 } })).stats).toEqual({ updated: 2 })
  expect((await notes.where({ n: 8 }).remove({ multi: false })).stats).toEqual({ removed: 1 })
  expect((await notes.where({ n: 8 }).remove()).stats).toEqual({ removed: 2 })
  expect((await notes.doc('one').remove()).stats).toEqual({ removed: 1 })
  expect((await notes.count()).total).toBe(0)
})

test('a collection has to be made before it is used', async () => {
  const error = await errorOf(db.collection('missing').add({ data: { n: 1 } }))
  expect(error.errCode).toBe(-502005)
  expect(error.errMsg).toContain('Db or Table not exist: missing')
  await db.createCollection('made')
  await db.collection('made').add({ data: { n: 1 } })
  expect((await db.collection('made').count()).total).toBe(1)
  expect((await errorOf(db.createCollection('made'))).errMsg).toContain('Table exist')
})
