/** @module Queries and updates mean what they mean in MongoDB: a table of each, the expectations written by hand. */
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { sendSigned } from './signed'

let emulator: CloudbaseEmulator

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['values', 'notes'] })
})
afterAll(() => emulator.close())

const call = async (
  action: string,
  collectionName: string,
  members: object,
): Promise<Record<string, unknown>> => {
  const { code, message, data } = await sendSigned(emulator, { action, collectionName, ...members })
  if (code !== undefined) throw new Error(`${code} ${message}`)
  return data ?? {}
}

// Each under its name; `missing` has no field a.
const VALUES: Readonly<Record<string, unknown>> = {
  one: 1,
  two: 2,
  text: '1',
  null: null,
  true: true,
  date: { $date: { $numberLong: '5' } },
  empty: [],
  pair: [1, 2],
  nested: [[1]],
  nulls: [null],
  object: { b: 1 },
  objects: [{ b: 1 }, { b: 2 }],
  partly: [{ b: 1 }, { c: 1 }],
}

const ALL = [...Object.keys(VALUES), 'missing']
const allBut = (...names: string[]): string[] => ALL.filter((name) => !names.includes(name))

test.each<[string, string[]]>([
  ['{ "a": 1 }', ['one', 'pair']],
  ['{ "a": { "$gt": 0 } }', ['one', 'two', 'pair']],
  ['{ "a": { "$gt": 0, "$lt": 2 } }', ['one', 'pair']],
  ['{ "a": { "$lt": "2" } }', ['text']],
  ['{ "a": { "$gte": true } }', ['true']],
  ['{ "a": { "$gt": true } }', []],
  ['{ "a": { "$gte": { "$date": { "$numberLong": "5" } } } }', ['date']],
  // Types before names: { b: 1 } is less than { a: "x" }.
  ['{ "a": { "$lt": { "a": "x" } } }', ['object', 'objects', 'partly']],
  ['{ "a": { "$ne": 1 } }', allBut('one', 'pair')],
  ['{ "a": null }', ['null', 'nulls', 'missing']],
  ['{ "a": { "$lte": null } }', ['null', 'nulls', 'missing']],
  ['{ "a": { "$in": [null, "1"] } }', ['text', 'null', 'nulls', 'missing']],
  ['{ "a": { "$nin": [null, 1] } }', allBut('null', 'nulls', 'missing', 'one', 'pair')],
  ['{ "a": { "$exists": true } }', allBut('missing')],
  ['{ "a": { "$exists": false } }', ['missing']],
  ['{ "a": [] }', ['empty']],
  ['{ "a": [1] }', ['nested']],
  ['{ "a": [1, 2] }', ['pair']],
  ['{ "a": [2, 1] }', []],
  ['{ "a": { "b": 1 } }', ['object', 'objects', 'partly']],
  ['{ "a.b": 1 }', ['object', 'objects', 'partly']],
  ['{ "a.b": { "$exists": true } }', ['object', 'objects', 'partly']],
  ['{ "a.b": null }', ['one', 'two', 'text', 'null', 'true', 'date', 'partly', 'missing']],
  ['{ "a.1": 2 }', ['pair']],
  ['{ "a.1.b": 2 }', ['objects']],
  ['{ "a": { "$size": 0 } }', ['empty']],
  ['{ "a": { "$size": 2 } }', ['pair', 'objects', 'partly']],
  ['{ "a": { "$all": [1] } }', ['one', 'pair']],
  ['{ "a": { "$all": [2, 1] } }', ['pair']],
  ['{ "a": { "$all": [] } }', []],
  ['{ "a": { "$all": [{ "$elemMatch": { "b": 1 } }, { "$elemMatch": { "b": 2 } }] } }', ['objects']],
  ['{ "a": { "$elemMatch": { "$gt": 1 } } }', ['pair']],
  ['{ "a": { "$elemMatch": { "b": { "$gt": 1 } } } }', ['objects']],
  ['{ "a": { "$elemMatch": { "$or": [{ "b": 2 }, { "c": 1 }] } } }', ['objects', 'partly']],
  ['{ "a": { "$mod": [2, 0] } }', ['two', 'pair']],
  ['{ "a": { "$not": { "$gt": 0 } } }', allBut('one', 'two', 'pair')],
  ['{ "a": { "$regularExpression": { "pattern": "1", "options": "" } } }', ['text']],
  ['{ "a": { "$not": { "$regularExpression": { "pattern": "1", "options": "" } } } }', allBut('text')],
  ['{ "$or": [{ "a": 1 }, { "a": "1" }] }', ['one', 'text', 'pair']],
  ['{ "$nor": [{ "a": 1 }, { "a": null }] }', allBut('one', 'pair', 'null', 'nulls', 'missing')],
  ['{ "$and": [{ "a": { "$gt": 0 } }, { "a": { "$ne": 2 } }] }', ['one']],
])('%s finds what MongoDB finds', async (query, found) => {
  emulator.reset()
  const documents = Object.entries(VALUES).map(([_id, a]) => JSON.stringify({ _id, a }))
  await call('database.insertDocument', 'values', { data: [...documents, '{"_id":"missing"}'] })
  const { list } = await call('database.getDocument', 'values', { query })
  const ids = (list as string[]).map((text) => JSON.parse(text)._id)
  expect(ids).toEqual(ALL.filter((name) => found.includes(name)))
})

