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

export interface UploadProgress {
  /** Percent. */
  readonly progress: number
  readonly totalBytesSent: number
  readonly totalBytesExpectedToSend: number
}

export interface RequestTask {
  abort(): void
  onHeadersReceived(listener: (result: { header: Record<string, string> }) => void): void
  offHeadersReceived(): void
  /** Of an upload alone; a request has no progress. */
  onProgressUpdate(listener: (result: UploadProgress) => void): void
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
    run('uploadFile', options, async (signal, onHeaders, onProgress) => {
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
      const request = { url, header, body: form, signal }
      const answer = await uploadExchange(config, request, { onHeaders, onProgress })
      return {
        statusCode: answer.statusCode,
        header: answer.header,
        cookies: answer.cookies,
        data: new TextDecoder().decode(answer.body),
      }
    })
}

type OnHeaders = (header: Record<string, string>) => void
type OnProgress = (progress: UploadProgress) => void

function run(
  name: string,
  options: Callbacks & { timeout?: number },
  work: (signal: AbortSignal, onHeaders: OnHeaders, onProgress: OnProgress) => Promise<object>,
): RequestTask {
  const controller = new AbortController()
  const headerListeners = new Set<(result: { header: Record<string, string> }) => void>()
  const progressListeners = new Set<OnProgress>()
  const timer = setTimeout(() => {
    controller.abort(new CallFailure('timeout', { errno: 5 }))
  }, options.timeout ?? TIMEOUT_MS)
  const onHeaders = (header: Record<string, string>) => {
    for (const listener of headerListeners) listener({ header })
  }
  const onProgress: OnProgress = (progress) => {
    for (const listener of progressListeners) listener(progress)
  }
  work(controller.signal, onHeaders, onProgress)
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
    onProgressUpdate: (listener) => void progressListeners.add(listener),
    offProgressUpdate: () => progressListeners.clear(),
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
  onHeaders: OnHeaders,
): Promise<Exchange> {
  const response = await fetch(request.url, {
    method: request.method,
    headers: new Headers(envelopeOf(config, request.header)),
    body: request.body ?? null,
    signal: request.signal,
  })
  const received = receivedHeaders([...response.headers])
  onHeaders(received.header)
  return { statusCode: response.status, ...received, body: await response.arrayBuffer() }
}

/** Like `exchange`, by the one means of a browser that tells how far an upload is. */
function uploadExchange(
  config: PhoneConfig,
  request: { url: URL; header: Record<string, string>; body: FormData; signal: AbortSignal },
  { onHeaders, onProgress }: { onHeaders: OnHeaders; onProgress: OnProgress },
): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', request.url)
    xhr.responseType = 'arraybuffer'
    for (const [name, value] of Object.entries(envelopeOf(config, request.header)))
      xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = ({ loaded, total }) =>
      onProgress({
        progress: total === 0 ? 100 : Math.round((loaded / total) * 100),
        totalBytesSent: loaded,
        totalBytesExpectedToSend: total,
      })
    xhr.onload = () => {
      try {
        const received = receivedHeaders(headerLines(xhr.getAllResponseHeaders()))
        onHeaders(received.header)
        resolve({ statusCode: xhr.status, ...received, body: xhr.response })
      } catch (error) {
        reject(error)
      }
    }
    xhr.onerror = () => reject(networkFailure(undefined))
    xhr.onabort = () => reject(request.signal.reason)
    if (request.signal.aborted) reject(request.signal.reason)
    else {
      request.signal.addEventListener('abort', () => xhr.abort())
      xhr.send(request.body)
    }
  })
}

/** Browsers refuse some header names and all non-Latin values, so the program's headers travel in an envelope. */
function envelopeOf(config: PhoneConfig, header: Record<string, string>): Record<string, string> {
  const own = Object.entries(header).map(([name, value]) => [`x-mp-${name}`, encodeURIComponent(value)])
  return { 'x-preview-token': config.token, ...Object.fromEntries(own) }
}

const headerLines = (text: string): [name: string, value: string][] =>
  text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 0 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]]
  })

/** @throws CallFailure when the preview's server could not reach the origin */
function receivedHeaders(
  lines: readonly (readonly [name: string, value: string])[],
): Pick<Exchange, 'header' | 'cookies'> {
  const failure = lines.find(([name]) => name === 'x-preview-failure')?.[1]
  if (failure !== undefined) throw new CallFailure(decodeURIComponent(failure), { errno: 600001 })
  const header: Record<string, string> = {}
  for (const [name, value] of lines) {
    if (name.startsWith('x-mp-')) header[name.slice('x-mp-'.length)] = decodeURIComponent(value)
  }
  return { header, cookies: header['set-cookie']?.split('\n') ?? [] }
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
