/** @module Carries wx.request to the declared origins, and to nowhere else. */

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream'
import { HttpRefusal } from './answers.ts'

/** A declared origin: as the program writes it, and where it really is. */
export interface RequestDomain {
  readonly declared: string
  readonly target: string
}

/** WeChat's limit for an upload is 10 MB on the wire; nothing larger passes. */
const BODY_LIMIT = 10 * 1024 * 1024
const REDIRECT_LIMIT = 5
const CONNECT_FAILURE = 'errcode:-102 cronet_error_code:-102 error_msg:net::ERR_CONNECTION_REFUSED'

export class RequestProxy {
  private readonly domains: readonly RequestDomain[]

  constructor(domains: readonly RequestDomain[]) {
    this.domains = domains
  }

  /**
   * Forwards `/<index>/<path>` to the origin with that index.
   * @param rest the path after `/-/request/` or `/-/file/`
   * @throws HttpRefusal 404 for an index that is not declared
   */
  async forward(request: IncomingMessage, response: ServerResponse, rest: string): Promise<void> {
    const match = /^(\d+)(\/.*)?$/s.exec(rest)
    const domain = this.domains[Number(match?.[1])]
    if (domain === undefined) throw new HttpRefusal(404, 'no such request domain')
    const url = new URL(match?.[2] ?? '/', domain.target)
    // A path like `//elsewhere` must stay a path.
    if (url.origin !== domain.target) throw new HttpRefusal(404, 'no such request domain')
    await this.exchange(request, response, { url, hops: 0 })
  }

  private exchange(
    request: IncomingMessage,
    response: ServerResponse,
    { url, hops }: { url: URL; hops: number },
  ): Promise<void> {
    return new Promise((resolve) => {
      const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
        method: request.method ?? 'GET',
        headers: outgoingHeaders(request.headers),
      })
      const fail = (message: string) => {
        if (!response.headersSent) {
          response.writeHead(502, {
            'x-preview-failure': encodeURIComponent(message),
            'cache-control': 'no-store',
            // What is left of a refused body is not worth reading.
            connection: 'close',
          })
        }
        response.end()
        resolve()
      }
      outgoing.on('error', () => fail(CONNECT_FAILURE))
      response.on('close', () => {
        if (!response.writableFinished) outgoing.destroy()
        resolve()
      })
      outgoing.on('response', (answer) => {
        const next = this.redirectOf(request, answer, url)
        if (next === undefined) {
          response.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers))
          pipeline(answer, response, () => resolve())
          return
        }
        answer.resume()
        if (next === 'refused' || hops >= REDIRECT_LIMIT) fail('redirect to a url not in domain list')
        else this.exchange(request, response, { url: next, hops: hops + 1 }).then(resolve)
      })
      if (hops > 0) outgoing.end()
      else sendBody(request, outgoing, () => fail('request body is larger than 10 MB'))
    })
  }

  /** Where a GET is sent on to: a declared origin's target, or nowhere. */
  private redirectOf(
    request: IncomingMessage,
    answer: IncomingMessage,
    from: URL,
  ): URL | 'refused' | undefined {
    const { location } = answer.headers
    const isRedirect = [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)
    if (!isRedirect || location === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
      return undefined
    if (!URL.canParse(location, from)) return 'refused'
    const wanted = new URL(location, from)
    const domain = this.domains.find(
      ({ declared, target }) => wanted.origin === declared || wanted.origin === target,
    )
    return domain === undefined ? 'refused' : new URL(wanted.pathname + wanted.search, domain.target)
  }
}

/** Only what the program set travels on; the browser's own headers stay here. */
function outgoingHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const outgoing: Record<string, string> = {
    'user-agent': 'Mozilla/5.0 MicroMessenger/8.0.50 MiniProgramEnv/preview',
    referer: 'https://servicewechat.com/preview/devtools/page-frame.html',
  }
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue
    if (name.startsWith('x-mp-')) outgoing[name.slice('x-mp-'.length)] = decodeHeader(value)
  }
  // WeChat does not let a program choose these.
  delete outgoing.host
  delete outgoing['content-length']
  delete outgoing['transfer-encoding']
  delete outgoing.connection
  outgoing['content-type'] ??= headers['content-type'] ?? ''
  if (outgoing['content-type'] === '') delete outgoing['content-type']
  if (headers['content-length'] !== undefined) outgoing['content-length'] = headers['content-length']
  if (headers['accept-encoding'] !== undefined)
    outgoing['accept-encoding'] = String(headers['accept-encoding'])
  return outgoing
}

/** The answer's headers travel in an envelope: the browser must not act on cookies or policies meant for the program. */
function answerHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const outgoing: Record<string, string> = {
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    outgoing[`x-mp-${name}`] = encodeURIComponent(Array.isArray(value) ? value.join('\n') : value)
  }
  for (const name of ['content-type', 'content-encoding', 'content-length']) {
    const value = headers[name]
    if (typeof value === 'string') outgoing[name] = value
  }
  return outgoing
}

function decodeHeader(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

function sendBody(request: IncomingMessage, outgoing: http.ClientRequest, onTooLarge: () => void): void {
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > BODY_LIMIT) {
      request.pause()
      outgoing.destroy()
      onTooLarge()
      return
    }
    if (!outgoing.write(chunk)) request.pause()
  })
  outgoing.on('drain', () => request.resume())
  request.on('end', () => outgoing.end())
  request.on('error', () => outgoing.destroy())
}
