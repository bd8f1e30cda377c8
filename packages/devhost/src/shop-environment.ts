/** @module The environment that the backend is started with: the same variables as in production, filled from the sandbox. */
import type { SandboxInfo } from 'wechat-sandbox'
import { MESSAGE_TEMPLATES } from './message-templates.ts'
import { OWNER } from './people.ts'
import type { Environment } from './settings.ts'

/**
 * What a developer may choose for the local shop. Everything that names a merchant, a key or an address of WeChat is left
 * out on purpose: whatever their shell holds, `npm start` talks to the sandbox and to nothing else.
 */
const CHOOSABLE = [
  'JOBS',
  'LOG_LEVEL',
  'MERCHANT_OWNER_OPENIDS',
  'ORDER_TTL_MINUTES',
  'REFUND_AUTO_APPROVE_HOURS',
  'REFUND_SECOND_APPROVAL_FEN',
  'RETURN_ADDRESS',
  'RETURN_DAYS',
  'WXPAY_API',
  'WXPAY_V2_SIGN_TYPE',
  'CATALOGUE_FILE',
  'JOBS_TOKEN',
  'SESSION_SECRET',
  'SESSION_SECRET_PREVIOUS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
] as const

export function shopEnvironment(input: {
  readonly env: Environment
  readonly port: number
  /** STORE, and what reaches it. */
  readonly store: Environment
  readonly sandbox: SandboxInfo
  readonly sessionSecret: string
  readonly jobsToken: string
  readonly catalogueFile: string
}): Environment {
  const { env, port, sandbox } = input
  const chosen = CHOOSABLE.map((name) => [name, env[name]] as const).filter(
    ([, value]) => value !== undefined && value.trim() !== '',
  )
  return {
    SESSION_SECRET: input.sessionSecret,
    JOBS_TOKEN: input.jobsToken,
    CATALOGUE_FILE: input.catalogueFile,
    MERCHANT_OWNER_OPENIDS: OWNER.openid,
    ...Object.fromEntries(chosen),
    ...input.store,
    HOST: '127.0.0.1',
    PORT: String(port),
    NOTIFY_BASE_URL: `http://127.0.0.1:${port}`,
    WX_APPID: sandbox.appid,
    WX_APPSECRET: sandbox.appSecret,
    WX_API_BASE: sandbox.apiBaseUrl,
    ...Object.fromEntries(
      Object.entries(MESSAGE_TEMPLATES).map(([variable, { templateId }]) => [variable, templateId]),
    ),
    WXPAY_MCHID: sandbox.mchid,
    WXPAY_BASE_URL: sandbox.baseUrl,
    WXPAY_V2_KEY: sandbox.v2Key,
    WXPAY_V3_KEY: sandbox.v3Key,
    WXPAY_CERT_FILE: sandbox.certFile,
    WXPAY_KEY_FILE: sandbox.keyFile,
    WXPAY_PUBLIC_KEY_ID: sandbox.publicKeyId,
    WXPAY_PUBLIC_KEY_FILE: sandbox.publicKeyFile,
  }
}
