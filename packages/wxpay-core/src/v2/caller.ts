/** @module Everything that APIv2 calls of one merchant share: the key, connections with and without the certificate. */
import { badConfig } from '../checks.ts'
import type { ConnectionConfig } from '../client.ts'
import { createRefundPace } from '../refund-pace.ts'
import {
  type ClientIdentity,
  createTransport,
  type Transport,
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
  readonly timeLeftMs: ConnectionConfig['timeLeftMs']
  /** Signs and sends; the members of a believed answer. */
  call(path: string, members: RequestMembers): Promise<V2Answer>
  /** A call that moves money: shows the client certificate, keeps to WeChat's limit for failing ones, is written once. */
  refund(path: string, members: RequestMembers): Promise<V2Answer>
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

  const refundPace = createRefundPace(config)

  function send(
    path: string,
    members: RequestMembers,
    by: Transport = transport,
    how?: Pick<WireRequest, 'download' | 'once'>,
    own = signer,
  ): Promise<WireAnswer> {
    return by.send({ method: 'POST', path, headers, body: signedDocument(members, own), ...how })
  }

  return {
    signer,
    timeLeftMs: config.timeLeftMs,
    seconds: () => String(Math.floor(clock() / 1000)),

    async call(path, members) {
      return believeV2(await send(path, members), signer, members)
    },

    refund: (path, members) =>
      refundPace.run(async () =>
        believeV2(await send(path, members, mutual, { once: true }), signer, members),
      ),

    download(path, members, download, by) {
      const { sign_type: signType } = members
      const own = signType === signer.signType ? signer : createV2Signer(config.key, signType)
      return send(path, members, by && mutual, { download }, own)
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
