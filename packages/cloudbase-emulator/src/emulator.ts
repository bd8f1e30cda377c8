/**
 * @module Starts the emulator: one environment of CloudBase, and the variables that lead an unmodified SDK to it.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import { CloudError } from './cloud-error.ts'
import { CONTROL_PATH, type Controlled, serveControl } from './control/control.ts'
import { databaseActions } from './database/actions.ts'
import { type Change, Database } from './database/database.ts'
import type { IndexDeclaration } from './database/sorted-index.ts'
import { FaultBook, type Faults } from './faults.ts'
import { type CloudFunctions, functionActions } from './functions.ts'
import { type RequestRecord, serveAdmin } from './http/admin.ts'
import { FILES_PATH, serveFile } from './http/files.ts'
import { listen, SERVER_LIMITS, stop } from './http/listen.ts'
import { openApiActions, type WechatApi } from './openapi/openapi.ts'
import { EmulatorStartError } from './start-error.ts'
import { type Journal, openJournal } from './state/journal.ts'
import { lockDirectory } from './state/lock.ts'
import { directoryBlobs, memoryBlobs } from './storage/blobs.ts'
import { type FileChange, Storage, storageActions } from './storage/storage.ts'

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
  /** Token of the calls under /control/; drawn when it is left out. */
  readonly controlToken?: string
  /** Collections to make when they are not there; as on the platform, nothing can be added to others. */
  readonly collections?: readonly string[]
  /** Indexes to make, with their collections. */
  readonly indexes?: readonly IndexDeclaration[]
  /** A query that no declared index serves becomes an error that names the index. */
  readonly requireIndexes?: boolean
  /** The cloud functions of this environment. */
  readonly functions?: CloudFunctions
  /** Where cloud.openapi.* is passed on to. */
  readonly wechatApi?: WechatApi
  /** Time in epoch milliseconds, for server dates, transactions and links that expire. */
  readonly clock?: () => number
  readonly maxDocumentBytes?: number
  readonly maxFileBytes?: number
}

export interface CloudbaseEmulator {
  /** What `serviceUrl` or TCB_CONTEXT_CNFG is to name. */
  readonly url: string
  /** Everything the environment of a process needs so that `cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })` comes here. */
  readonly environment: Readonly<Record<string, string>>
  readonly controlUrl: string
  readonly controlToken: string
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
// 单条记录最大 16 MB, as in MongoDB.
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024
const MAX_FILE_BYTES = 50 * 1024 * 1024

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
  const undo: (() => unknown)[] = []
  try {
    const dataDir = options.dataDir === undefined ? null : resolve(options.dataDir)
    if (dataDir !== null) undo.push(claimDirectory(dataDir))
    let baseUrl = ''
    const state = openState(options, dataDir, () => `${baseUrl}${FILES_PATH.slice(0, -1)}`)
    undo.push(() => state.journal?.close())
    ensureShape(state.database, options)

    const closing = new AbortController()
    const records: RequestRecord[] = []
    const faults = new FaultBook()
    const controlled: Controlled = {
      faults,
      createCollection: (name) => state.database.createCollection(name),
      createIndex: (declaration) => state.database.createIndex(declaration),
      requests: () => [...records],
      collections: () => state.database.shape(),
      files: () => state.storage.count,
      reset() {
        faults.clear()
        state.clear()
        records.length = 0
      },
    }
    const target = {
      env: options.env ?? 'local-env',
      region: options.region ?? 'ap-shanghai',
      secretId: options.secretId ?? 'local-secret-id',
      secretKey: options.secretKey ?? 'local-secret-key',
    }
    const now = options.clock ?? Date.now
    const actions = {
      ...databaseActions(state.database, now),
      ...storageActions(state.storage),
      ...functionActions(options.functions ?? {}),
      ...openApiActions(options.wechatApi, now),
    }
    const note = (record: RequestRecord): void => {
      records.push(record)
      if (records.length > MAX_RECORDS) records.shift()
    }
    const controlToken = options.controlToken ?? randomBytes(24).toString('base64url')
    const admin = {
      actions,
      faults,
      credentials: target,
      env: target.env,
      now,
      closing: closing.signal,
      note,
    }
    const route = (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const isFile = path.startsWith(FILES_PATH) && ['GET', 'HEAD', 'PUT'].includes(request.method ?? '')
      if (path === '/admin' && request.method === 'POST') return serveAdmin(request, response, admin)
      if (isFile)
        return serveFile(request, response, { storage: state.storage, faults, closing: closing.signal })
      if (path.startsWith(CONTROL_PATH))
        return serveControl(request, response, { controlled, token: controlToken })
      response.writeHead(404).end()
      return Promise.resolve()
    }
    const server = createServer(SERVER_LIMITS, (request, response) => {
      route(request, response).catch((error: unknown) => {
        // A caller that left has no answer to get; anything else is a fault of this program.
        if (request.socket.destroyed) return
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
    baseUrl = `http://${nameOf(host)}:${port}`
    const url = `${baseUrl}/admin`
    let closed: Promise<void> | undefined
    return {
      ...controlled,
      url,
      environment: environmentOf({ url, ...target }),
      controlUrl: `${baseUrl}${CONTROL_PATH.slice(0, -1)}`,
      controlToken,
      close: () => (closed ??= unwind(undo)),
    }
  } catch (error) {
    await unwind(undo)
    throw error
  }
}

interface State {
  readonly database: Database
  readonly storage: Storage
  readonly journal: Journal<Change | FileChange> | undefined
  clear(): void
}

function openState(options: EmulatorOptions, dataDir: string | null, filesUrl: () => string): State {
  const now = options.clock ?? Date.now
  let journal: Journal<Change | FileChange> | undefined
  const record = (changes: readonly (Change | FileChange)[]): void => journal?.append(changes)
  const database = new Database({
    now,
    requireIndexes: options.requireIndexes ?? false,
    maxDocumentBytes: options.maxDocumentBytes ?? MAX_DOCUMENT_BYTES,
    record,
  })
  const storage = new Storage({
    env: options.env ?? 'local-env',
    now,
    blobs: dataDir === null ? memoryBlobs() : directoryBlobs(join(dataDir, 'files')),
    maxFileBytes: options.maxFileBytes ?? MAX_FILE_BYTES,
    baseUrl: filesUrl,
    record,
  })
  if (dataDir !== null) {
    journal = openJournal<Change | FileChange>({
      file: join(dataDir, 'state.jsonl'),
      replay(change) {
        if (change.kind === 'file' || change.kind === 'unfile') storage.replay(change)
        else database.replay(change)
      },
      *everything() {
        yield* database.everything()
        yield* storage.everything()
      },
    })
  }
  return {
    database,
    storage,
    journal,
    clear() {
      database.clear()
      storage.clear()
      journal?.compact()
    },
  }
}

function ensureShape(database: Database, { collections = [], indexes = [] }: EmulatorOptions): void {
  try {
    for (const name of collections) if (!database.hasCollection(name)) database.createCollection(name)
    for (const declaration of indexes) database.createIndex(declaration)
  } catch (error) {
    if (!(error instanceof CloudError)) throw error
    throw new EmulatorStartError(`the collections and indexes asked for can't be made: ${error.message}`, {
      cause: error,
    })
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
