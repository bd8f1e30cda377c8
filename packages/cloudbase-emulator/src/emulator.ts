/**
 * @module Starts the emulator: one environment of CloudBase, and the variables that lead an unmodified SDK to it.
 */

import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { databaseActions } from './database/actions.ts'
import { type Change, Database } from './database/database.ts'
import type { IndexDeclaration } from './database/sorted-index.ts'
import { FaultBook, type Faults } from './faults.ts'
import { type CloudFunctions, functionActions } from './functions.ts'
import { type RequestRecord, serveAdmin } from './http/admin.ts'
import { listen, SERVER_LIMITS, stop } from './http/listen.ts'
import { EmulatorStartError } from './start-error.ts'
import { type Journal, openJournal } from './state/journal.ts'
import { lockDirectory } from './state/lock.ts'

export interface EmulatorOptions {
  /** Where everything is kept between starts; without it, in memory only. */
  readonly dataDir?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Address to listen on; 127.0.0.1 by default. Anything but loopback lets other machines in. */
  readonly host?: string
  readonly region?: string
  /** The environment id. */
  readonly env?: string
  readonly secretId?: string
  readonly secretKey?: string
  /** Collections to make when they are not there; as on the platform, nothing can be added to others. */
  readonly collections?: readonly string[]
  /** Indexes to make, with their collections. */
  readonly indexes?: readonly IndexDeclaration[]
  /** A query that no declared index serves becomes an error that names the index. */
  readonly requireIndexes?: boolean
  /** The cloud functions of this environment. */
  readonly functions?: CloudFunctions
  /** Time in epoch milliseconds, for server dates, transactions and expiry. */
  readonly clock?: () => number
  readonly maxDocumentBytes?: number
}

export interface CloudbaseEmulator {
  /** What `serviceUrl` or TCB_CONTEXT_CNFG is to name. */
  readonly url: string
  /** Everything the environment of a process needs so that `cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })` comes here. */
  readonly environment: Readonly<Record<string, string>>
  readonly faults: Faults
  createCollection(name: string): void
  createIndex(declaration: IndexDeclaration): void
  /** The last thousand requests, oldest first. */
  requests(): readonly RequestRecord[]
  /** Removes every document, file and fault and ends every transaction; collections and indexes stay. */
  reset(): void
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const MAX_RECORDS = 1_000
// https://docs.cloudbase.net/database/limit: 单条文档 16 MB, as in MongoDB.
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024

/**
 * Starts a local CloudBase.
 * @throws EmulatorStartError when the port is taken, the directory can't be used or its file is damaged.
 * @example
 * const emulator = await startCloudbaseEmulator({ collections: ['orders'] })
 * Object.assign(process.env, emulator.environment)
 * const cloud = require('wx-server-sdk')
 * cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
 */
export async function startCloudbaseEmulator(options: EmulatorOptions = {}): Promise<CloudbaseEmulator> {
  const host = options.host ?? LOOPBACK
  const now = options.clock ?? Date.now
  const env = options.env ?? 'local-env'
  const credentials = {
    secretId: options.secretId ?? 'local-secret-id',
    secretKey: options.secretKey ?? 'local-secret-key',
  }
  const undo: (() => unknown)[] = []
  try {
    let journal: Journal<Change> | undefined
    const database = new Database({
      now,
      requireIndexes: options.requireIndexes ?? false,
      maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
      record: (changes) => journal?.append(changes),
    })
    if (options.dataDir !== undefined) {
      const dataDir = resolve(options.dataDir)
      undo.push(claimDirectory(dataDir))
      const opened = openJournal<Change>({
        file: join(dataDir, 'state.jsonl'),
        replay: (change) => database.replay(change),
        everything: () => database.everything(),
      })
      journal = opened
      undo.push(() => opened.close())
    }
    for (const name of options.collections ?? [])
      if (!database.hasCollection(name)) database.createCollection(name)
    for (const declaration of options.indexes ?? []) database.createIndex(declaration)

    const faults = new FaultBook()
    const records: RequestRecord[] = []
    const closing = new AbortController()
    const admin = {
      actions: { ...databaseActions(database, now), ...functionActions(options.functions ?? {}) },
      faults,
      credentials,
      env,
      now,
      closing: closing.signal,
      note: (record: RequestRecord) => {
        records.push(record)
        if (records.length > MAX_RECORDS) records.shift()
      },
    }
    const server = createServer(SERVER_LIMITS, (request, response) => {
      const path = (request.url ?? '').split('?')[0]
      const served =
        path === '/admin' && request.method === 'POST'
          ? serveAdmin(request, response, admin)
          : Promise.resolve(response.writeHead(404).end())
      served.catch((error: unknown) => {
        process.stderr.write(`cloudbase-emulator: ${error instanceof Error ? error.stack : String(error)}\n`)
        if (response.headersSent) request.socket.destroy()
        else response.writeHead(500).end()
      })
    })
    const port = await listen(server, host, options.port ?? 0, '--port')
    undo.push(() => {
      closing.abort()
      return stop(server)
    })
    const url = `http://${nameOf(host)}:${port}/admin`
    let closed: Promise<void> | undefined
    return {
      url,
      environment: environmentOf({ url, env, region: options.region ?? 'ap-shanghai', ...credentials }),
      faults,
      createCollection: (name) => database.createCollection(name),
      createIndex: (declaration) => database.createIndex(declaration),
      requests: () => [...records],
      reset() {
        faults.clear()
        database.clear()
        journal?.compact()
        records.length = 0
      },
      close: () => (closed ??= unwind(undo)),
    }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

function environmentOf(target: {
  url: string
  env: string
  region: string
  secretId: string
  secretKey: string
}): Readonly<Record<string, string>> {
  return {
    // Without this the SDK asks the cloud's metadata address, in vain and for every call.
    TENCENTCLOUD_RUNENV: 'SCF',
    TENCENTCLOUD_REGION: target.region,
    SCF_NAMESPACE: target.env,
    TCB_ENV: target.env,
    TENCENTCLOUD_SECRETID: target.secretId,
    TENCENTCLOUD_SECRETKEY: target.secretKey,
    TCB_CONTEXT_CNFG: JSON.stringify({ URL: target.url }),
  }
}

// "Every address" is no address to call: this machine calls loopback.
function nameOf(host: string): string {
  const reachable = host === '0.0.0.0' || host === '::' ? LOOPBACK : host
  return reachable.includes(':') ? `[${reachable}]` : reachable
}

function claimDirectory(dataDir: string): () => void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return lockDirectory(dataDir)
  } catch (error) {
    if (error instanceof EmulatorStartError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new EmulatorStartError(`--data ${dataDir} can't be written: ${why}`, { cause: error })
  }
}

async function unwind(undo: (() => unknown)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step()
}
