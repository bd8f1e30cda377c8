/** @module Short-lived addresses of uploaded pictures, each signed for one person's session. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@yuanlu/shop'

/**
 * Expiries are multiples of this, and an address lives one to two of them: a page that is refreshed within it gets the
 * address it had, and need not load the picture again.
 */
const STEP_SECONDS = 5 * 60

/** What a signature says: this session may see this picture until then. */
export interface SignedView {
  readonly fileId: string
  /** The session that the address was given to. */
  readonly viewer: string
  /** Seconds since 1970. */
  readonly expires: number
}

export interface UploadUrls {
  /** Path and query of an address that lives five to ten minutes. */
  sign(input: { readonly fileId: string; readonly viewer: string }): string
  /** Whether we signed this and it still holds. */
  holds(view: SignedView, signature: string): boolean
}

export const createUploadUrls = (options: {
  /** The session secrets: the first signs, all are accepted. */
  readonly secrets: readonly string[]
  readonly clock: Clock
}): UploadUrls => {
  // Keys of their own: a signature of an address is never one of a session token.
  const keys = options.secrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', 'yuanlu upload address', 32)),
  )
  const signingKey = keys[0]
  if (signingKey === undefined) throw new Error('a session secret is needed')
  return {
    sign: ({ fileId, viewer }) => {
      const nowSeconds = options.clock() / 1000
      const expires = (Math.floor(nowSeconds / STEP_SECONDS) + 2) * STEP_SECONDS
      const signature = signatureOf(signingKey, { fileId, viewer, expires }).toString('base64url')
      const query = new URLSearchParams({ expires: String(expires), viewer, signature })
      return `/v1/uploads/${encodeURIComponent(fileId)}?${query}`
    },
    holds: (view, signature) => {
      const given = Buffer.from(signature, 'base64url')
      const ours = keys.some((key) => {
        const expected = signatureOf(key, view)
        return given.length === expected.length && timingSafeEqual(given, expected)
      })
      return ours && options.clock() < view.expires * 1000
    },
  }
}

const signatureOf = (key: Buffer, { fileId, viewer, expires }: SignedView): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify([fileId, viewer, expires]))
    .digest()
