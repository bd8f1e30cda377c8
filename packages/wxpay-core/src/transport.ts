/** @module One bounded HTTPS exchange: kept-alive connections, checked peers, no redirects, api2 fail-over. */
import type { EventEmitter } from 'node:events'
import type http from 'node:http'
import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { badConfig, readOrigin, readTimeout, unlimited } from './checks.ts'
import type { ConnectionConfig } from './client.ts'
import { isUnconnected, WxpayError, type WxpayErrorCode } from './errors.ts'
import { isObject } from './json.ts'
import { version } from './version.ts'

/** WeChat Pay's own address (主域名). */
export const defaultBaseUrl = 'https://api.mch.weixin.qq.com'
/** Its second one, for when the first cannot be reached (备域名). */
export const defaultBackupUrl = 'https://api2.mch.weixin.qq.com'

/** What goes over the wire; the same body goes to the backup. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  /** Path and query, already encoded. */
  readonly path: string
  /** A function is asked again for every attempt: a signature's nonce is for one request only. */
  readonly headers: WireHeaders | (() => WireHeaders | Promise<WireHeaders>)
  /** Empty for GET. */
  readonly body: string
  /** Downloads are larger and slower than answers. */
  readonly download?: { readonly maxBytes: number; readonly timeoutMs: number }
  /**
   * Written once, and never again: it moves money. Whoever sent it is to ask what became of it, because the answer to a
   * second writing says nothing certain about the first: WeChat signs no refusals under v3.
   */
  readonly once?: boolean
}

export type WireHeaders = Readonly<Record<string, string>>

/** Exactly what came back. */
export interface WireAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Sends requests of one merchant. */
export interface Transport {
  /** @throws WxpayError with an outcome that says whether a byte of the request can have left */
  send(request: WireRequest): Promise<WireAnswer>
  destroy(): void
}

/** Sent with every request; WeChat refuses some v3 calls without one. */
export const userAgent = `wxpay-core/${version} (node/${process.versions.node}; ${process.platform})`

/** A client certificate for mutual TLS (v2 refunds), PEM. */
export interface ClientIdentity {
  readonly certPem: string
  readonly keyPem: string
}

// No answer of this protocol comes near it: a list of ten platform certificates has 25 KB.
const maxAnswerBytes = 256 * 1024

// Idle connections are dropped before a server or firewall on the way is likely to do it (60 s and more).
const idleMs = 55_000

/**
 * Opens nothing yet; connections are made by the first call and kept for later ones, one agent per host and client
 * certificate.
 *
 * @throws WxpayError `ERR_WXPAY_CONFIG`
 */
export function createTransport(config: ConnectionConfig, identity?: ClientIdentity): Transport {
  const unsafe = 'NODE_TLS_REJECT_UNAUTHORIZED'
  if (process.env[unsafe] === '0') {
    throw badConfig(unsafe, 'unset: payments are not sent to unverified servers. Use ca instead')
  }
  const connectTimeoutMs = readTimeout('connectTimeoutMs', config.connectTimeoutMs, 3_000)
  const timeoutMs = readTimeout('timeoutMs', config.timeoutMs, 10_000)
  const { timeLeftMs = unlimited } = config
  const backupUrl = config.backupUrl ?? (config.baseUrl === undefined ? defaultBackupUrl : undefined)
  if (config.ca !== undefined && !config.ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw badConfig('ca', 'certificates in PEM')
  }
  const trust: Trust = { ca: config.ca, identity }
  const primary = createHost(readOrigin('baseUrl', config.baseUrl ?? defaultBaseUrl), trust)
  const backup = backupUrl === undefined ? undefined : createHost(readOrigin('backupUrl', backupUrl), trust)

  async function send(request: WireRequest): Promise<WireAnswer> {
    const leftMs = timeLeftMs()
    // Written so that "not a number" is no time either.
    if (!(leftMs >= 1)) throw new WxpayError('ERR_WXPAY_CONNECT', 'no time is left for this call')
    const wholeMs = Math.min(leftMs, Math.max(timeoutMs, request.download?.timeoutMs ?? 0))
    const limits: Limits = { connectTimeoutMs, wholeMs, startedAt: performance.now() }
    if (backup === undefined) return exchange(primary, request, limits)
    let answer: WireAnswer
    try {
      answer = await exchange(primary, request, limits)
    } catch (error) {
      // Only when nothing left us. After the bytes were sent, the first host may be working on them.
      if (!isUnconnected(error) || !hasTimeAgain(limits)) throw error
      return exchange(backup, request, limits)
    }
    if (![502, 503].includes(answer.status) || request.once || !hasTimeAgain(limits)) return answer
    // A gateway that says it cannot reach its service. The same number goes to the other host; what stays unknown
    // if that fails too is what became of the first attempt.
    return exchange(backup, request, limits).catch(() => answer)
  }

  return {
    send,
    destroy() {
      primary.destroy()
      backup?.destroy()
    },
  }
}

interface Limits {
  readonly connectTimeoutMs: number
  /** For all attempts together. */
  readonly wholeMs: number
  /** On the monotonic clock. */
  readonly startedAt: number
}

