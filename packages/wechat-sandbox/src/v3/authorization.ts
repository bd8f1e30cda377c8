/**
 * @module Who is asking: the Authorization header of APIv3, checked in WeChat Pay's order.
 */
import { createVerify } from 'node:crypto'
import type { Core } from '../core.ts'
import { BOUNDS } from '../state/tables.ts'
import { errorAnswer, type V3Answer } from './answer.ts'

const SCHEME = 'WECHATPAY2-SHA256-RSA2048'
const MAX_SKEW_S = 300
const SIGN_ERROR_NUMBER = 268443699

export interface V3Request {
  readonly method: string
  /** Path and query exactly as they came. */
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Address and port the request came in at. */
  readonly localHost: string
}

interface Credentials {
  readonly mchid: string
  readonly nonce: string
  readonly signature: string
  readonly timestamp: string
  readonly serialNo: string
}

/** Nonces of requests that were genuine, so that a copied request is noticed. In memory: 10 minutes, bounded. */
export interface NonceMemory {
  /** False when this nonce was used before. */
  remember(nonce: string, realNow: number): boolean
}

export function openNonces(): NonceMemory {
  const seen = new Map<string, number>()
  return {
    remember(nonce, realNow) {
      if (seen.has(nonce)) return false
      for (const [old, at] of seen) {
        if (realNow - at < 2 * MAX_SKEW_S * 1000 && seen.size < BOUNDS.nonces) break
        seen.delete(old)
      }
      seen.set(nonce, realNow)
      return true
    },
  }
}

/**
 * Refuses what isn't the merchant's own, fresh, correctly signed request; undefined when it is.
 * The transactions calls are terser about it than the others and leave out the Request-ID.
 */
export function checkAuthorization(
  core: Core,
  nonces: NonceMemory,
  request: V3Request,
  isTransactions: boolean,
): V3Answer | undefined {
  const refuse = (message: string, detail?: Readonly<Record<string, unknown>>): V3Answer =>
    errorAnswer(401, 'SIGN_ERROR', message, {
      number: SIGN_ERROR_NUMBER,
      ...(detail === undefined ? {} : { detail }),
      ...(isTransactions ? { withoutRequestId: true } : {}),
    })
  const given = parseAuthorization(request.headers.authorization)
  if (given === undefined) {
    return refuse(
      isTransactions
        ? '签名信息错误，验签失败'
        : 'Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》',
    )
  }
  const { identity, clock } = core
  const realNow = clock.real()
  if (
    !/^\d{1,12}$/.test(given.timestamp) ||
    Math.abs(realNow / 1000 - Number(given.timestamp)) > MAX_SKEW_S
  ) {
    return refuse('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
  }
  if (given.mchid !== identity.mchid) return refuse('Http头Authorization中的mchid与商户证书不匹配')
  // wechatpay-node-v3 reads the serial from the certificate in lower case, and the real service takes it.
  if (given.serialNo.toUpperCase() !== identity.serialNo)
    return refuse('商户证书序列号有误。请使用签名私钥匹配的证书序列号')
  const head = `${request.method}\n${request.url}\n${given.timestamp}\n${given.nonce}\n`
  const message = Buffer.concat([Buffer.from(head), request.body, Buffer.from('\n')])
  const genuine = createVerify('RSA-SHA256')
    .update(message)
    .verify(identity.merchantPublicKey, given.signature, 'base64')
  if (!genuine) {
    return refuse('签名错误', {
      detail: { issue: 'sign not match' },
      field: 'signature',
      location: 'authorization',
      sign_information: {
        method: request.method,
        url: request.url,
        sign_message_length: message.length,
        // Enough to compare with one's own string, not enough to leak a body.
        truncated_sign_message: `${head}${request.body.subarray(0, 8).toString('utf8')}\n`,
      },
    })
  }
  if (!nonces.remember(given.nonce, realNow))
    return refuse('Http头Authorization中的nonce_str已被使用，请勿重放请求')
  return undefined
}

export function parseAuthorization(header: string | string[] | undefined): Credentials | undefined {
  if (typeof header !== 'string' || !header.startsWith(`${SCHEME} `)) return undefined
  const members = new Map<string, string>()
  for (const part of header.slice(SCHEME.length + 1).split(',')) {
    const match = /^\s*([a-z_]+)="([^"]*)"\s*$/.exec(part)
    if (match?.[1] === undefined || match[2] === undefined || members.has(match[1])) return undefined
    members.set(match[1], match[2])
  }
  const mchid = members.get('mchid')
  const nonce = members.get('nonce_str')
  const signature = members.get('signature')
  const timestamp = members.get('timestamp')
  const serialNo = members.get('serial_no')
  if (members.size !== 5 || !mchid || !nonce || nonce.length > 64 || !signature || !timestamp || !serialNo) {
    return undefined
  }
  return { mchid, nonce, signature, timestamp, serialNo }
}
