/** @module Aggregations through the real SDK. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Db, openCloud } from './sdk'

let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['orders', 'buyers'] })
  db = openCloud(emulator).database()
  await db.collection('orders').add({
    data: [
      { _id: 'a', buyer: 'x', fen: 100, at: new Date('2026-01-01T10:00:00Z'), lines: [{ n: 1 }, { n: 2 }] },
      { _id: 'b', buyer: 'x', fen: 250, at: new Date('2026-01-02T10:00:00Z'), lines: [], terms: { days: 7 } },
      { _id: 'c', buyer: 'y', fen: 50, at: new Date('2026-01-02T11:00:00Z'), lines: [{ n: 5 }] },
    ],
  })
  await db.collection('buyers').add({ data: [{ _id: 'x', name: '甲' }] })
})
afterAll(() => emulator.close())

test('match, group, sort, project', async () => {
  const { list } = await db
    .collection('orders')
    .aggregate()
    .match({ fen: db.command.gte(50) })
    .group({ _id: '$buyer', sum: { $sum: '$fen' }, most: { $max: '$fen' }, ids: { $push: '$_id' } })
    .sort({ sum: -1 })
    .project({ _id: 0, buyer: '$_id', sum: 1, yuan: { $divide: ['$sum', 100] }, ids: 1 })
    .end()
  expect(list).toEqual([
    { buyer: 'x', sum: 350, yuan: 3.5, ids: ['a', 'b'] },
    { buyer: 'y', sum: 50, yuan: 0.5, ids: ['c'] },
  ])
})

test('a match by a date goes through whole', async () => {
  const { list } = await db
    .collection('orders')
    .aggregate()
    .match({ at: db.command.gt(new Date('2026-01-02T10:00:00Z')) })
    .project({ at: 1 })
    .end()
  expect(list).toEqual([{ _id: 'c', at: new Date('2026-01-02T11:00:00Z') }])
})

test('unwind, skip, limit, count, addFields, sortByCount, replaceRoot', async () => {
  const orders = () => db.collection('orders').aggregate()
  expect((await orders().unwind('$lines').count('lines').end()).list).toEqual([{ lines: 3 }])
  expect(
    (
      await orders()
        .sort({ fen: 1 })
        .skip(1)
        .limit(1)
        .addFields({ double: { $multiply: ['$fen', 2] } })
        .project({ double: 1 })
        .end()
    ).list,
  ).toEqual([{ _id: 'a', double: 200 }])
  expect((await orders().sortByCount('$buyer').end()).list).toEqual([
    { _id: 'x', count: 2 },
    { _id: 'y', count: 1 },
  ])
  expect(
    (await orders().unwind('$lines').replaceRoot({ newRoot: '$lines' }).sort({ n: -1 }).end()).list,
  ).toEqual([{ n: 5 }, { n: 2 }, { n: 1 }])
})

test('lookup joins another collection', async () => {
  const { list } = await db
    .collection('orders')
    .aggregate()
    .match({ _id: 'a' })
    .lookup({ from: 'buyers', localField: 'buyer', foreignField: '_id', as: 'who' })
    .project({ who: 1 })
    .end()
  expect(list).toEqual([{ _id: 'a', who: [{ _id: 'x', name: '甲' }] }])
})

test('an aggregation changes no document', async () => {
  const all = () => Promise.all(['orders', 'buyers'].map((name) => db.collection(name).get()))
  const before = await all()
  const orders = () => db.collection('orders').aggregate()
  await orders().unwind('$lines').addFields({ 'lines.n': 9, fen: 0 }).end()
  const joined = orders().lookup({ from: 'buyers', localField: 'buyer', foreignField: '_id', as: 'who' })
  await joined.addFields({ 'who.name': '乙' }).unwind('$who').addFields({ 'who.name': '丙' }).end()
  await orders().addFields({ 'terms.days': 9 }).end()
  expect(await all()).toEqual(before)
})

test('trap: without a limit an aggregation gives twenty', async () => {
  await db.collection('buyers').add({ data: Array.from({ length: 30 }, (_, n) => ({ _id: `b${n}` })) })
  const buyers = () =>
    db
      .collection('buyers')
      .aggregate()
      .match({ _id: db.RegExp({ regexp: '^b' }) })
  expect((await buyers().end()).list).toHaveLength(20)
  expect((await buyers().limit(25).end()).list).toHaveLength(25)
})
