/** @module The real wx-server-sdk, led to an emulator by its environment, as a cloud function is. */
import { createRequire } from 'node:module'
import type { CloudbaseEmulator } from 'cloudbase-emulator'

/** What of wx-server-sdk the tests use; its own declarations leave most of a database untyped. */
export interface Cloud {
  readonly DYNAMIC_CURRENT_ENV: symbol
  init(options: { env: symbol | string }): void
  database(options?: { throwOnNotFound?: boolean }): Db
  callFunction(options: { name: string; data?: object }): Promise<{ result: unknown }>
  uploadFile(options: {
    cloudPath: string
    fileContent: Buffer
  }): Promise<{ fileID: string; statusCode: number }>
  downloadFile(options: { fileID: string }): Promise<{ fileContent: Buffer }>
  getTempFileURL(options: {
    fileList: readonly (string | { fileID: string; maxAge: number })[]
  }): Promise<{ fileList: { fileID: string; tempFileURL: string; status: number; errMsg: string }[] }>
  deleteFile(options: {
    fileList: readonly string[]
  }): Promise<{ fileList: { fileID: string; status: number; errMsg: string }[] }>
  readonly cloudPay: Record<string, (data: object) => Promise<Record<string, unknown>>>
  readonly openapi: Record<string, Record<string, (data: object) => Promise<Record<string, unknown>>>>
}

type Row = Record<string, unknown>
export interface Query {
  where(query: object): Query
  orderBy(field: string, order: 'asc' | 'desc'): Query
  skip(count: number): Query
  limit(count: number): Query
  field(projection: object): Query
  get(): Promise<{ data: Row[] }>
  count(): Promise<{ total: number }>
  update(options: { data: object; multi?: boolean }): Promise<{ stats: { updated: number } }>
  remove(options?: { multi?: boolean }): Promise<{ stats: { removed: number } }>
}
export interface Doc {
  get(): Promise<{ data: Row }>
  field(projection: object): Doc
  set(options: { data: object }): Promise<{ _id: string; stats: { updated: number; created: number } }>
  update(options: { data: object }): Promise<{ stats: { updated: number } }>
  remove(): Promise<{ stats: { removed: number } }>
}
export type Pipeline = { end(): Promise<{ list: Row[] }> } & Record<Stage, (value: unknown) => Pipeline>
type Stage =
  | ('match' | 'project' | 'addFields' | 'sort' | 'limit' | 'skip' | 'count' | 'unwind' | 'group')
  | ('sortByCount' | 'replaceRoot' | 'lookup' | 'sample' | 'bucket')
export interface Collection extends Query {
  doc(id: string | number): Doc
  add(options: { data: object }): Promise<{ _id: string; _ids?: string[] }>
  aggregate(): Pipeline
}
export interface Transaction {
  collection(name: string): Collection
  commit(): Promise<unknown>
  rollback(reason?: unknown): Promise<unknown>
}
type Name =
  | (
      | 'eq'
      | 'neq'
      | 'gt'
      | 'gte'
      | 'lt'
      | 'lte'
      | 'in'
      | 'nin'
      | 'all'
      | 'exists'
      | 'size'
      | 'mod'
      | 'elemMatch'
    )
  | ('and' | 'or' | 'nor' | 'not' | 'expr' | 'geoNear')
  | ('set' | 'remove' | 'inc' | 'mul' | 'min' | 'max' | 'rename' | 'bit')
  | ('push' | 'pop' | 'shift' | 'unshift' | 'pull' | 'pullAll' | 'addToSet')
type Operation = (...operands: unknown[]) => { and(other: unknown): unknown }
export interface Db {
  readonly command: Record<Name, Operation> & { readonly aggregate: Record<string, Operation | undefined> }
  collection(name: string): Collection
  createCollection(name: string): Promise<unknown>
  serverDate(options?: { offset: number }): object
  RegExp(options: { regexp: string; options?: string }): object
  startTransaction(): Promise<Transaction>
  runTransaction<T>(run: (transaction: Transaction) => Promise<T>, times?: number): Promise<T>
}

/** Points this process at the emulator, as the platform points a function at itself, and loads the SDK. */
export function openCloud(emulator: Pick<CloudbaseEmulator, 'environment'>): Cloud {
  // SILENCE: of a request that failed the SDK leaves the timer of its warning running, for three seconds.
  Object.assign(process.env, emulator.environment, { SILENCE: 'true' })
  const cloud: Cloud = createRequire(__filename)('wx-server-sdk')
  cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
  return cloud
}

/** What the SDK throws. */
export interface SdkError {
  readonly errCode: number
  readonly errMsg: string
  readonly code?: string
}

export async function errorOf(promise: Promise<unknown>): Promise<SdkError> {
  try {
    await promise
  } catch (error) {
    return error as SdkError
  }
  throw new Error('it was expected to fail')
}
