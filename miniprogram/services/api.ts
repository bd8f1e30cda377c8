/** @module Our server's calls, typed by the contract: `api.placeOrder({ body, idempotencyKey })`. */
import {
  type CallBody,
  type CallData,
  type CallName,
  type CallParams,
  type CallQuery,
  type JsonCallName,
  ROUTES,
  type Route,
  routePath,
  type Session as SessionData,
  type Upload,
} from '@yuanlu/contract'
import { ApiFailure, isFailure } from './api-failure'
import { exchange, exchangeFile, type FileAsk } from './http'
import { createSession } from './session'

type Nothing = Record<never, never>
/** A part of a call: left out when the call has none, optional when all its members are. */
type Part<K extends string, T> = [T] extends [undefined]
  ? Nothing
  : Nothing extends T
    ? { readonly [P in K]?: T }
    : { readonly [P in K]: T }
type Key<N extends CallName> = (typeof ROUTES)[N] extends { readonly idempotent: true }
  ? { readonly idempotencyKey: string }
  : Nothing

/** What a caller states. */
export type Ask<N extends JsonCallName> = Part<'params', CallParams<N>> &
  Part<'query', CallQuery<N>> &
  Part<'body', CallBody<N>> &
  Key<N>

type Args<N extends JsonCallName> = Nothing extends Ask<N> ? [ask?: Ask<N>] : [ask: Ask<N>]

type PictureAsk = Pick<FileAsk, 'filePath' | 'onProgress' | 'onStart'>

/** Every call of the contract by name, but for reading pictures, which `<image>` does. Each throws `ApiFailure`. */
export type Api = { readonly [N in JsonCallName]: (...args: Args<N>) => Promise<CallData<N>> } & {
  readonly uploadFile: (ask: PictureAsk) => Promise<Upload>
}

interface AnyAsk {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: object
  readonly idempotencyKey?: string
}

const routeOf = (name: CallName): Route => ROUTES[name]

const READ_TIMEOUT_MS = 8_000
/** Writes may wait for WeChat Pay behind our server. */
const WRITE_TIMEOUT_MS = 20_000
/** Two megabytes over a slow network. */
const UPLOAD_TIMEOUT_MS = 60_000
/** Pauses before a read is sent again; their number bounds the repetitions. */
const READ_PAUSES_MS = [400, 1_200] as const
/** A server that asks for a longer pause than this gets none: the shopper decides when to try again. */
const LONGEST_PAUSE_MS = 3_000

const pathWithQuery = (name: CallName, ask: AnyAsk): string => {
  const query = Object.entries(ask.query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(key)}=${encodeURIComponent(value)}`],
  )
  const path = routePath(name, ask.params)
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** How long to pause before the same read is sent again; `null` when repeating is of no use. */
const pauseBeforeRepeat = (failure: unknown, repetition: number): number | null => {
  const pauseMs = READ_PAUSES_MS[repetition]
  if (!(failure instanceof ApiFailure) || failure.retry === 'no' || pauseMs === undefined) return null
  const asked = failure.retryAfterMs ?? 0
  return asked > LONGEST_PAUSE_MS ? null : Math.max(pauseMs, asked)
}

const createApi = (): Api => {
  const session = createSession({
    exchange: async (code) => {
      const data = await send('signIn', { body: { code } }, null)
      return (data as SessionData).token
    },
  })

  const send = (name: CallName, ask: AnyAsk, token: string | null): Promise<unknown> => {
    const { method } = routeOf(name)
    return exchange({
      method,
      path: pathWithQuery(name, ask),
      header: {
        ...(token !== null && { Authorization: `Bearer ${token}` }),
        ...(ask.idempotencyKey !== undefined && { 'Idempotency-Key': ask.idempotencyKey }),
      },
      timeoutMs: method === 'GET' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
      ...((method === 'POST' || method === 'PUT') && { body: ask.body ?? {} }),
    })
  }

  const signedIn = async (sendWith: (token: string) => Promise<unknown>): Promise<unknown> => {
    const token = await session.token()
    try {
      return await sendWith(token)
    } catch (failure) {
      if (!isFailure(failure, 'NOT_SIGNED_IN')) throw failure
      // A refused token did nothing, so even a write may be sent again, once.
      session.forget(token)
      return sendWith(await session.token())
    }
  }

  const sendOnce = (name: CallName, ask: AnyAsk): Promise<unknown> =>
    routeOf(name).caller === 'anyone' ? send(name, ask, null) : signedIn((token) => send(name, ask, token))

  const uploadFile = (ask: PictureAsk): Promise<unknown> =>
    signedIn((token) =>
      exchangeFile({
        ...ask,
        path: routePath('uploadFile'),
        header: { Authorization: `Bearer ${token}` },
        timeoutMs: UPLOAD_TIMEOUT_MS,
      }),
    )

  /** Reads are repeated where the error table says it helps. Writes never are: the shopper decides. */
  const call = async (name: CallName, ask: AnyAsk): Promise<unknown> => {
    for (let repetition = 0; ; repetition += 1) {
      try {
        return await sendOnce(name, ask)
      } catch (failure) {
        const pauseMs = routeOf(name).method === 'GET' ? pauseBeforeRepeat(failure, repetition) : null
        if (pauseMs === null) throw failure
        await wait(pauseMs)
      }
    }
  }

  const names = Object.keys(ROUTES) as CallName[]
  const calls = names.map((name) => [name, (ask: AnyAsk = {}) => call(name, ask)] as const)
  // The one place where an answer gets its type: our server and this client are generated from one contract.
  return { ...Object.fromEntries(calls), uploadFile } as unknown as Api
}

export const api: Api = createApi()
