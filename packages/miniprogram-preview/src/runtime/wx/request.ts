/** @module wx.request and wx.uploadFile, through the preview's server: mini-programs know no CORS. */
import type { PhoneConfig } from '../phone-config.ts'
import { type Callbacks, CallFailure, failureResult, report } from './call.ts'

export interface RequestOptions extends Callbacks {
  readonly url: string
  readonly method?: string
  readonly data?: unknown
  readonly header?: Readonly<Record<string, unknown>>
  readonly timeout?: number
  readonly dataType?: string
  readonly responseType?: 'text' | 'arraybuffer'
}

export interface UploadOptions extends Callbacks {
  readonly url: string
  readonly filePath: string
  readonly name: string
  readonly header?: Readonly<Record<string, unknown>>
  readonly formData?: Readonly<Record<string, unknown>>
  readonly timeout?: number
}

export interface RequestTask {
  abort(): void
  onHeadersReceived(listener: (result: { header: Record<string, string> }) => void): void
  offHeadersReceived(): void
  onProgressUpdate(listener: (result: { progress: number }) => void): void
  offProgressUpdate(): void
  onChunkReceived(): void
  offChunkReceived(): void
}

/** The default of wx.request (网络超时时间). */
const TIMEOUT_MS = 60_000

interface Exchange {
  readonly statusCode: number
  readonly header: Record<string, string>
  readonly cookies: string[]
  readonly body: ArrayBuffer
}

export function createRequest(config: PhoneConfig) {
  return (options: RequestOptions): RequestTask =>
    run('request', options, async (signal, onHeaders) => {
      const method = (options.method ?? 'GET').toUpperCase()
      const header = lowerCaseNames(options.header)
      header['content-type'] ??= 'application/json'
      const url = targetUrl(options.url, config)
      const body = encodeBody(method, options.data, header['content-type'], url)
      const answer = await exchange(config, { url, method, header, body, signal }, onHeaders)
      return {
        statusCode: answer.statusCode,
        header: answer.header,
        cookies: answer.cookies,
        data: decode(answer, options),
      }
    })
}

export function createUploadFile(config: PhoneConfig) {
  return (options: UploadOptions): RequestTask =>
    run('uploadFile', options, async (signal, onHeaders) => {
      const file = await fetch(options.filePath).then(
        (response) => response.blob(),
        () => undefined,
      )
      if (file === undefined) throw new CallFailure(`file doesn't exist: ${options.filePath}`)
      const form = new FormData()
      for (const [name, value] of Object.entries(options.formData ?? {})) form.append(name, String(value))
      form.append(
        options.name,
        file,
        file instanceof File ? file.name : `upload.${file.type.split('/')[1] ?? 'bin'}`,
      )
      const header = lowerCaseNames(options.header)
      // The browser writes the multipart boundary.
      delete header['content-type']
      const url = targetUrl(options.url, config)
      const answer = await exchange(config, { url, method: 'POST', header, body: form, signal }, onHeaders)
      return { statusCode: answer.statusCode, data: new TextDecoder().decode(answer.body) }
    })
}

function run(
  name: string,
  options: Callbacks & { timeout?: number },
  work: (signal: AbortSignal, onHeaders: (header: Record<string, string>) => void) => Promise<object>,
): RequestTask {
  const controller = new AbortController()
  const headerListeners = new Set<(result: { header: Record<string, string> }) => void>()
  const timer = setTimeout(() => {
    controller.abort(new CallFailure('timeout', { errno: 5 }))
  }, options.timeout ?? TIMEOUT_MS)
  const onHeaders = (header: Record<string, string>) => {
    for (const listener of headerListeners) listener({ header })
  }
  work(controller.signal, onHeaders)
    .then(
      (fields) => ({ ok: true, result: { errMsg: `${name}:ok`, ...fields } }),
      (error: unknown) => ({
        ok: false,
        result: failureResult(
          name,
          controller.signal.aborted ? controller.signal.reason : networkFailure(error),
        ),
      }),
    )
    .then(({ ok, result }) => {
      clearTimeout(timer)
      report(options, ok, result)
    })
  return {
    abort: () => controller.abort(new CallFailure('abort')),
    onHeadersReceived: (listener) => void headerListeners.add(listener),
    offHeadersReceived: () => headerListeners.clear(),
    onProgressUpdate() {},
    offProgressUpdate() {},
    onChunkReceived() {},
    offChunkReceived() {},
  }
}

/** The address on the preview's server that stands for an address of the program. */
function targetUrl(url: string, config: PhoneConfig): URL {
  if (!/^https?:\/\//i.test(url)) throw new CallFailure(`invalid url "${url}"`)
  const parsed = new URL(url)
  const index = config.requestDomains.indexOf(parsed.origin)
  if (index < 0) throw new CallFailure('url not in domain list', { errno: 600002 })
  return new URL(`/-/request/${index}${parsed.pathname}${parsed.search}`, location.origin)
}

function encodeBody(method: string, data: unknown, contentType: string, url: URL): BodyInit | undefined {
  if (data === undefined || data === null) return undefined
  if (method === 'GET' || method === 'HEAD') {
    if (typeof data === 'object')
      for (const [name, value] of Object.entries(data)) url.searchParams.set(name, textOf(value))
    return undefined
  }
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return data
  if (contentType.includes('application/x-www-form-urlencoded')) {
    return new URLSearchParams(Object.entries(data).map(([name, value]) => [name, textOf(value)])).toString()
  }
  return JSON.stringify(data)
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

async function exchange(
  config: PhoneConfig,
  request: {
    url: URL
    method: string
    header: Record<string, string>
    body: BodyInit | undefined
    signal: AbortSignal
  },
  onHeaders: (header: Record<string, string>) => void,
): Promise<Exchange> {
  const headers = new Headers({ 'x-preview-token': config.token })
  // Browsers refuse some header names and all non-Latin values, so the program's headers travel in an envelope.
  for (const [name, value] of Object.entries(request.header))
    headers.set(`x-mp-${name}`, encodeURIComponent(value))
  const response = await fetch(request.url, {
    method: request.method,
    headers,
    body: request.body ?? null,
    signal: request.signal,
  })
  const failure = response.headers.get('x-preview-failure')
  if (failure !== null) {
    throw new CallFailure(decodeURIComponent(failure), { errno: 600001 })
  }
  const header: Record<string, string> = {}
  const cookies: string[] = []
  for (const [name, value] of response.headers) {
    if (name.startsWith('x-mp-')) header[name.slice('x-mp-'.length)] = decodeURIComponent(value)
  }
  if (header['set-cookie'] !== undefined) cookies.push(...header['set-cookie'].split('\n'))
  onHeaders(header)
  return { statusCode: response.status, header, cookies, body: await response.arrayBuffer() }
}

function decode(answer: Exchange, options: RequestOptions): unknown {
  if (options.responseType === 'arraybuffer') return answer.body
  const text = new TextDecoder().decode(answer.body)
  if (options.dataType !== undefined && options.dataType !== 'json') return text
  try {
    return JSON.parse(text)
  } catch {
    // As in WeChat, an answer that is not JSON stays text.
    return text
  }
}

function networkFailure(error: unknown): unknown {
  if (error instanceof CallFailure) return error
  return new CallFailure('errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED', {
    errno: 600001,
  })
}

function lowerCaseNames(header: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(header).map(([name, value]) => [name.toLowerCase(), String(value)]),
  )
}
