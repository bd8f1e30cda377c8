/** @module What is kept between starts, also after an end that nobody announced; and the command. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { EmulatorStartError, startCloudbaseEmulator } from 'cloudbase-emulator'
import { errorOf, openCloud } from './sdk'

const BIN = join(__dirname, '../../packages/cloudbase-emulator/bin/cloudbase-emulator.mjs')
const directories: string[] = []
const children: ChildProcess[] = []

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'cloudbase-emulator-'))
  directories.push(directory)
  return directory
}

const INDEX = { collection: 'orders', fields: [{ name: 'no', direction: 1 }], unique: true } as const

test('documents, files, collections and indexes are there again', async () => {
  const dataDir = newDirectory()
  const first = await startCloudbaseEmulator({ dataDir, indexes: [INDEX] })
  const cloud = openCloud(first)
  const at = new Date('2026-01-02T03:04:05Z')
  await cloud
    .database()
    .collection('orders')
    .add({
      data: [
        { _id: 'a', no: 1, at, big: 2 ** 40 },
        { _id: 'b', no: 2 },
      ],
    })
  await cloud.database().collection('orders').doc('b').remove()
  await cloud.database().createCollection('notes')
  const { fileID } = await cloud.uploadFile({ cloudPath: 'a.txt', fileContent: Buffer.from('text') })
  const gone = await cloud.uploadFile({ cloudPath: 'b.txt', fileContent: Buffer.from('text') })
  await cloud.deleteFile({ fileList: [gone.fileID] })
  await first.close()

  const second = await startCloudbaseEmulator({ dataDir })
  const again = openCloud(second)
  expect((await again.database().collection('orders').get()).data).toEqual([
    { _id: 'a', no: 1, at, big: 2 ** 40 },
  ])
  expect(
    (
      await errorOf(
        again
          .database()
          .collection('orders')
          .add({ data: { no: 1 } }),
      )
    ).errMsg,
  ).toContain('E11000')
  expect((await again.database().collection('notes').count()).total).toBe(0)
  expect(String((await again.downloadFile({ fileID })).fileContent)).toBe('text')
  expect((await again.getTempFileURL({ fileList: [gone.fileID] })).fileList[0]?.status).toBe(-503003)
  second.reset()
  await second.close()

  const third = await startCloudbaseEmulator({ dataDir })
  expect((await openCloud(third).database().collection('orders').count()).total).toBe(0)
  await third.close()
})

test('a torn last line is no harm, and a damaged file is left alone', async () => {
  const dataDir = newDirectory()
  const first = await startCloudbaseEmulator({ dataDir, collections: ['notes'] })
  await openCloud(first)
    .database()
    .collection('notes')
    .add({ data: { _id: 'whole' } })
  await first.close()
  const file = join(dataDir, 'state.jsonl')
  appendFileSync(file, '[{"kind":"put","collection":"notes","document":{"_id":"to')
  const second = await startCloudbaseEmulator({ dataDir })
  expect((await openCloud(second).database().collection('notes').get()).data).toEqual([{ _id: 'whole' }])
  await second.close()
  const damaged = readFileSync(file, 'utf8').replace('"kind":"put"', '"kind":put')
  writeFileSync(file, `${damaged}[]\n`)
  await expect(startCloudbaseEmulator({ dataDir })).rejects.toThrow(/is damaged at line 2; move it away/)
  expect(readFileSync(file, 'utf8')).toBe(`${damaged}[]\n`)
  writeFileSync(file, 'something else\n')
  await expect(startCloudbaseEmulator({ dataDir })).rejects.toThrow("isn't a state file of this version")
})

test('one emulator a directory, and one a port', async () => {
  const dataDir = newDirectory()
  const first = await startCloudbaseEmulator({ dataDir })
  await expect(startCloudbaseEmulator({ dataDir })).rejects.toThrow(EmulatorStartError)
  await expect(startCloudbaseEmulator({ dataDir })).rejects.toThrow(`is in use by process ${process.pid}`)
  const port = Number(new URL(first.url).port)
  await expect(startCloudbaseEmulator({ port })).rejects.toThrow(`--port: port ${port} on 127.0.0.1 is taken`)
  await first.close()
  await (await startCloudbaseEmulator({ dataDir })).close()
})

test('a write that was still waiting when the emulator closed is nowhere', async () => {
  const dataDir = newDirectory()
  const first = await startCloudbaseEmulator({ dataDir, collections: ['notes'] })
  const notes = openCloud(first).database().collection('notes')
  await notes.add({ data: { _id: 'a', n: 1 } })
  const transaction = await openCloud(first).database().startTransaction()
  await transaction
    .collection('notes')
    .doc('a')
    .update({ data: { n: 2 } })
  const waiting = errorOf(notes.doc('a').update({ data: { n: 3 } }))
  await notes.count()
  await first.close()
  await waiting
  expect(() => first.createCollection('late')).toThrow('the emulator is closed')
  const second = await startCloudbaseEmulator({ dataDir })
  expect((await openCloud(second).database().collection('notes').doc('a').get()).data).toEqual({
    _id: 'a',
    n: 1,
  })
  await second.close()
})

interface Info {
  readonly url: string
  readonly controlUrl: string
  readonly controlToken: string
  readonly environment: Readonly<Record<string, string>>
}

/** The command, up to its first line. */
async function start(...args: string[]): Promise<{ child: ChildProcess; info: Info }> {
  const child = spawn(process.execPath, [BIN, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout ?? process.stdin })
  const [line] = await once(lines, 'line')
  const file = /^ready (.+emulator\.json)$/.exec(String(line))?.[1] ?? ''
  expect(statSync(file).mode & 0o777).toBe(0o600)
  return { child, info: JSON.parse(readFileSync(file, 'utf8')) }
}

