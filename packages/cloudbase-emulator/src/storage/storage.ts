/**
 * @module The files of one environment: permission to upload, links that expire, deletion.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Action } from '../action.ts'
import { CloudError, cloudErrors } from '../cloud-error.ts'
import type { Blobs } from './blobs.ts'

/** What is to be remembered of a file. */
export type FileChange =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: number }
  | { readonly kind: 'unfile'; readonly path: string }

export interface StorageOptions {
  readonly env: string
  readonly now: () => number
  readonly blobs: Blobs
  readonly maxFileBytes: number
  /** The address files are at, without a slash at its end; known once the server listens. */
  readonly baseUrl: () => string
  readonly record: (changes: readonly FileChange[]) => void
}

export type Denial = 'AccessDenied' | 'NoSuchKey' | 'EntityTooLarge' | 'QuotaExceeded'

const UPLOAD_LIVES_MS = 900_000
/** 默认有效期一天. */
const LINK_LIVES_SECONDS = 86_400
const MAX_AGE_SECONDS = 365 * 86_400
/** 一次最多取 50 个文件, and as many deleted. */
const MAX_FILES_A_CALL = 50
const MAX_PATH_BYTES = 850
const MAX_FILES = 10_000
const MAX_TOTAL_BYTES = 1024 * 1024 * 1024

export class Storage {
  readonly #options: StorageOptions
  readonly #sizes = new Map<string, number>()
  // Links and permissions end with the process; that is early enough.
  readonly #key = randomBytes(32)
  #totalBytes = 0

  constructor(options: StorageOptions) {
    this.#options = options
  }

  get maxFileBytes(): number {
    return this.#options.maxFileBytes
  }

  get count(): number {
    return this.#sizes.size
  }

  replay(change: FileChange): void {
    this.#totalBytes -= this.#sizes.get(change.path) ?? 0
    if (change.kind === 'file') this.#sizes.set(change.path, change.bytes)
    else this.#sizes.delete(change.path)
    this.#totalBytes += this.#sizes.get(change.path) ?? 0
  }

