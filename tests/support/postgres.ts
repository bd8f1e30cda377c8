/** @module A fresh, migrated database for a suite: a copy of a template, made in a few dozen milliseconds. */
import { randomBytes } from 'node:crypto'
import { createPostgresStore } from '@yuanlu/store-postgres'
import pg from 'pg'

export interface TestDatabase {
  readonly url: string
  /** Empties the store's tables: a good deal faster between two tests than another database. */
  empty(): Promise<void>
  drop(): Promise<void>
}

/** Any number: workers that want the template at the same time wait for the one that makes it. */
const TEMPLATE_LOCK = 5_512_903_107

/** A database with the store's tables in it. Drop it in `afterAll`. */
export const testDatabase = async (): Promise<TestDatabase> => {
  const template = await templateDatabase()
  return await createDatabase(`template ${template}`)
}

/** A database with nothing in it, for tests of the migrations. */
export const emptyDatabase = (options: { readonly encoding?: string } = {}): Promise<TestDatabase> =>
  createDatabase(`template template0 encoding '${options.encoding ?? 'UTF8'}'`)

const createDatabase = async (how: string): Promise<TestDatabase> => {
  const name = `yuanlu_${runName()}_${randomBytes(5).toString('hex')}`
  const url = urlOf(name)
  await withClient(serverUrl(), (client) => client.query(`create database ${name} ${how}`))
  return {
    url,
    async empty() {
      await withClient(url, (client) => client.query(EMPTY_TABLES))
    },
    async drop() {
      await withClient(serverUrl(), (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

const EMPTY_TABLES = `
  truncate refunds, orders, products, holds, staff, sessions, files, inbox, stray_refunds, strays, attention, journal_entry, journal_line;
  update journal_head set last_seq = 0`

const templateDatabase = async (): Promise<string> => {
  const name = `yuanlu_${runName()}_template`
  await withClient(serverUrl(), async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount !== 0) return
    const unfinished = `${name}_new`
    await client.query(`drop database if exists ${unfinished} with (force)`)
    await client.query(`create database ${unfinished} template template0 encoding 'UTF8'`)
    const store = await createPostgresStore({ databaseUrl: urlOf(unfinished), maxConnections: 1 })
    await store.close()
    await client.query(`alter database ${unfinished} rename to ${name}`)
  })
  return name
}

/** A connection for one piece of work. A lock that it took ends with it. */
const withClient = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

const serverUrl = (): string => {
  const url = process.env.TEST_DATABASE_URL
  if (!url) throw new Error('TEST_DATABASE_URL is set by tests/support/global-setup.ts, which has not run')
  return url
}

const runName = (): string => process.env.YUANLU_TEST_RUN ?? 'run'

const urlOf = (database: string): string => {
  const url = new URL(serverUrl())
  url.pathname = `/${database}`
  return url.href
}
