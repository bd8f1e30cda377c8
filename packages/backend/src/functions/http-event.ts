/** @module The HTTP access service's events as web-standard requests, and answers back. */
import type { HttpAccessEvent, Members } from './function-event.ts'

/** What the service makes an HTTP answer of (集成响应). */
export interface HttpAccessAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  /** Only where one header is there more than once. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** A host as it may stand in an address; the header is the caller's word. */
const HOST = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const UNKNOWN_HOST = 'function.invalid'
const isHost = (host: string): boolean => HOST.test(host) && URL.canParse(`https://${host}`)

/**
 * @param path ours, without the route's prefix
 */
export const toRequest = (event: HttpAccessEvent, path: string): Request => {
  const headers = toHeaders(event)
  const host = headers.get('host') ?? ''
  const query = toQuery(event)
  // A decoded path may hold what would end it.
  const safePath = path.replace(/[?#]/g, encodeURIComponent)
  const url = `https://${isHost(host) ? host : UNKNOWN_HOST}${safePath}${query === '' ? '' : `?${query}`}`
  const hasBody = event.body !== '' && event.httpMethod !== 'GET' && event.httpMethod !== 'HEAD'
  // The service counts the bytes that it received, and what reaches us may have been encoded since.
  headers.delete('content-length')
  headers.delete('transfer-encoding')
  return new Request(url, {
    method: event.httpMethod,
    headers,
    ...(hasBody ? { body: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8') } : {}),
  })
}

const toHeaders = ({ headers, multiValueHeaders }: HttpAccessEvent): Headers => {
  const all = new Headers()
  const lists = Object.entries(multiValueHeaders)
  const listed = new Set(lists.map(([name]) => name.toLowerCase()))
  const single = Object.entries(headers).filter(([name]) => !listed.has(name.toLowerCase()))
  for (const [name, value] of [...lists, ...single])
    for (const one of valuesOf(value)) {
      try {
        all.append(name, one)
      } catch {
        // Not a name or value that HTTP knows: nobody could have sent it, and nothing of ours reads it.
      }
    }
  return all
}

const toQuery = (event: HttpAccessEvent): string => {
  const query = new URLSearchParams()
  const lists = Object.entries(event.multiValueQueryStringParameters)
  for (const [name, value] of lists.length > 0 ? lists : Object.entries(event.queryStringParameters))
    for (const one of valuesOf(value)) query.append(name, one)
  return query.toString()
}

/** Texts as they are, numbers and truth values as text, lists one by one. */
const valuesOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(valuesOf)
  if (typeof value === 'string') return [value]
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : []
}

/** Types that are text in UTF-8; all others travel as base64, byte for byte. */
const TEXT = /^(?:text\/|application\/(?:json|xml)\b)/i

export const toAnswer = async (response: Response): Promise<HttpAccessAnswer> => {
  const bytes = Buffer.from(await response.arrayBuffer())
  const type = response.headers.get('content-type')
  const isText = bytes.length === 0 || (type !== null && TEXT.test(type))
  const cookies = response.headers.getSetCookie()
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    ...(cookies.length > 1 ? { multiValueHeaders: { 'set-cookie': cookies } } : {}),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}

/** The address of whoever the service itself was called by, where the service says it. */
export const socketAddressOf = (context: Members): string | null =>
  typeof context.sourceIp === 'string' && context.sourceIp !== '' ? context.sourceIp : null
