/** @module The PostgreSQL of `npm start`: kept data, killed parents, taken ports, machines that have none. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import {
  deleteEmbeddedPostgres,
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  packageFor,
  problemOf,
  startEmbeddedPostgres,
} from '../support/embedded-server.ts'
import { bundled } from './bundled.ts'

const folders: string[] = []
const servers: EmbeddedPostgres[] = []
const children: ChildProcess[] = []

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'yuanlu-embedded-test-'))
  await chmod(folder, 0o755)
  folders.push(folder)
  return folder
}
/** Without waiting for the disk, unless a test is about that. */
const start = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({ durability: 'fast', ...options })
  servers.push(server)
  return server
}
const query = async (url: string, text: string): Promise<unknown[][]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text, rowMode: 'array' })).rows
  } finally {
    await client.end()
  }
}
const settingsOf = async (folder: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path.join(folder, 'server.json'), 'utf8'))
const clusterOf = async (folder: string): Promise<string> =>
  path.resolve(folder, String((await settingsOf(folder)).cluster))

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const server of servers.splice(0).reverse()) await server.stop()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

test('a first start makes a UTF-8 database that only this machine and this password reach', async () => {
  const folder = await newFolder()
  const steps: string[] = []
  const server = await start({
    dataDir: folder,
    durability: 'safe',
    onProgress: (step) => void steps.push(step),
  })
  expect(server.adopted).toBe(false)
  expect(steps.filter((step) => step !== 'copying')).toEqual(['creating', 'starting'])
  const [row] = await query(
    server.url,
    `select current_setting('server_encoding'), current_setting('listen_addresses'), current_setting('fsync'),
      current_setting('TimeZone'), (select datcollate from pg_database where datname = current_database())`,
  )
  expect(row).toEqual(['UTF8', '127.0.0.1', 'on', 'UTC', 'C'])
  expect((await stat(path.join(folder, 'server.json'))).mode & 0o777).toBe(0o600)
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' })
})

test('a second start finds the data, under the same address', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: folder })
  await query(first.url, "create table kept as select '茶 🍵' as what")
  await first.stop()
  const second = await start({ dataDir: folder })
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'select what from kept')).toEqual([['茶 🍵']])
})

test('a folder that was moved takes its data along', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: path.join(folder, 'here') })
  await query(first.url, "create table kept as select 'moved' as what")
  await first.stop()
  await rename(path.join(folder, 'here'), path.join(folder, 'there'))
  const second = await start({ dataDir: path.join(folder, 'there') })
  expect(await query(second.url, 'select what from kept')).toEqual([['moved']])
})

