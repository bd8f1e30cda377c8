/** @module Mounts one call of the contract: identify, parse, handle, wrap. */
import { type CallData, type Caller, type JsonCallName, ROLES, ROUTES, type Role } from '@yuanlu/contract'
import { CALLS, idempotencyKey } from '@yuanlu/contract/schemas'
import type { Result } from '@yuanlu/shop'
import type { Context, Hono } from 'hono'
import type * as z from 'zod/mini'
import type { ApiDeps } from './app.ts'
import type { AppEnv } from './base-app.ts'
import { clientIp } from './client-ip.ts'
import { HttpRefusal, httpRefusal } from './envelope.ts'
import { ownOrigin } from './own-origin.ts'
import { parseInput, readJson } from './read-json.ts'
import { hideInternalNotes } from './shopper-notes.ts'
import { showEvidence } from './show-evidence.ts'
import { singleQuery } from './single-query.ts'

export interface Identity {
  readonly openid: string
  readonly sessionId: string
}

type IdentityOf<N extends JsonCallName> = (typeof ROUTES)[N]['caller'] extends 'anyone' ? null : Identity
type BodyOf<N extends JsonCallName> = (typeof CALLS)[N] extends {
  readonly body: infer S extends z.ZodMiniType
}
  ? z.output<S>
  : undefined

/** What a handler is given: everything parsed, everybody identified. */
export interface CallInput<N extends JsonCallName> {
  readonly identity: IdentityOf<N>
  readonly params: z.output<(typeof CALLS)[N]['params']>
  readonly query: z.output<(typeof CALLS)[N]['query']>
  readonly body: BodyOf<N>
  /** Empty where the call takes none. */
  readonly idempotencyKey: string
  readonly ip: string
  /** Where the caller found us: the beginning of our own addresses. */
  readonly origin: string
}

export type Handlers = { readonly [N in JsonCallName]: (input: CallInput<N>) => Promise<CallData<N>> }

/** The value of a use case's answer, or its refusal on the way to the caller. */
export const unwrap = <T>(result: Result<T>): T => {
  if (result.ok) return result.value
  throw new HttpRefusal(result.refusal)
}

export const mountCall = <N extends JsonCallName>(
  app: Hono<AppEnv>,
  deps: ApiDeps,
  name: N,
  handle: (input: CallInput<N>) => Promise<CallData<N>>,
): void => {
  const route = ROUTES[name]
  const schema: { params: z.ZodMiniType; query: z.ZodMiniType; body?: z.ZodMiniType } = CALLS[name]
  app.on(route.method, route.path, async (c) => {
    const ip = callerIp(c, deps)
    const identity = await findIdentity(c, deps, { caller: route.caller, ip })
    const params = schema.params.safeParse(c.req.param())
    // An id that we never could have given out is an id that is not there.
    if (!params.success) throw httpRefusal('NOT_FOUND', 'there is no such thing')
    const input = {
      identity,
      params: params.data,
      query: parseInput(schema.query, singleQuery(c), 'query'),
      body:
        schema.body === undefined ? undefined : parseInput(schema.body, await readJson(c.req.raw), 'body'),
      idempotencyKey: 'idempotent' in route ? readIdempotencyKey(c) : '',
      ip,
      origin: ownOrigin(c, deps),
    }
    // The schemas of this call made these members; TypeScript can't follow that through the table.
    const data = await handle(input as CallInput<N>)
    if (identity === null) return c.json({ ok: true, data })
    const viewer = identity.sessionId
    const addressOf = (fileId: string) => `${input.origin}${deps.uploadUrls.sign({ fileId, viewer })}`
    const shown = showEvidence(data, addressOf)
    return c.json({ ok: true, data: route.caller === 'shopper' ? hideInternalNotes(shown) : shown })
  })
}

export const callerIp = (c: Context<AppEnv>, deps: Pick<ApiDeps, 'trustProxy'>): string =>
  c.env?.caller?.ip ??
  clientIp({
    socketAddress: c.env?.incoming?.socket.remoteAddress ?? '127.0.0.1',
    forwardedFor: c.req.header('x-forwarded-for'),
    trustProxy: deps.trustProxy,
  })

const findIdentity = async (
  c: Context<AppEnv>,
  deps: ApiDeps,
  { caller, ip }: { readonly caller: Caller; readonly ip: string },
): Promise<Identity | null> => {
  if (caller !== 'anyone') return identify(c, deps, { caller, ip })
  limit(deps.limits.anyone.take(ip, deps.clock()))
  return null
}

/**
 * Whose token this is, or whom WeChat vouches for; within their rate, and allowed to make such a call. Refused otherwise.
 */
export const identify = async (
  c: Context<AppEnv>,
  deps: ApiDeps,
  input: { readonly caller: Exclude<Caller, 'anyone'>; readonly ip: string },
): Promise<Identity> => {
  const vouchedFor = c.env?.caller?.openid ?? null
  const identity =
    vouchedFor === null
      ? await tokenHolder(c.req.header('authorization'), deps)
      : await deps.tokens.vouched(vouchedFor)
  if (identity === null) {
    // Whoever tries tokens is nobody yet: counted by address, as all who are not signed in.
    limit(deps.limits.anyone.take(input.ip, deps.clock()))
    throw httpRefusal('NOT_SIGNED_IN', 'sign in with POST /v1/sessions first')
  }
  limit(deps.limits.signedIn.take(identity.openid, deps.clock()))
  // Read at the moment of the call: whoever lost a role between opening the page and tapping has lost it.
  if (input.caller !== 'shopper' && !mayCall(input.caller, await deps.store.staff.roleOf(identity.openid)))
    throw httpRefusal('NOT_ALLOWED', 'this is for staff with a higher role')
  return identity
}

const tokenHolder = async (authorization: string | undefined, deps: ApiDeps): Promise<Identity | null> => {
  const token = /^Bearer ([A-Za-z0-9._-]{1,2048})$/.exec(authorization ?? '')?.[1]
  return token === undefined ? null : deps.tokens.verify(token)
}

const NEEDED = { staff: 'support', finance: 'finance', owner: 'owner' } as const satisfies Partial<
  Record<Caller, Role>
>

const mayCall = (caller: keyof typeof NEEDED, role: Role | null): boolean =>
  role !== null && ROLES.indexOf(role) >= ROLES.indexOf(NEEDED[caller])

export const limit = (waitSeconds: number): void => {
  if (waitSeconds > 0)
    throw new HttpRefusal(
      { code: 'TOO_MANY_REQUESTS', message: `wait ${waitSeconds} s` },
      { 'Retry-After': String(waitSeconds) },
    )
}

const readIdempotencyKey = (c: Context<AppEnv>): string => {
  const key = c.req.header('idempotency-key')
  if (key === undefined)
    throw httpRefusal('INVALID_INPUT', 'Idempotency-Key: is required', { field: 'Idempotency-Key' })
  return parseInput(idempotencyKey, key, 'Idempotency-Key')
}