test('after kill -9 in the midst of writing, all that was answered is there, and no transaction by halves', async () => {
  const dataDir = newDirectory()
  const shape = join(dataDir, 'shape.json')
  writeFileSync(shape, JSON.stringify({ collections: ['pairs'], indexes: [INDEX] }))
  const { child, info } = await start('--data', join(dataDir, 'data'), '--shape', shape, '--env', 'my-env')
  expect(info.environment.TCB_ENV).toBe('my-env')
  const db = openCloud(info).database()
  const answered: string[] = []
  const ended = once(child, 'exit')
  const writer = async (name: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const transaction = await db.startTransaction()
      await transaction.collection('pairs').add({ data: { _id: `${name}-${i}-left` } })
      await transaction.collection('pairs').add({ data: { _id: `${name}-${i}-right` } })
      await transaction.commit()
      answered.push(`${name}-${i}`)
      if (answered.length === 40) child.kill('SIGKILL')
    }
  }
  await Promise.allSettled([0, 1, 2, 3].map(writer))
  await ended

  const again = await start('--data', join(dataDir, 'data'), '--env', 'my-env', '--require-indexes')
  const { data } = await openCloud(again.info).database().collection('pairs').limit(1_000).get()
  const ids = data.map(({ _id }) => String(_id))
  const lefts = ids.filter((id) => id.endsWith('left')).map((id) => id.replace('-left', ''))
  const rights = ids.filter((id) => id.endsWith('right')).map((id) => id.replace('-right', ''))
  expect(lefts.sort()).toEqual(rights.sort())
  expect(answered.filter((id) => !lefts.includes(id))).toEqual([])
  const scan = await errorOf(openCloud(again.info).database().collection('pairs').where({ n: 1 }).get())
  expect(scan.errMsg).toContain('no index of pairs')
  again.child.kill('SIGTERM')
  expect(await once(again.child, 'exit')).toEqual([0, null])
})

test.each<[string[], string]>([
  [['--port', 'x'], '--port must be a port'],
  [['--data', ''], '--data must name a directory'],
  [['--env', 'Übung'], '--env must be of small letters'],
  [['--shape', '/nowhere.json'], "can't be read as JSON"],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('the command refuses %j', async (args, message) => {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  children.push(child)
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(stderr).toContain(message)
})
