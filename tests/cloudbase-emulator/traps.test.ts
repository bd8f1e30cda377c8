/** @module Traps of wx-server-sdk 4.0.2 that are not about transactions: held here, so that nobody steps in unawares. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type CloudbaseEmulator, startCloudbaseEmulator } from 'cloudbase-emulator'
import { errorOf, openCloud } from './sdk'

let emulator: CloudbaseEmulator

beforeAll(async () => {
  emulator = await startCloudbaseEmulator({ collections: ['notes'] })
})
afterEach(() => emulator.reset())
afterAll(() => emulator.close())

/** A process with nothing but this environment, as a function has; what it printed. */
async function run(environment: Readonly<Record<string, string>>, code: string): Promise<string> {
  const sdk = JSON.stringify(createRequire(__filename).resolve('wx-server-sdk'))
  const setUp = `
    const http = require('node:http'), asked = new Set(), request = http.request
    http.request = (...args) => {
      const target = typeof args[0] === 'string' ? new URL(args[0]).hostname : (args[0].hostname ?? args[0].host)
      asked.add(target)
      return request(...args)
    }
    process.on('unhandledRejection', (error) => console.log('unhandled:', error.message))
    const cloud = require(${sdk})
    cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
  `
  const child = spawn(process.execPath, ['--eval', `${setUp};(async () => { ${code} })()`], {
    env: { ...environment, PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  await once(child, 'close')
  return stdout.trim()
}

const ADD = "await cloud.database().collection('notes').add({ data: { _id: 'one' } })"

test('the environment is all that an unmodified function needs, and it asks nobody else', async () => {
  expect(await run(emulator.environment, `${ADD}; console.log([...asked].join())`)).toBe('127.0.0.1')
  expect(emulator.requests()).toMatchObject([{ action: 'database.insertDocument', code: null }])
})

test('trap: without TENCENTCLOUD_RUNENV=SCF the SDK asks the metadata address first', async () => {
  const { TENCENTCLOUD_RUNENV: _, ...without } = emulator.environment
  const code = `await ${'cloud'}.database().collection('notes').count().catch(() => {}); console.log([...asked].sort().join())`
  expect(await run(without, code)).toContain('metadata.tencentyun.com')
})

test('trap: without credentials there is an unhandled rejection, which ends a process', async () => {
  const { TENCENTCLOUD_SECRETID: _, ...without } = emulator.environment
  const printed = await run(without, `${ADD}.catch(() => {})`)
  expect(printed).toContain('unhandled: missing secretId or secretKey of tencent cloud')
})

test('trap: a document that is not there throws, unless told not to', async () => {
  const cloud = openCloud(emulator)
  const { errCode, errMsg } = await errorOf(cloud.database().collection('notes').doc('none').get())
  expect([errCode, errMsg.includes('document with _id none does not exist')]).toEqual([-1, true])
  const { data } = await cloud.database({ throwOnNotFound: false }).collection('notes').doc('none').get()
  expect(data).toBeNull()
})

test('trap: an empty object in an update is not sent at all', async () => {
  const notes = openCloud(emulator).database().collection('notes')
  await notes.doc('one').set({ data: { a: { b: 1 } } })
  await errorOf(notes.doc('one').update({ data: { a: {} } }))
  expect((await notes.doc('one').get()).data).toEqual({ _id: 'one', a: { b: 1 } })
})

test('trap: an object in an update is merged field by field; _.set() replaces it', async () => {
  const db = openCloud(emulator).database()
  const note = db.collection('notes').doc('one')
  await note.set({ data: { a: { b: 1, c: 1 } } })
  await note.update({ data: { a: { b: 2 } } })
  expect((await note.get()).data.a).toEqual({ b: 2, c: 1 })
  await note.update({ data: { a: db.command.set({ b: 3 }) } })
  expect((await note.get()).data.a).toEqual({ b: 3 })
})

test('trap: a server date inside _.set() arrives as a plain object', async () => {
  const db = openCloud(emulator).database()
  const note = db.collection('notes').doc('one')
  await note.set({ data: { a: 1 } })
  await note.update({ data: { a: db.command.set({ at: db.serverDate() }) } })
  expect((await note.get()).data.a).toEqual({ at: { offset: 0 } })
})

test('trap: an undefined member is dropped, not stored as null', async () => {
  const notes = openCloud(emulator).database().collection('notes')
  await notes.doc('one').set({ data: { a: 1, b: undefined, c: { d: undefined } } })
  expect((await notes.doc('one').get()).data).toEqual({ _id: 'one', a: 1, c: {} })
})

test('trap: an unknown code becomes -501001, so a conflict is told by its text only', async () => {
  emulator.faults.add({
    fault: 'error',
    code: 'DATABASE_TRANSACTION_CONFLICT',
    message: 'x [TransactionConflict] y',
  })
  const { errCode, errMsg, code } = await errorOf(openCloud(emulator).database().collection('notes').count())
  expect([errCode, code, errMsg.includes('TransactionConflict')]).toEqual([-501001, undefined, true])
})
