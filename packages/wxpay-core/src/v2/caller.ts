/** @module Everything that APIv2 calls of one merchant share: the key, connections with and without the certificate. */
import { badConfig } from '../checks.ts'
import type { ConnectionConfig } from '../client.ts'
import { createRefundPace, type RefundPace } from '../refund-pace.ts'
import {
  type ClientIdentity,
  createTransport,
  userAgent,
  type WireAnswer,
  type WireRequest,
} from '../transport.ts'
import { believeV2, type V2Answer } from './answer.ts'
import { signedDocument } from './request.ts'
import { createV2Signer, type V2Signer, type V2SignType, type V2Value } from './sign.ts'

/** What a request is made of, before it is signed. */
export type RequestMembers = Readonly<Record<string, V2Value>>

/** The key of a merchant, and where its calls go. */
export interface V2CallerConfig extends ConnectionConfig {
  readonly key: string
  readonly signType: V2SignType
  readonly identity: ClientIdentity | undefined
}

/** Makes calls in the merchant's name. */
export interface V2Caller {
  readonly signer: V2Signer
  /** Keeps refunds that fail under WeChat's limit. */
  readonly refundPace: RefundPace
  /** Signs and sends; the members of a believed answer. `mutual` shows the client certificate. */
  call(path: string, members: RequestMembers, by?: 'mutual'): Promise<V2Answer>
  /** Signs with the algorithm given and sends; whatever comes back, for what is no XML. */
  download(
    path: string,
    members: RequestMembers & { readonly sign_type: V2SignType },
    limits: NonNullable<WireRequest['download']>,
    by?: 'mutual',
  ): Promise<WireAnswer>
  /** @throws WxpayError `ERR_WXPAY_CONFIG` without a client certificate, which `forWhat` needs */
  assertIdentity(forWhat: string): void
  /** Seconds since the epoch, as payment parameters write them. */
  seconds(): string
  destroy(): void
}

/** @throws WxpayError `ERR_WXPAY_CONFIG` */
export function createV2Caller(config: V2CallerConfig): V2Caller {
  const clock = config.clock ?? Date.now
  const signer = createV2Signer(config.key, config.signType)
  const transport = createTransport(config)
  // Connections of their own: one that has shown the certificate is used for nothing else.
  const mutual = config.identity && createTransport(config, config.identity)

  function send(path: string, body: string, by: 'mutual' | undefined, download?: WireRequest['download']) {
    const request: WireRequest = { method: 'POST', path, headers, body, ...(download && { download }) }
    return (by === 'mutual' && mutual !== undefined ? mutual : transport).send(request)
  }

  return {
    signer,
    refundPace: createRefundPace(config.refundPaceMs),
    seconds: () => String(Math.floor(clock() / 1000)),

    async call(path, members, by) {
      const answer = await send(path, signedDocument(members, signer), by)
      return believeV2(answer, signer, members)
    },

    download(path, members, limits, by) {
      const { sign_type: signType } = members
      const own = signType === signer.signType ? signer : createV2Signer(config.key, signType)
      return send(path, signedDocument(members, own), by, limits)
    },

    assertIdentity(forWhat) {
      if (mutual !== undefined) return
      throw badConfig('certPem', `given together with keyPem: ${forWhat} need the client certificate`)
    },

    destroy() {
      transport.destroy()
      mutual?.destroy()
    },
  }
}

const headers = {
  Accept: 'text/xml, text/plain',
  'Content-Type': 'text/xml; charset=utf-8',
  'User-Agent': userAgent,
}
