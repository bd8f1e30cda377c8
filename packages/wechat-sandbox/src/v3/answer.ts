/**
 * @module APIv3 answers: JSON with a signature of the platform, and errors in WeChat Pay's words without one.
 */
import { createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { type Core, newNumber } from '../core.ts'
import type { FaultRecord } from '../faults.ts'
import { HEX, randomText } from '../identity/random-text.ts'
import type { Signer } from '../state/tables.ts'

/** What a handler decided, before it is signed and sent. */
export type V3Answer =
  | { readonly kind: 'json'; readonly status: 200; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'done'; readonly status: 204 }
  | { readonly kind: 'empty'; readonly status: 404 | 405 }
  /** A bill: sent as it is, without a signature. */
  | {
      readonly kind: 'file'
      readonly status: 200
      readonly contentType: string
      readonly content: Buffer
    }
  | {
      readonly kind: 'error'
      readonly status: number
      readonly code: string
      readonly message: string
      readonly detail?: Readonly<Record<string, unknown>>
      /** WeChat's numeric error code: the suffix of the Request-ID. */
      readonly number?: number
      readonly withoutRequestId?: boolean
    }

export interface SentAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

export function errorAnswer(
  status: number,
  code: string,
  message: string,
  more: { detail?: Readonly<Record<string, unknown>>; number?: number; withoutRequestId?: boolean } = {},
): V3Answer {
  return { kind: 'error', status, code, message, ...more }
}

/** A refusal of one member: `location` is where it was, `field` its JSON pointer or name. */
export function parameterError(refusal: {
  location: 'body' | 'url' | 'query' | 'header'
  field: string
  value: unknown
  issue: string
  message: string
  number?: number
}): V3Answer {
  const { location, field, issue, message, number } = refusal
  const value = refusal.value === undefined ? '' : refusal.value
  return errorAnswer(400, 'PARAM_ERROR', message, {
    detail: { field, value, issue, location },
    ...(number === undefined ? {} : { number }),
  })
}

/** Turns the decision into bytes. Only 2xx answers are signed; a fault may spoil the signature. */
export function sealV3(
  core: Core,
  answer: V3Answer,
  signer: Signer,
  fault: FaultRecord | undefined,
): SentAnswer {
  switch (answer.kind) {
    case 'empty':
      return { status: answer.status, headers: { 'Request-ID': requestId() }, body: '' }
    case 'file':
      return {
        status: answer.status,
        headers: { 'Content-Type': answer.contentType, 'Request-ID': requestId(0) },
        body: answer.content,
      }
    case 'error': {
      const { code, message, detail } = answer
      return {
        status: answer.status,
        headers: {
          'Content-Type': 'application/json; charset=utf-8',
          ...(answer.withoutRequestId === true ? {} : { 'Request-ID': requestId(answer.number) }),
        },
        body: JSON.stringify({ code, ...(detail === undefined ? {} : { detail }), message }),
      }
    }
    case 'json':
    case 'done': {
      const body = answer.kind === 'json' ? JSON.stringify(answer.body) : ''
      return {
        status: answer.status,
        headers: {
          ...(answer.kind === 'json' ? { 'Content-Type': 'application/json; charset=utf-8' } : {}),
          'Request-ID': requestId(0),
          ...signatureHeaders(core, signer, body, fault?.fault),
        },
        body,
      }
    }
  }
}

/** Twice what is tolerated. */
const STALE_MS = 600_000

/** The five Wechatpay-* headers over `timestamp\nnonce\nbody\n`, or what a fault makes of them. */
export function signatureHeaders(
  core: Core,
  signer: Signer,
  body: string,
  fault: string | undefined,
): Record<string, string> {
  if (fault === 'unsigned' || fault === 'unsigned-notification') return {}
  const { identity, platform } = core
  const by = signedBy(signer, fault)
  const ageMs = fault === 'stale-timestamp' ? STALE_MS : 0
  const timestamp = String(Math.floor((core.clock.real() - ageMs) / 1000))
  const nonce = newNumber.nonce()
  const key =
    fault === 'forged-notification'
      ? strangersKey()
      : by === 'public-key'
        ? identity.publicModeKey
        : platform.active().key
  const signed = fault === 'wrong-signature' ? `${body} ` : body
  const signature = createSign('RSA-SHA256').update(`${timestamp}\n${nonce}\n${signed}\n`).sign(key, 'base64')
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': by === 'public-key' ? identity.publicKeyId : platform.active().serialNo,
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    'Wechatpay-Signature': fault === 'probe' ? probeSignature() : signature,
  }
}

/** While a merchant moves to the public key (灰度切换), and back, some messages come under the other of the two. */
function signedBy(signer: Signer, fault: string | undefined): Signer {
  if (fault === 'public-key-ramp') return 'public-key'
  return fault === 'public-key-rollback' ? 'certificate' : signer
}

// WeChat Pay's own deliberate wrong signature (签名探测流量); its length need not be a multiple of four.
function probeSignature(): string {
  return `WECHATPAY/SIGNTEST/${randomBytes(239).toString('base64').replace(/=+$/, '')}`
}

let stranger: KeyObject | undefined

function strangersKey(): KeyObject {
  stranger ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  return stranger
}

function requestId(number?: number): string {
  const id = `08${randomText(38, HEX).toUpperCase()}`
  return number === undefined ? id : `${id}-${number}`
}