test('a server whose parent was killed is taken over, and stopped by the one who took it over', async () => {
  const folder = await newFolder()
  const parent = spawn(process.execPath, [await bundled('start-and-wait')], {
    env: { ...process.env, DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(parent)
  const said = await new Promise<string>((resolve) =>
    parent.stdout?.once('data', (data) => resolve(String(data))),
  )
  const first: { url: string; adopted: boolean } = JSON.parse(said)
  expect(first.adopted).toBe(false)
  await query(first.url, "create table kept as select 'committed' as what")

  const guest = await start({ dataDir: folder })
  expect([guest.url, guest.adopted]).toEqual([first.url, true])
  await guest.stop()
  expect(await query(first.url, 'select what from kept')).toEqual([['committed']])

  const gone = new Promise((resolve) => parent.once('exit', resolve))
  parent.kill('SIGKILL')
  await gone
  expect(await query(first.url, 'select what from kept')).toEqual([['committed']])

  const heir = await start({ dataDir: folder })
  expect([heir.url, heir.adopted]).toEqual([first.url, true])
  expect(await query(heir.url, 'select what from kept')).toEqual([['committed']])
  await heir.stop()
  await expect(query(heir.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

const onUnix = process.platform === 'win32' ? test.skip : test

onUnix('a run of the tests that is told to stop takes its server and its data along', async () => {
  const { TEST_DATABASE_URL: _ours, ...env } = process.env
  const folder = await newFolder()
  const run = spawn(process.execPath, [await bundled('set-up-and-wait')], {
    env: { ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(run)
  const url = await new Promise<string>((resolve) =>
    run.stdout?.once('data', (data) => resolve(String(data).trim())),
  )
  expect(await query(url, 'select 1')).toEqual([[1]])
  const gone = new Promise((resolve) => run.once('exit', (_code, signal) => resolve(signal)))
  run.kill('SIGTERM')
  expect(await gone).toBe('SIGTERM')
  await expect(query(url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await readdir(folder)).toEqual([])
})

test('a server that was killed starts again with everything that was committed', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: folder, durability: 'safe' })
  await query(first.url, "create table kept as select 'committed' as what")
  const cluster = await clusterOf(folder)
  const pid = Number((await readFile(path.join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGKILL')
  const second = await start({ dataDir: folder })
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select what from kept')).toEqual([['committed']])
})

test('a pid file whose number belongs to another program now is no server', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: folder })
  await first.stop()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore' })
  children.push(other)
  await new Promise((resolve) => other.once('spawn', resolve))
  const cluster = await clusterOf(folder)
  const file = path.join(cluster, 'postmaster.pid')
  await writeFile(file, `${other.pid}\n${cluster}\n1795406400\n${first.port}\n\n127.0.0.1\n\nready\n`)
  const second = await start({ dataDir: folder })
  expect(second.adopted).toBe(false)
  expect(await query(second.url, 'select 1')).toEqual([[1]])
})

test('when something else has taken its port, another one is found', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: folder })
  await first.stop()
  const squatter = net.createServer()
  await new Promise<void>((resolve) => squatter.listen(first.port, '127.0.0.1', resolve))
  const second = await start({ dataDir: folder })
  expect(second.port).not.toBe(first.port)
  expect(await query(second.url, 'select 1')).toEqual([[1]])
  await new Promise((resolve) => squatter.close(resolve))
})

test('several starts at once on an empty folder end with one server', async () => {
  const folder = await newFolder()
  const started = await Promise.all([1, 2, 3].map(() => start({ dataDir: folder })))
  expect(new Set(started.map((server) => server.url)).size).toBe(1)
  expect(started.filter((server) => !server.adopted)).toHaveLength(1)
})

test('a start that was killed while it made the database leaves nothing that disturbs the next', async () => {
  const folder = await newFolder()
  await writeFile(path.join(folder, 'starting.lock'), '999999999')
  await writeFile(path.join(folder, 'data.new-999999999.password'), 'left over')
  const server = await start({ dataDir: folder })
  expect(await query(server.url, 'select 1')).toEqual([[1]])
  await expect(stat(path.join(folder, 'data.new-999999999.password'))).rejects.toMatchObject({
    code: 'ENOENT',
  })
})

test('a folder of another version of PostgreSQL is left alone and named', async () => {
  const folder = await newFolder()
  const first = await start({ dataDir: folder })
  await first.stop()
  const cluster = await clusterOf(folder)
  await writeFile(path.join(cluster, 'PG_VERSION'), '9.6\n')
  await expect(startEmbeddedPostgres({ dataDir: folder })).rejects.toThrow(
    /was made by another version of PostgreSQL.*set DATABASE_URL/,
  )
})

test('a folder is deleted with its server, but not under a process that uses it', async () => {
  const folder = await newFolder()
  const server = await start({ dataDir: folder })
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)'], { stdio: 'ignore' })
  children.push(other)
  await new Promise((resolve) => other.once('spawn', resolve))
  const own = await settingsOf(folder)
  const file = path.join(folder, 'server.json')
  await writeFile(file, JSON.stringify({ ...own, ownerPid: other.pid }))
  await expect(deleteEmbeddedPostgres({ dataDir: folder })).rejects.toThrow(`Process ${other.pid} uses`)
  expect(await query(server.url, 'select 1')).toEqual([[1]])
  await writeFile(file, JSON.stringify(own))
  await deleteEmbeddedPostgres({ dataDir: folder })
  await expect(query(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a place that cannot hold a folder is named', async () => {
  const folder = await newFolder()
  const file = path.join(folder, 'file')
  await writeFile(file, '')
  await expect(startEmbeddedPostgres({ dataDir: path.join(file, 'data') })).rejects.toMatchObject({
    name: 'EmbeddedPostgresError',
  })
})

const asRoot = process.getuid?.() === 0 ? test : test.skip
asRoot('root in a closed home: the data goes where the account of the server can reach it', async () => {
  const folder = await newFolder()
  await chmod(folder, 0o700)
  const first = await start({ dataDir: path.join(folder, 'postgres') })
  await query(first.url, "create table kept as select 'here' as what")
  await first.stop()
  const cluster = await clusterOf(path.join(folder, 'postgres'))
  expect(cluster.startsWith(folder)).toBe(false)
  const second = await start({ dataDir: path.join(folder, 'postgres') })
  expect(await query(second.url, 'select what from kept')).toEqual([['here']])
  await deleteEmbeddedPostgres({ dataDir: path.join(folder, 'postgres') })
  await expect(stat(path.dirname(cluster))).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  [{ platform: 'linux', arch: 'x64', musl: true }, 'no embedded PostgreSQL for Alpine (musl)'],
  [{ platform: 'win32', arch: 'arm64', musl: false }, 'no embedded PostgreSQL for win32 on arm64'],
])('%j is told to bring a server of its own', (machine, message) => {
  expect(() => packageFor(machine)).toThrow(message)
  expect(() => packageFor(machine)).toThrow('Set DATABASE_URL to a PostgreSQL of your own')
})

test.each([
  ['could not write to file "base/1": No space left on device', 'The disk is full.'],
  ['ENOSPC: no space left on device, write', 'The disk is full.'],
  ['error while loading shared libraries: libicuuc.so.60', 'install scripts allowed'],
  ['FATAL:  data directory "/d" has wrong ownership', 'perhaps it was made by another one (sudo?)'],
  ['something new', 'Starting PostgreSQL failed: something new'],
])('%j is explained', (said, message) => {
  expect(problemOf('Starting PostgreSQL', said, '/data').message).toContain(message)
})
