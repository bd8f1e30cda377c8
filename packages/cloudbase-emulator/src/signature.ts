/**
 * @module Checks the TC3-HMAC-SHA256 signature as CloudBase's own flavour of it is made: over the members of the body.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { CloudError } from './cloud-error.ts'

export interface Credentials {
  readonly secretId: string
  readonly secretKey: string
}

export interface SignedRequest {
  readonly method: string
  /** Path with query, as received. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  /** The members that were signed: JSON values, or bytes of a multipart form. */
  readonly members: Readonly<Record<string, unknown>>
}

const MAX_AGE_SECONDS = 600
const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/tcb\/tc3_request, SignedParams=([^,]*), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/

/** @throws CloudError SIGN_PARAM_INVALID that says what is wrong, without saying what would be right. */
export function assertSigned(request: SignedRequest, credentials: Credentials, nowMs: number): void {
  const match = AUTHORIZATION.exec(request.headers.authorization ?? '')
  if (match === null) throw refused('the request carries no TC3-HMAC-SHA256 signature')
  const [, secretId = '', date = '', signedParams = '', signedHeaders = '', signature = ''] = match
  const timestamp = Number(request.headers['x-timestamp'])
  if (!Number.isInteger(timestamp) || Math.abs(nowMs / 1000 - timestamp) > MAX_AGE_SECONDS) {
    throw refused('X-Timestamp is missing or more than ten minutes off')
  }
  if (secretId !== credentials.secretId) throw refused('the secret id is unknown')
  const params = signedParams === '' ? [] : signedParams.split(';')
  const names = Object.keys(request.members).map((name) => name.toLowerCase())
  // An empty member is left out of the signature by the SDK itself.
  const unsigned = Object.entries(request.members).find(
    ([name, value]) => !isEmpty(value) && !params.includes(encoded(name)),
  )
  if (unsigned !== undefined) throw refused(`the member ${unsigned[0]} is not signed`)
  if (names.length !== new Set(names).size) throw refused('a member is there twice')
  const headers = signedHeaders.split(';')
  if (!headers.includes('host') || !headers.includes('content-type'))
    throw refused('host and content-type must be signed')
  const scope = `${date}/tcb/tc3_request`
  const text = `TC3-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonicalRequest(request, headers, params))}`
  const key = hmac(hmac(hmac(`TC3${credentials.secretKey}`, date), 'tcb'), 'tc3_request')
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex')))
    throw refused('the signature is wrong')
}

function canonicalRequest(
  { method, target, headers, members }: SignedRequest,
  signedHeaders: readonly string[],
  signedParams: readonly string[],
): string {
  const [path = '', query = ''] = split(target)
  const lines = signedHeaders.map((name) => `${name}:${headerValue(name, headers)}`)
  const values = new Map(Object.entries(members).map(([name, value]) => [encoded(name), value]))
  const payload = createHash('sha256')
  for (const name of signedParams) {
    const value = values.get(name)
    payload.update(`&${name}=`)
    payload.update(
      Buffer.isBuffer(value)
        ? value
        : (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).trim(),
    )
    payload.update('\r\n')
  }
  // The SDK signs the method as it spells it itself, in lower case.
  return [
    ...[method.toLowerCase(), `//${headers.host ?? ''}${path}`, query, `${lines.join('\n')}\n`],
    ...[signedHeaders.join(';'), payload.digest('hex')],
  ].join('\n')
}

// Of a form only the type is signed: the boundary is drawn later.
function headerValue(name: string, headers: IncomingHttpHeaders): string {
  const value = String(headers[name] ?? '')
  if (name !== 'content-type') return value.trim().toLowerCase()
  return value.startsWith('multipart/form-data') ? 'multipart/form-data' : value
}

function split(target: string): readonly [string, string] {
  const at = target.indexOf('?')
  return at === -1 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

function encoded(name: string): string {
  return encodeURIComponent(name.toLowerCase().trim())
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Buffer.isBuffer(value) && value.length === 0)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function refused(why: string): CloudError {
  return new CloudError('SIGN_PARAM_INVALID', `[AuthFailure] ${why}`)
}