// A second attempt with less would write the request and not wait for its answer: "not sent" would become "unknown".
const leastMs = 500

/** Whether a second attempt can come to something; half of a call's time is enough where all of it is short. */
function hasTimeAgain(limits: Limits): boolean {
  return leftOf(limits) >= Math.min(leastMs, limits.wholeMs / 2)
}

function leftOf({ startedAt, wholeMs }: Limits): number {
  return startedAt + wholeMs - performance.now()
}

interface Host {
  readonly url: URL
  request(request: WireRequest, headers: WireHeaders): ClientRequest
  /** Whether the connection stands and its peer is verified: there is no event left to wait for. */
  isReady(socket: Socket): boolean
  /** Closes what is idle and kept. */
  dropIdle(): void
  /** For good: whoever is about to repeat a request must not do it any more. */
  destroy(): void
  isDestroyed(): boolean
}

/**
 * Of these, a kept connection broke before a byte of the answer came: most likely the server had closed it already. It may
 * have read the request all the same.
 */
const staleErrors = new WeakSet<object>()

/** One request to one host; repeated once, on a fresh connection, when a kept one turns out to be dead. */
async function exchange(host: Host, request: WireRequest, limits: Limits): Promise<WireAnswer> {
  try {
    return await attempt(host, request, limits)
  } catch (first) {
    const isStale = first instanceof WxpayError && staleErrors.has(first)
    if (!isStale || request.once || !hasTimeAgain(limits)) throw first
    // Where one kept connection is dead, its neighbours of the same age are too.
    host.dropIdle()
    // Bytes have been written once, so the outcome cannot be "not sent" any more.
    return attempt(host, request, limits).catch((error: unknown) => {
      throw error instanceof WxpayError && error.outcome === 'not-sent' ? first : error
    })
  }
}

function destroyedError(): WxpayError {
  return new WxpayError('ERR_WXPAY_DESTROYED', 'this client was destroyed')
}

function attempt(host: Host, wire: WireRequest, limits: Limits): Promise<WireAnswer> {
  // Not awaited when there is nothing to wait for: a call that need not wait for its signature starts at once.
  const made = typeof wire.headers === 'function' ? wire.headers() : wire.headers
  if (made instanceof Promise) return made.then((headers) => exchangeOnce(host, wire, headers, limits))
  return exchangeOnce(host, wire, made, limits)
}

async function exchangeOnce(
  host: Host,
  wire: WireRequest,
  headers: WireHeaders,
  limits: Limits,
): Promise<WireAnswer> {
  if (host.isDestroyed()) throw destroyedError()
  return new Promise((resolve, reject) => {
    const name = host.url.host
    const maxBytes = wire.download?.maxBytes ?? maxAnswerBytes
    const request = host.request(wire, headers)
    let sent = false
    let isKept = false
    let readBefore = 0

    // Whole milliseconds, and the same number for every first attempt: Node keeps timers of one length in one list.
    const remainingMs = Math.ceil(Math.max(0, leftOf(limits)))
    const totalTimer = setTimeout(() => {
      if (sent) giveUp('ERR_WXPAY_TIMEOUT', `no complete answer from ${name} in time`)
      else noConnection()
    }, remainingMs)
    let connectTimer: NodeJS.Timeout | undefined

    function noConnection(): void {
      giveUp('ERR_WXPAY_CONNECT', `no connection to ${name} in time`)
    }

    function finish(result: WireAnswer | Error): void {
      clearTimeout(connectTimer)
      clearTimeout(totalTimer)
      if (result instanceof Error) {
        reject(result)
        request.destroy()
      } else {
        resolve(result)
      }
    }

    function giveUp(code: WxpayErrorCode, what: string, cause?: unknown): void {
      finish(new WxpayError(code, what, { cause }))
    }

    function fail(cause?: unknown): void {
      // A system's or TLS error code for people; the error itself goes along as `cause`.
      const code = codeOf(cause) ?? 'unexpected end'
      if (!sent) {
        if (host.isDestroyed()) finish(destroyedError())
        else giveUp('ERR_WXPAY_CONNECT', `cannot connect to ${name}: ${code}`, cause)
        return
      }
      const what = `the connection to ${name} broke: ${code}`
      const lost = new WxpayError('ERR_WXPAY_CONNECTION_LOST', what, { cause })
      if (isKept && request.socket?.bytesRead === readBefore && closedByPeer.includes(code))
        staleErrors.add(lost)
      finish(lost)
    }

    request.on('error', fail)
    request.on('socket', (socket) => {
      const write = (): void => {
        clearTimeout(connectTimer)
        if (host.isDestroyed()) {
          fail()
          return
        }
        sent = true
        readBefore = socket.bytesRead
        request.end(wire.body)
      }
      // The request is written only on a connection whose peer has been verified: that makes "not sent" a fact.
      // Node's own word, `reusedSocket`, leaves out a connection that another call hands straight to one in the queue.
      isKept = host.isReady(socket)
      if (isKept) return write()
      connectTimer = setTimeout(noConnection, Math.min(limits.connectTimeoutMs, remainingMs))
      socket.once(host.url.protocol === 'https:' ? 'secureConnect' : 'connect', write)
    })
    request.on('response', (response) => {
      noteAnnouncedIdle(response.socket, String(response.headers['keep-alive'] ?? ''))
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= maxBytes) chunks.push(chunk)
        else giveUp('ERR_WXPAY_ANSWER_TOO_LARGE', `${name} answered more than ${maxBytes} bytes`)
      })
      response.on('error', fail)
      response.on('end', () => {
        if (!response.complete) return fail()
        finish({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks, size),
        })
      })
    })
  })
}

