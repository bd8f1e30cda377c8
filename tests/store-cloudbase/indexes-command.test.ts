/** @module `npm run cloudbase:indexes` against an API that checks every signature. */
import { COLLECTIONS, INDEXES } from '@yuanlu/store-cloudbase'
import type * as command from '../../packages/store-cloudbase/src/setup/indexes-command.ts'
import { type FakeTencentApi, startFakeTencentApi } from './fake-tencent-api.ts'

const { indexesCommand } = jest.requireActual<typeof command>(
  '../../packages/store-cloudbase/src/setup/indexes-command.ts',
)

const SECRET = { secretId: 'AKID-test', secretKey: 'secret-of-the-test' }
const ENVIRONMENT = { TENCENTCLOUD_SECRETID: SECRET.secretId, TENCENTCLOUD_SECRETKEY: SECRET.secretKey }

let api: FakeTencentApi
let said: string[]
beforeEach(async () => {
  said = []
  api = await startFakeTencentApi(SECRET, 'shop-1')
})
afterEach(() => api.close())

const run = (args: readonly string[], environment: Record<string, string> = ENVIRONMENT): Promise<number> =>
  indexesCommand({
    args: ['--env', 'shop-1', '--endpoint', api.endpoint, ...args],
    environment,
    say: (line) => void said.push(line),
    sleep: async () => {},
  })

test('an empty environment gets every collection, closed, with every index', async () => {
  expect(await run([])).toBe(0)
  expect([...api.tables.keys()]).toEqual(COLLECTIONS.map((name) => `yuanlu_${name}`))
  expect([...api.tables.values()].map(({ acl }) => acl)).toEqual(COLLECTIONS.map(() => 'ADMINONLY'))
  expect(api.tables.get('yuanlu_orders')?.indexes.get('by_buyer_and_state')).toEqual({
    keys: 'buyerOpenid 1, state 1, position -1',
    unique: false,
  })
  const made = [...api.tables.values()].reduce((count, { indexes }) => count + indexes.size, 0)
  expect(made).toBe(INDEXES.length)
})

test('a dry run says exactly what would be made, and makes nothing', async () => {
  expect(await run(['--dry-run'])).toBe(0)
  expect(api.tables.size).toBe(0)
  expect(api.calls.filter((call) => !call.startsWith('Describe'))).toEqual([])
  const announced = said.slice(1)
  said = []
  expect(await run([])).toBe(0)
  expect(said.slice(1)).toEqual(announced)
  expect(announced).toContain('  index due of yuanlu_orders on dueAt 1, _id 1')
})

test('a second run finds all there and makes nothing', async () => {
  await run([])
  api.calls.length = 0
  said = []
  expect(await run([])).toBe(0)
  expect(said).toEqual(['shop-1 has all that the store needs.'])
  expect(api.calls.filter((call) => !call.startsWith('Describe'))).toEqual([])
})

test('only what is missing is made: one index, one collection left open', async () => {
  await run([])
  api.tables.get('yuanlu_orders')?.indexes.delete('due')
  const refunds = api.tables.get('yuanlu_refunds')
  if (refunds === undefined) throw new Error('it was made')
  refunds.acl = 'PRIVATE'
  said = []
  await run([])
  expect(said).toEqual([
    'shop-1 gets:',
    '  index due of yuanlu_orders on dueAt 1, _id 1',
    '  access to yuanlu_refunds for administrators only (仅管理员可读写)',
  ])
  expect(refunds.acl).toBe('ADMINONLY')
})

test('an index of the same name on other fields is not touched', async () => {
  await run([])
  api.tables.get('yuanlu_orders')?.indexes.set('due', { keys: 'elsewhere 1', unique: false })
  said = []
  expect(await run([])).toBe(1)
  expect(said[0]).toBe(
    'yuanlu_orders has an index due on elsewhere 1, and the store needs it on dueAt 1, _id 1: drop it in the console and run this again',
  )
})

test('a collection that is not ready yet is waited for', async () => {
  api.refuseNext('UpdateTable', 'ResourceUnavailable')
  api.refuseNext('ModifyDatabaseACL', 'ResourceNotFound')
  expect(await run([])).toBe(0)
  expect(api.tables.get('yuanlu_orders')?.indexes.size).toBe(9)
})

test('a collection that is missing in words alone is missing too', async () => {
  api.refuseNext('DescribeTable', 'FailedOperation', 'Db or Table not exist: yuanlu_orders')
  expect(await run([])).toBe(0)
  expect(api.tables.size).toBe(COLLECTIONS.length)
})

test('a refusal to look ends it before anything is made', async () => {
  api.refuseNext('DescribeTable', 'UnauthorizedOperation', 'you may not')
  expect(await run([])).toBe(1)
  expect([said, api.tables.size]).toEqual([['DescribeTable: you may not (UnauthorizedOperation)'], 0])
})

test('another prefix makes other collections', async () => {
  await run(['--prefix', 'try_'])
  expect([...api.tables.keys()]).toContain('try_orders')
})

test('a dry run without credentials lists everything; without one, they are asked for by name', async () => {
  expect(await run(['--dry-run'], {})).toBe(0)
  expect(said[0]).toBe('Without credentials nobody looked at shop-1. An empty environment would get:')
  expect(said).toHaveLength(1 + 2 * COLLECTIONS.length + INDEXES.length)
  expect(api.calls).toEqual([])
  said = []
  expect(await run([], {})).toBe(2)
  expect(said[0]).toContain('TENCENTCLOUD_SECRETID')
})

test('a refusal is told with its code, and never with the key', async () => {
  const wrong = { ...ENVIRONMENT, TENCENTCLOUD_SECRETKEY: 'another' }
  expect(await run([], wrong)).toBe(1)
  expect(said).toEqual(['DescribeEnvs: refused (AuthFailure.SignatureFailure)'])
  expect(said.join()).not.toContain('another')
})

test('nonsense is answered with how it is done', async () => {
  expect(await run(['--nonsense'])).toBe(2)
  expect(said.join('\n')).toContain('npm run cloudbase:indexes -- --env <environment id>')
})
