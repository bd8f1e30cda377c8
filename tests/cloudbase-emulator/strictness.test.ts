/** @module What is not emulated is refused by name, with the SDK's own requests and with others signed as the SDK signs. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { type Db, errorOf, openCloud } from './sdk'
import { type SendOptions, sendSigned } from './signed'

let emulator: CloudbaseEmulator
let db: Db

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['notes'], maxDocumentBytes: 1_000 })
  db = openCloud(emulator).database()
})
beforeEach(() => db.collection('notes').add({ data: { _id: 'one', n: 1, text: 'x', list: [1] } }))
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

const send = (members: object, options: SendOptions = {}) => sendSigned(emulator, members, options)

const find = (query: object): Promise<unknown> => db.collection('notes').where(query).get()
const change = (data: object): Promise<unknown> => db.collection('notes').doc('one').update({ data })
const pipe = (name: 'sample' | 'bucket' | 'project' | 'group', value: unknown): Promise<unknown> =>
  db.collection('notes').aggregate()[name](value).end()
const raw = (action: string, members: object) => async (): Promise<unknown> => {
  const { code, message } = await send({ action, collectionName: 'notes', ...members })
  if (code !== undefined) throw { errMsg: `${code} ${message}` }
  return undefined
}

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a geography operator',
    () => find({ n: db.command.geoNear({ geometry: { toJSON: () => ({}) } }) }),
    'the query operator $nearSphere',
  ],
  [
    'an operator of a query by name',
    raw('database.getDocument', { query: '{"n":{"$type":2}}' }),
    'the query operator $type (n)',
  ],
  [
    'an operator within another',
    raw('database.getDocument', { query: '{"a":{"$elemMatch":{"b":{"$bitsAllSet":1}}}}' }),
    '$bitsAllSet',
  ],
  [
    'an operator within a branch',
    raw('database.getDocument', { query: '{"$or":[{"a":1},{"$text":{"$search":"x"}}]}' }),
    '$text',
  ],
  [
    'JavaScript in a query',
    raw('database.getDocument', { query: '{"$where":"true"}' }),
    'the query operator $where',
  ],
  [
    'an expression',
    raw('database.getDocument', { query: '{"$expr":{"$function":{"body":""}}}' }),
    'the query operator $expr',
  ],
  ['an update operator', () => change({ n: db.command.bit({ and: 5 }) }), 'the update operator $bit'],
  [
    'an update operator by name',
    raw('database.modifyDocument', { query: '{"_id":"one"}', data: '{"$currentDate":{"at":true}}' }),
    '$currentDate',
  ],
  [
    'a modifier of $push',
    raw('database.modifyDocument', { query: '{}', data: '{"$push":{"list":{"$each":[1],"$first":1}}}' }),
    'the modifier $first of $push',
  ],
  [
    'a positional path',
    raw('database.modifyDocument', { query: '{}', data: '{"$set":{"list.$":1}}' }),
    'the update path list.$',
  ],
  [
    'an upsert that merges',
    raw('database.modifyDocument', { query: '{}', data: '{"$set":{"n":1}}', upsert: true }),
    'merge true with upsert true',
  ],
  [
    'a replacement by a query',
    raw('database.modifyDocument', { query: '{"n":1}', data: '{}', merge: false, upsert: true }),
    'replacing by anything but _id',
  ],
  ['a stage', () => pipe('sample', { size: 1 }), 'the aggregation stage $sample'],
  ['a stage of an expression', () => pipe('bucket', { groupBy: '$n', boundaries: [0, 5] }), '$bucket'],
  ['an aggregation operator', () => pipe('project', { x: { $toObjectId: '$n' } }), '$toObjectId'],
  [
    'an accumulator',
    () => pipe('group', { _id: null, x: { $percentile: '$n' } }),
    'the accumulator $percentile',
  ],
  ['a variable', () => pipe('project', { x: '$$NOW' }), 'the aggregation variable $$NOW'],
  [
    'a projection of a part',
    () =>
      db
        .collection('notes')
        .field({ list: { $slice: 1 } })
        .get(),
    'the projection of list',
  ],
  [
    'a type',
    raw('database.insertDocument', { data: ['{"id":{"$oid":"507f1f77bcf86cd799439011"}}'] }),
    'the type ObjectId',
  ],
  [
    'a decimal',
    raw('database.insertDocument', { data: ['{"x":{"$numberDecimal":"1.1"}}'] }),
    'the type Decimal128',
  ],
  [
    'not a number',
    raw('database.insertDocument', { data: ['{"x":{"$numberDouble":"NaN"}}'] }),
    'the number NaN',
  ],
  ['an action', raw('database.runCommand', {}), 'the action database.runCommand'],
  [
    'a member of a request',
    raw('database.getDocument', { hint: 'n_1' }),
    'the member hint of database.getDocument',
  ],
  ['a kind of query', raw('database.getDocument', { queryType: 'SQL' }), 'the queryType SQL'],
])('%s is refused by name', async (_, attempt, named) => {
  const { errMsg } = await errorOf(attempt())
  expect(errMsg).toContain('cloudbase-emulator: ')
  expect(errMsg).toContain(named)
  expect(errMsg).toContain('is not emulated')
})

test.each<[string, () => Promise<unknown>, string]>([
  [
    'an increment of a text',
    () => change({ text: db.command.inc(1) }),
    'Cannot apply $inc to a value of non-numeric type',
  ],
  ['a push onto a number', () => change({ n: db.command.push([1]) }), "The field 'n' must be an array"],
  ['a pull from a text', () => change({ text: db.command.pull(1) }), "The field 'text' must be an array"],
  [
    'a field inside a number',
    () => change({ n: { deep: 1 } }),
    "Cannot create field 'deep' in element {n: 1}",
  ],
  [
    'two changes of one field',
    raw('database.modifyDocument', { query: '{}', data: '{"$set":{"a":1},"$inc":{"a":1}}' }),
    'conflict',
  ],
  [
    'a change of the id',
    raw('database.modifyDocument', { query: '{}', data: '{"$set":{"_id":"x"}}' }),
    "_id can't be changed",
  ],
  [
    'an update without operators',
    raw('database.modifyDocument', { query: '{}', data: '{"a":1}' }),
    'mixes the field a with operators',
  ],
  [
    'operators and fields together',
    raw('database.getDocument', { query: '{"a":{"$gt":1,"b":2}}' }),
    'a mixes operators with the field b',
  ],
  ['a document that is too large', () => change({ text: 'x'.repeat(1_000) }), 'the limit is 1000'],
  [
    'a field name with a dollar',
    raw('database.insertDocument', { data: ['{"a":{"$b":1}}'] }),
    'the field name "$b" in a is not allowed',
  ],
  [
    'a field name with a dot',
    raw('database.insertDocument', { data: ['{"a.b":1}'] }),
    'the field name "a.b" is not allowed',
  ],
  [
    'a member that reaches for a prototype',
    raw('database.insertDocument', { data: ['{"__proto__":{"x":1}}'] }),
    '__proto__',
  ],
  [
    'an id that is an object',
    raw('database.insertDocument', { data: ['{"_id":{"a":1}}'] }),
    '_id must be a string or a number',
  ],
  [
    'more than a thousand at once',
    raw('database.getDocument', { limit: 1_001 }),
    'limit must be a whole number from 1 to 1000',
  ],
  ['another environment', raw('database.getDocument', { envName: 'other-env' }), 'INVALIID_ENV'],
])('%s is refused', async (_, attempt, named) => {
  expect((await errorOf(attempt())).errMsg).toContain(named)
  expect((await db.collection('notes').doc('one').get()).data).toEqual({
    _id: 'one',
    n: 1,
    text: 'x',
    list: [1],
  })
})

test('a get that names no limit gives a hundred', async () => {
  await db.collection('notes').add({ data: Array.from({ length: 120 }, (_, n) => ({ n })) })
  const answer = await send({ action: 'database.getDocument', collectionName: 'notes' })
  expect(answer).toMatchObject({ data: { list: { length: 100 } }, limit: 100 })
})

test('a request is signed with the right credentials, lately, and all of it', async () => {
  const count = { action: 'database.calculateDocument', collectionName: 'notes' }
  expect(await send(count)).toMatchObject({ data: { total: 1 } })
  expect(await send(count, { secretKey: 'guessed' })).toMatchObject({
    message: '[AuthFailure] the signature is wrong',
  })
  expect(await send(count, { ageSeconds: 601 })).toMatchObject({ code: 'SIGN_PARAM_INVALID' })
  const other = (body: string): string => body.replace('"notes"', '"noted"')
  expect(await send(count, { tamper: other })).toMatchObject({
    message: '[AuthFailure] the signature is wrong',
  })
  const added = (body: string): string => body.replace('}', ',"query":"{}"}')
  expect(await send(count, { tamper: added })).toMatchObject({
    message: '[AuthFailure] the member query is not signed',
  })
  const unsigned = await fetch(emulator.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...count, envName: 'local-env' }),
  })
  expect(await unsigned.json()).toMatchObject({ code: 'SIGN_PARAM_INVALID' })
  expect(await send(count, { path: '/web' })).toEqual({ code: '404' })
})

test('a secret that the emulator does not know is refused to the SDK too', async () => {
  process.env.TENCENTCLOUD_SECRETKEY = 'another'
  try {
    const { errMsg } = await errorOf(db.collection('notes').count())
    expect(errMsg).toContain('the signature is wrong')
  } finally {
    openCloud(emulator)
  }
})