const withId = (text: string): string => JSON.stringify({ _id: 'x', ...JSON.parse(text) })

test.each<[string, string, string]>([
  ['{}', '{"$inc":{"n":2}}', '{"n":2}'],
  ['{}', '{"$inc":{"a.b":2}}', '{"a":{"b":2}}'],
  ['{}', '{"$mul":{"n":2}}', '{"n":0}'],
  ['{"n":3}', '{"$mul":{"n":2}}', '{"n":6}'],
  ['{}', '{"$min":{"n":2}}', '{"n":2}'],
  ['{"n":1}', '{"$min":{"n":2}}', '{"n":1}'],
  ['{"n":1}', '{"$max":{"n":2}}', '{"n":2}'],
  ['{"a":{"b":1}}', '{"$unset":{"a.b":"","x.y":""}}', '{"a":{}}'],
  ['{"l":[1,2]}', '{"$unset":{"l.0":""}}', '{"l":[null,2]}'],
  ['{"l":[{"a":1},{"a":2}]}', '{"$set":{"l.1.a":5}}', '{"l":[{"a":1},{"a":5}]}'],
  ['{"l":[1]}', '{"$set":{"l.3":5}}', '{"l":[1,null,null,5]}'],
  ['{"a":1,"b":2}', '{"$rename":{"a":"b"}}', '{"b":1}'],
  ['{"a":1}', '{"$rename":{"a":"c.d","x":"y"}}', '{"c":{"d":1}}'],
  ['{"l":[1]}', '{"$push":{"l":[3]}}', '{"l":[1,[3]]}'],
  ['{"l":[1,2]}', '{"$push":{"l":{"$each":[3],"$position":-1}}}', '{"l":[1,3,2]}'],
  ['{"l":[1,2]}', '{"$push":{"l":{"$each":[3,4],"$slice":-3}}}', '{"l":[2,3,4]}'],
  ['{"l":[1,2]}', '{"$push":{"l":{"$each":[9],"$slice":0}}}', '{"l":[]}'],
  ['{}', '{"$push":{"l":{"$each":[3,1,2],"$sort":-1,"$slice":2}}}', '{"l":[3,2]}'],
  [
    '{"l":[{"n":3,"m":1},{"n":3,"m":0}]}',
    '{"$push":{"l":{"$each":[{"n":1}],"$sort":{"n":1,"m":1}}}}',
    '{"l":[{"n":1},{"n":3,"m":0},{"n":3,"m":1}]}',
  ],
  ['{"l":[1,1]}', '{"$addToSet":{"l":2}}', '{"l":[1,1,2]}'],
  ['{}', '{"$addToSet":{"l":{"$each":[1,1,{"a":1},{"a":1}]}}}', '{"l":[1,{"a":1}]}'],
  ['{"l":[1,2]}', '{"$addToSet":{"l":[1]}}', '{"l":[1,2,[1]]}'],
  ['{"l":[1,2]}', '{"$pop":{"l":-1,"none":1}}', '{"l":[2]}'],
  ['{"l":[1,2,3,1]}', '{"$pull":{"l":{"$gt":1}}}', '{"l":[1,1]}'],
  ['{"l":[1,2,3,1]}', '{"$pull":{"l":{"$in":[1,2]}}}', '{"l":[3]}'],
  ['{"l":[{"a":1,"b":1},{"a":2}]}', '{"$pull":{"l":{"a":1}}}', '{"l":[{"a":2}]}'],
  ['{"l":[1,2,3,1]}', '{"$pullAll":{"l":[1,3]}}', '{"l":[2]}'],
])('%s changed by %s is %s, as in MongoDB', async (before, data, after) => {
  emulator.reset()
  await call('database.insertDocument', 'notes', { data: [withId(before)] })
  await call('database.modifyDocument', 'notes', { query: '{"_id":"x"}', data })
  const { list } = await call('database.getDocument', 'notes', {})
  const plain = String((list as string[])[0]).replace(/\{"\$numberInt":"(-?\d+)"\}/g, '$1')
  expect(plain).toBe(withId(after))
})