  *everything(): Iterable<FileChange> {
    for (const [path, bytes] of this.#sizes) yield { kind: 'file', path, bytes }
  }

  clear(): void {
    this.#options.blobs.clear()
    this.#sizes.clear()
    this.#totalBytes = 0
  }

  /** What the SDK asks for before it uploads. */
  uploadMetadata(path: string): Readonly<Record<string, string>> {
    assertPath(path)
    const until = this.#options.now() + UPLOAD_LIVES_MS
    return {
      url: `${this.#options.baseUrl()}/${path.split('/').map(encodeURIComponent).join('/')}`,
      token: String(until),
      authorization: this.#sign('put', path, until),
      fileId: this.#fileIdOf(path),
      cosFileId: Buffer.from(path).toString('base64url'),
    }
  }

  /** @returns why not, or null when the bytes are there. */
  put(path: string, permission: { token: string; authorization: string }, bytes: Buffer): Denial | null {
    const until = Number(permission.token)
    if (!this.#isSigned('put', path, until, permission.authorization)) return 'AccessDenied'
    if (bytes.length > this.maxFileBytes) return 'EntityTooLarge'
    const isNew = !this.#sizes.has(path)
    const grownBytes = this.#totalBytes - (this.#sizes.get(path) ?? 0) + bytes.length
    if ((isNew && this.count >= MAX_FILES) || grownBytes > MAX_TOTAL_BYTES) return 'QuotaExceeded'
    // Bytes first: a file that is remembered has to be there.
    this.#options.blobs.put(path, bytes)
    const change: FileChange = { kind: 'file', path, bytes: bytes.length }
    this.#options.record([change])
    this.replay(change)
    return null
  }

  /** A link that works until it expires, for anyone who has it. */
  link(fileId: string, maxAgeSeconds: number): string | undefined {
    const path = this.#pathOf(fileId)
    if (path === undefined || !this.#sizes.has(path)) return undefined
    const until = this.#options.now() + maxAgeSeconds * 1000
    // Not encoded, because the SDK encodes what it gets here.
    return `${this.#options.baseUrl()}/${path}?sign=${this.#sign('get', path, until)}&t=${until}`
  }

  get(path: string, permission: { sign: string; t: string }): Buffer | Denial {
    if (!this.#isSigned('get', path, Number(permission.t), permission.sign)) return 'AccessDenied'
    if (!this.#sizes.has(path)) return 'NoSuchKey'
    return this.#options.blobs.get(path) ?? 'NoSuchKey'
  }

  delete(fileId: string): boolean {
    const path = this.#pathOf(fileId)
    if (path === undefined || !this.#sizes.has(path)) return false
    const change: FileChange = { kind: 'unfile', path }
    this.#options.record([change])
    this.replay(change)
    this.#options.blobs.delete(path)
    return true
  }

  get #prefix(): string {
    return `cloud://${this.#options.env}.emulated-${this.#options.env}/`
  }

  #fileIdOf(path: string): string {
    return `${this.#prefix}${path}`
  }

  #pathOf(fileId: string): string | undefined {
    return fileId.startsWith(this.#prefix) ? fileId.slice(this.#prefix.length) : undefined
  }

  #sign(verb: 'put' | 'get', path: string, until: number): string {
    return createHmac('sha256', this.#key).update(`${verb}\n${path}\n${until}`).digest('hex')
  }

  #isSigned(verb: 'put' | 'get', path: string, until: number, signature: string): boolean {
    if (!Number.isFinite(until) || this.#options.now() >= until) return false
    const expected = Buffer.from(this.#sign(verb, path, until))
    const given = Buffer.from(signature)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
}

export function storageActions(storage: Storage): Readonly<Record<string, Action>> {
  return {
    'storage.getUploadMetadata': (request) => {
      const path = request.text('path')
      const method = request.text('method')
      request.assertAllRead()
      if (method !== 'put') throw cloudErrors.notEmulated(`uploading by ${method}`)
      return { data: storage.uploadMetadata(path) }
    },

    'storage.batchGetDownloadUrl': (request) => {
      const files = request.list('file_list', MAX_FILES_A_CALL).map(readLink)
      request.assertAllRead()
      const list = files.map(({ fileId, maxAgeSeconds }) => {
        const url = storage.link(fileId, maxAgeSeconds)
        return url === undefined
          ? { code: 'STORAGE_FILE_NONEXIST', fileID: fileId, tempFileURL: '' }
          : { code: 'SUCCESS', fileID: fileId, tempFileURL: url, maxAge: maxAgeSeconds }
      })
      return { data: { download_list: list } }
    },

    'storage.batchDeleteFile': (request) => {
      const ids = request.list('fileid_list', MAX_FILES_A_CALL)
      request.assertAllRead()
      const list = ids.map((fileId) => ({
        fileID: fileId,
        code: typeof fileId === 'string' && storage.delete(fileId) ? 'SUCCESS' : 'STORAGE_FILE_NONEXIST',
      }))
      return { data: { delete_list: list } }
    },
  }
}

function readLink(file: unknown): { fileId: string; maxAgeSeconds: number } {
  const {
    fileid: fileId,
    max_age: maxAge = LINK_LIVES_SECONDS,
    ...more
  } = Object(file) as Record<string, unknown>
  if (typeof fileId !== 'string') throw cloudErrors.invalid('file_list must hold objects with fileid')
  if (typeof maxAge !== 'number' || !(maxAge > 0 && maxAge <= MAX_AGE_SECONDS)) {
    throw cloudErrors.invalid(`max_age must be from 1 to ${MAX_AGE_SECONDS} seconds`)
  }
  const [unknown] = Object.keys(more)
  if (unknown !== undefined) throw cloudErrors.notEmulated(`${unknown} of a download link`)
  return { fileId, maxAgeSeconds: maxAge }
}

// 文件名规则: 不能以 / 开头, 不能出现连续 /, 编码后最多 850 字节, 不支持控制字符. ? # and % are left out because the links the
// SDK makes of them are ambiguous.
function assertPath(path: string): void {
  const isPlain = [...path].every((char) => char > '\u001f' && char !== '\u007f')
  if (
    !isPlain ||
    path.startsWith('/') ||
    path.includes('//') ||
    Buffer.byteLength(encodeURI(path)) > MAX_PATH_BYTES
  ) {
    throw new CloudError('STORAGE_REQUEST_FAIL', `[InvalidKey] ${JSON.stringify(path)} is no name for a file`)
  }
  if (/[?#%\\]/.test(path) || path.split('/').some((segment) => segment === '.' || segment === '..')) {
    throw cloudErrors.notEmulated(`the file name ${JSON.stringify(path)}`)
  }
}
