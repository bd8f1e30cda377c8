/** @module Indexes: they find what a scan finds, and requireIndexes refuses what none of them serves. */
import { type CloudbaseEmulator, type IndexDeclaration, startCloudbaseEmulator } from 'cloudbase-emulator'
import { array, assert, asyncProperty, constantFrom, integer, option, record } from 'fast-check'
import { type Db, errorOf, openCloud } from './sdk'

const INDEXES: readonly IndexDeclaration[] = [
  {
    collection: 'jobs',
    fields: [
      { name: 'kind', direction: 1 },
      { name: 'dueAt', direction: -1 },
    ],
  },
  { collection: 'jobs', fields: [{ name: 'tags', direction: 1 }] },
  {
    collection: 'jobs',
    fields: [
      { name: 'deep.n', direction: 1 },
      { name: 'kind', direction: 1 },
      { name: '_id', direction: 1 },
    ],
  },
]
let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['plain'], indexes: INDEXES, requireIndexes: true })
  db = openCloud(emulator).database()
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

test('through an index the same is found as by looking at everything', async () => {
  const indexed = await startCloudbaseEmulator({ indexes: INDEXES })
  const scanning = await startCloudbaseEmulator({ collections: ['jobs'] })
  const value = constantFrom<unknown>(
    null,
    0,
    1,
    2,
    3,
    'a',
    'b',
    true,
    [],
    [1],
    { n: 1 },
    new Date(0),
    new Date(9),
  )
  const job = record({
    kind: option(value),
    dueAt: option(value),
    tags: option(array(value, { maxLength: 3 })),
    deep: option(record({ n: value })),
  })
  const range = record({ op: constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'neq'), value })
  try {
    await assert(
      asyncProperty(
        array(job, { minLength: 1, maxLength: 12 }),
        value,
        range,
        range,
        integer({ min: 0, max: 5 }),
        async (jobs, pinned, one, two, shape) => {
          const answers: unknown[] = []
          for (const target of [indexed, scanning]) {
            target.reset()
            const jobsIn = openCloud(target).database().collection('jobs')
            const _ = db.command
            const half = (limit: typeof one): { and(other: unknown): unknown } =>
              _[limit.op as 'gt'](limit.value)
            await jobsIn.add({ data: jobs.map((fields, i) => ({ _id: `j${i}`, ...fields })) })
            const queries = [
              jobsIn.where({ kind: pinned, dueAt: half(one).and(half(two)) }).orderBy('dueAt', 'asc'),
              jobsIn.where({ kind: _.in([pinned, 1, 'a']), dueAt: half(one) }),
              jobsIn.where({ tags: half(one).and(half(two)) }),
              jobsIn.where({ tags: pinned }),
              jobsIn
                .where({ 'deep.n': pinned, kind: half(one) })
                .orderBy('kind', 'desc')
                .orderBy('_id', 'desc'),
              jobsIn.where(_.or([{ tags: pinned }, { kind: pinned, dueAt: half(two) }]) as object),
            ]
            const found = (await queries[shape]?.get())?.data.map(({ _id }) => String(_id)) ?? []
            answers.push(shape === 4 ? found : found.sort())
          }
          expect(answers[0]).toEqual(answers[1])
        },
      ),
      { numRuns: 100, seed: 20261123 },
    )
  } finally {
    await scanning.close()
    await indexed.close()
    openCloud(emulator)
  }
})

test.each<[string, object, [string, 'asc' | 'desc'][]]>([
  ['an id', { _id: 'x', anything: 1 }, []],
  ['a list of ids', { _id: { $in: ['a', 'b'] }, anything: 1 }, [['anything', 'asc']]],
  ['a pinned first field', { kind: 'a' }, []],
  ['a list of pins', { kind: { $in: ['a', 'b'] }, dueAt: { $lte: 1 } }, []],
  ['a pin and a range', { kind: 'a', dueAt: { $lte: 1 } }, []],
  ['a pin and an order', { kind: 'a' }, [['dueAt', 'desc']]],
  ['a pin and the order backwards', { kind: 'a' }, [['dueAt', 'asc']]],
  [
    'an order alone',
    {},
    [
      ['kind', 'asc'],
      ['dueAt', 'desc'],
    ],
  ],
  [
    'a pin that is ordered by too',
    { kind: 'a' },
    [
      ['kind', 'desc'],
      ['dueAt', 'desc'],
    ],
  ],
  ['two branches with an index each', { $or: [{ tags: 'x' }, { kind: 'a' }] }, []],
  ['everything', {}, []],
])('served: %s', async (_, query, order) => {
  await expect(find(query, order)).resolves.toEqual({ code: undefined, message: undefined })
})