test.each<[string, string, string]>([
  ['{"l":[{"a":[1]}]}', '{"$push":{"l.a":5}}', "Cannot create field 'a' in element {l: "],
  ['{"a":null}', '{"$inc":{"a":1}}', 'Cannot apply $inc to a value of non-numeric type'],
  ['{"a":null}', '{"$set":{"a.b":1}}', "Cannot create field 'b' in element {a: null}"],
  ['{"a":1}', '{"$set":{"a.b":1,"a":2}}', "would create a conflict at 'a'"],
  ['{"a":1}', '{"$set":{"a.b":1,"a.b.c":2}}', "would create a conflict at 'a.b'"],
  ['{"a":1}', '{"$rename":{"a":"b"},"$set":{"b":1}}', "would create a conflict at 'b'"],
  ['{"a":1}', '{"$set":{}}', "'$set' is empty"],
  ['{"l":[1]}', '{"$set":{"l.999999":1}}', 'filling a list up to 999999 is not emulated'],
])('%s is not changed by %s', async (before, data, message) => {
  emulator.reset()
  await call('database.insertDocument', 'notes', { data: [before] })
  await expect(call('database.modifyDocument', 'notes', { query: '{}', data })).rejects.toThrow(message)
})

test.each<[string, readonly [string, string][], string[]]>([
  [
    'a missing field groups with null',
    [
      ['$group', '{"_id":"$a","n":{"$sum":1}}'],
      ['$sort', '{"_id":1}'],
    ],
    ['{"_id":null,"n":2}', '{"_id":1,"n":2}', '{"_id":[1,2],"n":1}'],
  ],
  [
    'nothing is left of nothing inside a list either',
    [
      ['$project', '{"l":{"$map":{"input":[1],"as":"i","in":{"x":"$z","y":"$$i"}}}}'],
      ['$limit', '1'],
    ],
    ['{"_id":1,"l":[{"y":1}]}'],
  ],
  ['a field nobody has groups as null', [['$group', '{"_id":"$z","n":{"$sum":1}}']], ['{"_id":null,"n":5}']],
  [
    'a missing field is not collected',
    [['$group', '{"_id":null,"all":{"$push":"$a"},"once":{"$addToSet":"$a"},"most":{"$max":"$z"}}']],
    ['{"_id":null,"all":[1,1,null,[1,2]],"once":[1,null,[1,2]],"most":null}'],
  ],
  [
    'a list is not any of its items',
    [['$project', '{"is":{"$eq":["$a",1]},"more":{"$gt":["$a",1]}}']],
    [
      '{"_id":1,"is":true,"more":false}',
      '{"_id":2,"is":true,"more":false}',
      '{"_id":3,"is":false,"more":false}',
      '{"_id":4,"is":false,"more":false}',
      '{"_id":5,"is":false,"more":true}',
    ],
  ],
  [
    'missing is less than null',
    [['$project', '{"_id":0,"c":{"$cmp":["$a",null]}}']],
    ['{"c":1}', '{"c":1}', '{"c":0}', '{"c":-1}', '{"c":1}'],
  ],
  [
    'what comes to nothing is left out',
    [
      ['$project', '{"x":"$z","y":{"z":"$z"}}'],
      ['$limit', '1'],
    ],
    ['{"_id":1,"y":{}}'],
  ],
  [
    'an order upwards and downwards by lists',
    [
      ['$sort', '{"a":-1,"_id":1}'],
      ['$project', '{"_id":1}'],
    ],
    ['{"_id":5}', '{"_id":1}', '{"_id":2}', '{"_id":3}', '{"_id":4}'],
  ],
])('aggregation: %s', async (_, stages, found) => {
  emulator.reset()
  const data = [
    '{"_id":1,"a":1}',
    '{"_id":2,"a":1}',
    '{"_id":3,"a":null}',
    '{"_id":4}',
    '{"_id":5,"a":[1,2]}',
  ]
  await call('database.insertDocument', 'notes', { data })
  const list = stages.map(([stageKey, stageValue]) => ({ stageKey, stageValue }))
  const answer = await call('database.aggregateDocuments', 'notes', { stages: list })
  const plain = (answer.list as string[]).map((text) =>
    JSON.parse(text.replace(/\{"\$numberInt":"(-?\d+)"\}/g, '$1')),
  )
  expect(plain).toEqual(found.map((text) => JSON.parse(text)))
})
