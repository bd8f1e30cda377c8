/** @module What the HTTP application needs beyond the open shop: tokens, signed addresses, limits. */
import type { OpenShop } from './compose.ts'
import type { AppDeps } from './http/app.ts'
import { createRateLimiter } from './http/rate-limit.ts'
import { createSessionTokens } from './session-tokens.ts'
import { createUploadUrls } from './upload-urls.ts'

export const appDeps = (shop: OpenShop): AppDeps => {
  const { config, clock, store, newId } = shop
  return {
    ...shop,
    tokens: createSessionTokens({
      secrets: config.sessionSecrets,
      appid: config.appid,
      sessions: store.sessions,
      clock,
      newId,
    }),
    uploadUrls: createUploadUrls({ secrets: config.sessionSecrets, clock }),
    messageTemplates: config.templates,
    returnAddress: config.returnAddress,
    trustProxy: config.trustProxy,
    jobsToken: config.jobsToken,
    limits: {
      anyone: createRateLimiter({ burst: 600, perSecond: 60 }),
      signedIn: createRateLimiter({ burst: 300, perSecond: 30 }),
      uploads: createRateLimiter({ burst: 30, perSecond: 0.2 }),
    },
  }
}