test.each<[string, object, [string, 'asc' | 'desc'][], string]>([
  ['a field of no index', { colour: 'red' }, [], '{ colour 1 }'],
  ['a second field alone', { dueAt: { $lte: 1 } }, [], '{ dueAt 1 }'],
  ['a field too many', { kind: 'a', dueAt: 1, colour: 'red' }, [], '{ kind 1, dueAt 1, colour 1 }'],
  ['an order of its own', { kind: 'a' }, [['colour', 'desc']], '{ kind 1, colour -1 }'],
  [
    'an order in two directions',
    {},
    [
      ['kind', 'asc'],
      ['dueAt', 'asc'],
    ],
    '{ kind 1, dueAt 1 }',
  ],
  ['a range before the order', { kind: { $gt: 'a' } }, [['dueAt', 'desc']], '{ dueAt -1, kind 1 }'],
  ['one branch without', { $or: [{ tags: 'x' }, { colour: 'red' }] }, [], '{ colour 1 }'],
  ['a gap', { 'deep.n': 1, _id: { $gt: 'a' } }, [], '{ deep.n 1, _id 1 }'],
])('not served: %s', async (_, query, order, fields) => {
  const { code, message } = await find(query, order)
  expect(code).toBe('DATABASE_REQUEST_FAILED')
  expect(message).toBe(`cloudbase-emulator: no index of jobs serves this query; declare one on ${fields}`)
})

async function find(
  query: object,
  order: [string, 'asc' | 'desc'][],
): Promise<{ code: unknown; message: unknown }> {
  const { $or, ...fields } = query as { $or?: unknown }
  const operators = (value: unknown): unknown => {
    const [name, operand] = Object.entries(Object(value))[0] ?? []
    return typeof value === 'object' && name?.startsWith('$')
      ? db.command[name.slice(1) as 'in'](operand)
      : value
  }
  const asked = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, operators(value)]))
  const where = db.collection('jobs').where($or === undefined ? asked : (db.command.or($or) as object))
  const error = await order
    .reduce((asking, [name, direction]) => asking.orderBy(name, direction), where)
    .get()
    .then(
      () => undefined,
      (thrown) => thrown,
    )
  const record = emulator.requests().at(-1)
  return {
    code: record?.code ?? undefined,
    message: error?.errMsg.replace(/^.*?(?=cloudbase-emulator: )/, ''),
  }
}

test('counting, changing, removing and aggregating need an index as well', async () => {
  const jobs = db.collection('jobs')
  const red = jobs.where({ colour: 'red' })
  for (const attempt of [
    red.count(),
    red.update({ data: { n: 1 } }),
    red.remove(),
    jobs.aggregate().match({ colour: 'red' }).end(),
    jobs.aggregate().match({ kind: 'a' }).sort({ colour: 1 }).end(),
  ]) {
    expect((await errorOf(attempt)).errMsg).toContain('no index of jobs serves this query')
  }
  await jobs.aggregate().match({ kind: 'a' }).sort({ dueAt: -1 }).end()
})

test('an index knows a document with an empty list, and stays out of what only a whole list answers', async () => {
  const jobs = db.collection('jobs')
  await jobs.add({
    data: [
      { _id: 'a', kind: 'x', dueAt: [] },
      { _id: 'b', kind: 'x', dueAt: 1 },
      { _id: 'c', tags: [1, 2] },
    ],
  })
  const found = await jobs
    .where({ kind: 'x', dueAt: db.command.neq(7) })
    .orderBy('dueAt', 'asc')
    .get()
  expect(found.data.map(({ _id }) => _id)).toEqual(['a', 'b'])
  expect((await jobs.where({ tags: db.command.gt([1]) }).get()).data).toEqual([{ _id: 'c', tags: [1, 2] }])
})

test('an index declared later serves and is kept to', async () => {
  await db.collection('plain').add({ data: [{ no: 1 }, { no: 1 }] })
  const query = db.collection('plain').where({ no: 1 })
  await errorOf(query.get())
  expect(() =>
    emulator.createIndex({ collection: 'plain', fields: [{ name: 'no', direction: 1 }], unique: true }),
  ).toThrow('E11000')
  emulator.createIndex({ collection: 'plain', fields: [{ name: 'no', direction: 1 }] })
  expect((await query.get()).data).toHaveLength(2)
  expect(() =>
    emulator.createIndex({ collection: 'plain', fields: [{ name: 'no', direction: 1 }], unique: true }),
  ).toThrow('plain has another index named no_1')
})

test('a unique index over two fields holds both together; missing fields count as null', async () => {
  emulator.createIndex({
    collection: 'pairs',
    fields: [
      { name: 'a', direction: 1 },
      { name: 'b', direction: 1 },
    ],
    unique: true,
  })
  const pairs = db.collection('pairs')
  await pairs.add({ data: [{ a: 1, b: 1 }, { a: 1, b: 2 }, { a: 1 }] })
  expect((await errorOf(pairs.add({ data: { a: 1, b: null } }))).errMsg).toContain(
    'dup key: { a: 1, b: null }',
  )
  expect((await errorOf(pairs.add({ data: { a: 1, b: 2 } }))).errMsg).toContain('dup key: { a: 1, b: 2 }')
})
