/** @module wx-server-sdk, loaded when a store is opened and not before: the part of it that the store uses. */
import { StoreUnavailableError } from './failure.ts'

export interface CloudOptions {
  /** The environment's id (环境 ID). Default: the one this function runs in. */
  readonly env?: string
  /** Where the cloud listens, for an emulator. Default: Tencent's, or what `TCB_CONTEXT_CNFG` says. */
  readonly serviceUrl?: string
  /** Needed outside of cloud functions, where the platform hands them over in the environment. */
  readonly secretId?: string
  readonly secretKey?: string
  /** Of temporary credentials. */
  readonly sessionToken?: string
  /** After this long without an answer, a call counts as unanswered. Default 3000. */
  readonly answerTimeoutMs?: number
}

/** A condition or a change that the SDK made: `command.lt(5)`. */
export interface Command {
  readonly operator: string
}

export interface Commands {
  gt(value: string | number): Command
  gte(value: string | number): Command
  lt(value: string | number): Command
  lte(value: string | number): Command
  neq(value: string | number | null): Command
  in(values: readonly string[]): Command
  exists(there: boolean): Command
  inc(by: number): Command
  push(values: readonly unknown[]): Command
  pull(condition: Readonly<Record<string, string>>): Command
}

export interface SdkQuery {
  where(condition: object): SdkQuery
  orderBy(field: string, direction: 'asc' | 'desc'): SdkQuery
  limit(count: number): SdkQuery
  field(fields: Readonly<Record<string, boolean>>): SdkQuery
  get(): Promise<{ readonly data: readonly unknown[] }>
  count(): Promise<{ readonly total: number }>
  update(options: { readonly data: object }): Promise<{ readonly stats: { readonly updated: number } }>
  remove(): Promise<{ readonly stats: { readonly removed: number } }>
}

interface SdkCollection extends SdkQuery {
  add(options: { readonly data: object }): Promise<unknown>
}

interface Sdk {
  database(): { readonly command: Commands; collection(name: string): SdkCollection }
  uploadFile(file: { readonly cloudPath: string; readonly fileContent: Buffer }): Promise<{ fileID: string }>
  downloadFile(file: { readonly fileID: string }): Promise<{ fileContent: Buffer }>
  deleteFile(files: {
    readonly fileList: readonly string[]
  }): Promise<{ fileList: readonly { readonly fileID: string; readonly status: number }[] }>
}

export interface Cloud {
  readonly command: Commands
  collection(name: string): SdkCollection
  readonly storage: Pick<Sdk, 'uploadFile' | 'downloadFile' | 'deleteFile'>
  /** @throws StoreUnavailableError when the SDK would be called without credentials, which ends the process */
  assertCredentials(): void
}

const DEFAULT_ANSWER_TIMEOUT_MS = 3_000

/**
 * An instance of its own: `cloud.init` listens to its first caller only, so options given later, or by other code
 * of the same function, would be ignored without a word.
 */
export const openCloud = async (options: CloudOptions): Promise<Cloud> => {
  // Its only switch. Else it says "longer than 3s" on the console three seconds after every call that failed, for the
  // timer behind it is stopped by success alone; slow calls are told by our own log.
  process.env.SILENCE ??= 'true'
  const sdk = sdkOf(await import('wx-server-sdk'))
  const { env, answerTimeoutMs = DEFAULT_ANSWER_TIMEOUT_MS, ...rest } = options
  const instance = sdk.createNewInstance({
    ...rest,
    env: env ?? sdk.DYNAMIC_CURRENT_ENV,
    timeout: answerTimeoutMs,
  })
  const database = instance.database()
  return {
    command: database.command,
    collection: (name) => database.collection(name),
    storage: instance,
    assertCredentials() {
      const given = options.secretId && options.secretKey
      if (given || (process.env.TENCENTCLOUD_SECRETID && process.env.TENCENTCLOUD_SECRETKEY)) return
      // The SDK would reject a promise that nobody holds, and Node ends the process for that.
      throw new StoreUnavailableError(
        'no credentials for the cloud: outside of cloud functions set TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY',
        { code: null, cause: null },
      )
    },
  }
}

interface SdkModule {
  readonly DYNAMIC_CURRENT_ENV: unknown
  createNewInstance(config: object): Sdk
}

/** Its own types say nothing of `createNewInstance`, and CommonJS arrives as a default export or not. */
const sdkOf = (loaded: unknown): SdkModule => {
  const sdk = isSdk(loaded)
    ? loaded
    : typeof loaded === 'object' && loaded !== null && 'default' in loaded
      ? loaded.default
      : null
  if (!isSdk(sdk))
    throw new TypeError('wx-server-sdk has no createNewInstance: the store needs version 4.0.2')
  return sdk
}

const isSdk = (value: unknown): value is SdkModule =>
  typeof value === 'object' &&
  value !== null &&
  'createNewInstance' in value &&
  typeof value.createNewInstance === 'function'