const closedByPeer = ['ECONNRESET', 'EPIPE', 'ECONNABORTED']

// By shape, not by class: errors of Node's own come from another realm in workers and test runners.
function codeOf(cause: unknown): string | undefined {
  return isObject(cause) && typeof cause.code === 'string' ? cause.code : undefined
}

function createHost(url: URL, trust: Trust): Host {
  // URL writes IPv6 hosts in brackets, sockets want them without.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // Without a port it is the agent's own, 443 or 80.
  const { port } = url
  const isTls = url.protocol === 'https:'
  let client: Client | undefined
  let destroyed = false

  return {
    url,
    request(wire, own) {
      client ??= isTls ? createTlsClient(trust) : createPlainClient()
      const { agent, request } = client
      const headers = { ...own, 'Content-Length': Buffer.byteLength(wire.body) }
      return request({ method: wire.method, path: wire.path, headers, host, port, agent })
    },
    isReady: (socket) => (isTls ? 'authorized' in socket && socket.authorized === true : !socket.connecting),
    dropIdle() {
      for (const sockets of Object.values(client?.agent.freeSockets ?? {})) {
        for (const socket of sockets ?? []) socket.destroy()
      }
    },
    destroy() {
      destroyed = true
      client?.agent.destroy()
      // An agent opens new connections for what is still in its queue. That has not been sent, and never will be.
      const queues: NodeJS.Dict<EventEmitter[]> = client?.agent.requests ?? {}
      for (const name in queues) {
        const queue = queues[name]
        delete queues[name]
        for (const request of queue ?? []) request.emit('error')
      }
    },
    isDestroyed: () => destroyed,
  }
}

const agentShape = {
  keepAlive: true,
  maxSockets: 64,
  // As many as can be at work: what a burst has opened, the next one finds.
  maxFreeSockets: 64,
  scheduling: 'lifo',
} as const satisfies http.AgentOptions

/** Milliseconds after which the server said it would close this connection (`Keep-Alive: timeout=`). */
const announcedIdleMs = new WeakMap<object, number>()

// Node's own reserve for a request that is under way when the server closes.
const announcedReserveMs = 1_000

/**
 * Ends idle connections after a while, sooner when the server announces to do so. The agent's own `timeout` does the same,
 * and puts a timer on every request as well.
 */
function withIdleLimit<A extends http.Agent>(agent: A): A {
  agent.keepSocketAlive = (stream: Duplex): boolean => {
    if (!isSocket(stream)) return false
    const announced = announcedIdleMs.get(stream)
    const limitMs = announced === undefined ? idleMs : Math.min(idleMs, announced - announcedReserveMs)
    if (limitMs <= 0) return false
    stream.setKeepAlive(true, 1_000)
    stream.unref()
    if (stream.timeout !== limitMs) stream.setTimeout(limitMs)
    return true
  }
  return agent
}

function isSocket(stream: Duplex): stream is Socket {
  return 'setKeepAlive' in stream
}

function noteAnnouncedIdle(socket: Socket, header: string): void {
  const seconds = /\btimeout=([0-9]{1,6})/.exec(header)?.[1]
  if (seconds !== undefined) announcedIdleMs.set(socket, Number(seconds) * 1_000)
}

interface Trust {
  readonly ca: string | undefined
  readonly identity: ClientIdentity | undefined
}

/** An agent and the function that uses it. */
interface Client {
  readonly agent: http.Agent
  readonly request: typeof http.request
}

// Made by the first call instead of with the package: the modules take 4 ms, and the list of authorities 20, that a cold start
// need not wait for. Whoever only reads notifications never needs them.
function createTlsClient({ ca, identity }: Trust): Client {
  const { Agent, request } = process.getBuiltinModule('node:https')
  const { createSecureContext, rootCertificates } = process.getBuiltinModule('node:tls')
  const agent = new Agent({
    ...agentShape,
    rejectUnauthorized: true,
    // One context for all connections of this agent, instead of one each.
    secureContext: createSecureContext({
      minVersion: 'TLSv1.2',
      // `ca` replaces Node's list, so the list comes along.
      ca: ca && [...rootCertificates, ca],
      cert: identity?.certPem,
      key: identity?.keyPem,
    }),
  })
  return { agent: withIdleLimit(agent), request }
}

function createPlainClient(): Client {
  const { Agent, request } = process.getBuiltinModule('node:http')
  return { agent: withIdleLimit(new Agent(agentShape)), request }
}
