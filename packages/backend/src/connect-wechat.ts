/** @module WeChat Pay and the platform, connected from the configuration: both protocols, always. */
import { createPaymentGateway, createPlatform } from '@yuanlu/gateway-wechat'
import type { Clock } from '@yuanlu/shop'
import { createNotificationReader, createWxpayV2, createWxpayV3, WxpayError } from 'wxpay-core'
import { type BackendConfig, ConfigError } from './config.ts'

export interface WechatOptions {
  readonly config: BackendConfig
  /** The clock of the shop's rules. Signatures always use real time. */
  readonly clock: Clock
  /** A certificate authority to trust besides the usual ones, PEM: the local sandbox's. */
  readonly extraCaPem?: string | undefined
  /** The protocol of new trades, where it may change while running. Default the configuration's. */
  readonly newTradesApi?: (() => 'v2' | 'v3') | undefined
  /** For events with an end: a cloud function has a time limit, a notification must be answered. Default: those of wxpay-core. */
  readonly callLimits?: Partial<CallLimits> | undefined
}

/** How long calls to WeChat Pay and the platform may take. */
export interface CallLimits {
  readonly timeoutMs: number
  /** The longest wait of a refund for its turn. */
  readonly refundPaceMs: number
  /** What is left for a call that begins now. */
  readonly timeLeftMs: () => number
}

export type Wechat = ReturnType<typeof connectClients>

/** Which variable a key or certificate of wxpay-core came from. */
const VARIABLES: Readonly<Record<string, string>> = {
  mchid: 'WXPAY_MCHID',
  appid: 'WX_APPID',
  key: 'WXPAY_V2_KEY',
  apiV3Key: 'WXPAY_V3_KEY',
  privateKeyPem: 'WXPAY_KEY_FILE',
  certificatePem: 'WXPAY_CERT_FILE',
  publicKey: 'WXPAY_PUBLIC_KEY_FILE',
  'publicKey.id': 'WXPAY_PUBLIC_KEY_ID',
  'publicKey.pem': 'WXPAY_PUBLIC_KEY_FILE',
  baseUrl: 'WXPAY_BASE_URL',
  backupUrl: 'WXPAY_BACKUP_URL',
}

/** Keys that do not fit each other are found here, and named by the variable they came from. */
export const connectWechat = (options: WechatOptions): Wechat => {
  try {
    return connectClients(options)
  } catch (error) {
    if (!(error instanceof WxpayError) || error.code !== 'ERR_WXPAY_CONFIG') throw error
    const variable = VARIABLES[error.member ?? ''] ?? 'WXPAY_KEY_FILE'
    throw new ConfigError([{ variable, problem: error.message }])
  }
}

/** Both protocols, always: a trade keeps the one it was made with. */
const connectClients = (options: WechatOptions) => {
  const { appid, appSecret, apiBaseUrl, notifyBaseUrl, wxpay } = options.config
  const { mchid } = wxpay
  const connection = {
    baseUrl: wxpay.baseUrl,
    ...(wxpay.backupUrl === wxpay.baseUrl ? {} : { backupUrl: wxpay.backupUrl }),
    ...(options.extraCaPem === undefined ? {} : { ca: options.extraCaPem }),
    ...options.callLimits,
  }
  const v3Config = {
    appid,
    mchid,
    apiV3Key: wxpay.v3Key,
    privateKeyPem: wxpay.keyPem,
    certificatePem: wxpay.certPem,
    ...(wxpay.publicKey === null ? {} : { publicKey: wxpay.publicKey }),
    ...connection,
  }
  const v3 = createWxpayV3(v3Config)
  const v2 = createWxpayV2({
    appid,
    mchid,
    key: wxpay.v2Key,
    signType: wxpay.v2SignType,
    // Refunds need the merchant's client certificate (商户API证书).
    certPem: wxpay.certPem,
    keyPem: wxpay.keyPem,
    ...connection,
  })
  const platform = createPlatform({
    appid,
    appSecret,
    baseUrl: apiBaseUrl,
    templates: options.config.templates,
    ...(options.extraCaPem === undefined ? {} : { extraCaPem: options.extraCaPem }),
    ...(options.callLimits?.timeoutMs === undefined ? {} : { timeoutMs: options.callLimits.timeoutMs }),
    timeLeftMs: options.callLimits?.timeLeftMs,
  })
  return {
    platform,
    gateway: createPaymentGateway({
      clients: { v2, v3 },
      newTradesApi: options.newTradesApi ?? (() => wxpay.api),
      notifyBaseUrl,
      clock: options.clock,
    }),
    notifications: createNotificationReader({
      appid,
      mchid,
      v2: { key: wxpay.v2Key, signType: wxpay.v2SignType },
      v3: { apiV3Key: wxpay.v3Key, verifier: v3.verifier },
    }),
    settled: () => v3.verifier.settled(),
    destroy: () => {
      v2.destroy()
      v3.destroy()
      platform.destroy()
    },
  }
}
